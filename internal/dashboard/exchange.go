package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"

	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/db"
	"vitrine/internal/exchange"
	"vitrine/internal/fault"
	"vitrine/internal/job"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) exchangeRoutes() {
	d.inStore("GET", "/products/export", d.exportProducts)
	d.forRole(store.Staff, "GET", "/import", d.askImport)
	d.inStore("POST", "/import", d.rehearseImport)
	d.forRole(store.Staff, "GET", "/import/check/{job}", d.showRehearsal)
	d.inStore("POST", "/import/check/{job}", d.importProducts)
	d.forRole(store.Staff, "GET", "/import/{job}", d.showImport)
}

// exportProducts sends all products as they would be imported again.
func (d *Dashboard) exportProducts(w http.ResponseWriter, v *visit) error {
	return download(w, v, exchange.FileName(v.store), func(out io.Writer) error {
		return exchange.Export(v.Context(), d.DB, v.store, out, web.Origin(v.Request), nil)
	})
}

// download sends a CSV while it is being written.
func download(w http.ResponseWriter, v *visit, name string, write func(io.Writer) error) error {
	out := web.NewDownload(w, name)
	buffer := bufio.NewWriterSize(out, 64<<10)
	err := write(buffer)
	if err == nil {
		err = buffer.Flush()
	}
	if err != nil && out.Begun() {
		out.BreakOff(v.Request, err)
	}
	return err
}

func (d *Dashboard) askImport(w http.ResponseWriter, v *visit) error {
	return d.importForm(w, v, http.StatusOK, web.Form{})
}

func (d *Dashboard) importForm(w http.ResponseWriter, v *visit, status int, f web.Form) error {
	frame, err := d.importFrame(w, v, "Import products")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, status, importPage(frame, f, v.at("/import"), v.at("/products")))
}

func (d *Dashboard) importFrame(w http.ResponseWriter, v *visit, title string) (web.Frame, error) {
	frame, err := d.frame(w, v, title, "products")
	frame.Narrow, frame.Crumbs = true, []web.Crumb{{Label: "Products", Href: v.at("/products")}}
	return frame, err
}

// rehearseImport takes a file and has it looked at. Nothing is imported yet.
func (d *Dashboard) rehearseImport(w http.ResponseWriter, v *visit) error {
	file, err := d.receive(w, v)
	if err == nil {
		defer d.discard(v.Context(), &file)
		err = file.CheckHeader(v.Context(), d.DB)
	}
	var j job.ID
	if err == nil {
		j, err = write(v.Context(), d, func(tx *db.Tx) (job.ID, error) {
			return exchange.Rehearse(v.Context(), tx, v.user.ID, v.store.ID, file)
		})
	}
	if err != nil {
		web.Drain(w, v.Request, 4*exchange.MaxFile)
		f, err := web.Refill(v.Request, err, "file")
		if err != nil {
			return err
		}
		return d.importForm(w, v, http.StatusUnprocessableEntity, f)
	}
	file = nil // the job has it
	return web.Redirect(w, v.Request, v.at("/import/check/"+j.String()))
}

// formMargin is what a form may have around its file.
const formMargin = 1 << 20

// receive stores the file of a form, piece by piece as it comes in.
func (d *Dashboard) receive(w http.ResponseWriter, v *visit) (*exchange.Upload, error) {
	kind, params, err := mime.ParseMediaType(v.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, fault.Invalidf("file", "is missing: choose a CSV file")
	}
	if v.ContentLength > exchange.MaxFile+formMargin {
		return nil, web.ErrFileTooLarge()
	}
	body := web.Patient(w, http.MaxBytesReader(w, v.Body, exchange.MaxFile+formMargin))
	file, err := web.FileInForm(multipart.NewReader(body, params["boundary"]))
	if err != nil {
		return nil, err
	}
	u, err := exchange.Receive(v.Context(), d.DB, v.user.ID, file, exchange.MaxFile)
	return u, web.Unreadable(err)
}

// discard deletes a file that no job has got.
func (d *Dashboard) discard(ctx context.Context, file **exchange.Upload) {
	if *file == nil {
		return
	}
	if err := (*file).Discard(context.WithoutCancel(ctx), d.DB); err != nil {
		slog.WarnContext(ctx, "an upload is left behind", "error", err, "request_id", web.RequestID(ctx))
	}
}

// importWatch is an import, or its rehearsal, on its way.
type importWatch struct {
	At        string // where it is watched
	Job       job.Job
	Rehearsal bool
	Waiting   bool // its file can be imported
	Report    *importReport
	Products  string // where the products are
	Again     string // where another file is chosen
}

// importReport is what the job tells of an import.
type importReport struct {
	ProductsCreated int                   `json:"products_created"`
	ProductsUpdated int                   `json:"products_updated"`
	VariantsCreated int                   `json:"variants_created"`
	VariantsUpdated int                   `json:"variants_updated"`
	LevelsSet       int                   `json:"levels_set"`
	Rows            int                   `json:"rows"`
	Errors          []shopifycsv.RowError `json:"errors"`
	MoreErrors      int                   `json:"more_errors"`
}

// left is how many rows were left out.
func (r *importReport) left() int { return len(r.Errors) + r.MoreErrors }

// nothing tells whether the file changes nothing.
func (r *importReport) nothing() bool {
	return r.ProductsCreated+r.ProductsUpdated+r.VariantsCreated+r.VariantsUpdated+r.LevelsSet == 0
}

func (d *Dashboard) showRehearsal(w http.ResponseWriter, v *visit) error {
	return d.watchImport(w, v, http.StatusOK, web.Form{}, "/import/check/")
}

func (d *Dashboard) showImport(w http.ResponseWriter, v *visit) error {
	return d.watchImport(w, v, http.StatusOK, web.Form{}, "/import/")
}

// watchImport shows how far an import is. The page asks again and again until it is
// done, so it can be left and found again.
func (d *Dashboard) watchImport(w http.ResponseWriter, v *visit, status int, f web.Form, below string) error {
	u, err := pathID(v.Request, "job", "job")
	if err != nil {
		return err
	}
	i := importWatch{At: v.at(below + u.String()), Rehearsal: below == "/import/check/", Products: v.at("/products"), Again: v.at("/import")}
	if i.Job, err = d.Jobs.Get(v.Context(), v.user.ID.UUID, job.ID{UUID: u}); err != nil {
		return err
	}
	if i.Job.Store != v.store.ID.UUID {
		return fault.Missing("job")
	}
	if i.Job.Status == job.Succeeded {
		if err := json.Unmarshal(i.Job.Result, &i.Report); err != nil {
			return err
		}
	}
	if i.Rehearsal {
		if i.Waiting, err = exchange.Rehearsed(v.Context(), d.DB, v.user.ID, v.store.ID, i.Job.ID); err != nil {
			return err
		}
	}
	if web.Partial(v.Request) {
		return web.Render(w, v.Request, status, importState(f, i))
	}
	title := "Importing products"
	if i.Rehearsal {
		title = "Check the import"
	}
	frame, err := d.importFrame(w, v, title)
	if err != nil {
		return err
	}
	frame.Crumbs = append(frame.Crumbs, web.Crumb{Label: "Import", Href: v.at("/import")})
	return web.Render(w, v.Request, status, formAlone(frame, importState(f, i)))
}

// importProducts imports the file that was looked at.
func (d *Dashboard) importProducts(w http.ResponseWriter, v *visit) error {
	u, err := pathID(v.Request, "job", "job")
	if err != nil {
		return err
	}
	j, err := write(v.Context(), d, func(tx *db.Tx) (job.ID, error) {
		return exchange.Confirm(v.Context(), tx, v.user.ID, v.store.ID, job.ID{UUID: u})
	})
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.watchImport(w, v, http.StatusUnprocessableEntity, f, "/import/check/")
	}
	return web.Redirect(w, v.Request, v.at("/import/"+j.String()))
}
