package api

import (
	"bufio"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/db"
	"vitrine/internal/exchange"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

// ImportReport is the result of a job that imports.
type ImportReport struct {
	ProductsCreated int           `json:"products_created"`
	ProductsUpdated int           `json:"products_updated" doc:"Those whose own fields changed."`
	VariantsCreated int           `json:"variants_created"`
	VariantsUpdated int           `json:"variants_updated"`
	LevelsSet       int           `json:"levels_set"`
	Rows            int           `json:"rows" doc:"Rows of the file, those of images too."`
	Errors          []ImportError `json:"errors" nullable:"false" doc:"The rows that were left out, by line."`
	MoreErrors      int           `json:"more_errors" doc:"How many more rows were left out than errors names."`
}

// ImportError is a row that was left out.
type ImportError struct {
	Line    int    `json:"line" doc:"The row's first line in the file; the header is line 1."`
	Column  string `json:"column" doc:"As the file calls it; empty where no single column is to blame."`
	Message string `json:"message" example:"must not be negative"`
}

// ImportResult is what a job that imports shows of its report.
func ImportResult(r exchange.Report) any {
	out := ImportReport{
		ProductsCreated: r.ProductsCreated, ProductsUpdated: r.ProductsUpdated, VariantsCreated: r.VariantsCreated, VariantsUpdated: r.VariantsUpdated,
		LevelsSet: r.LevelsSet, Rows: r.Rows, Errors: make([]ImportError, len(r.Errors)), MoreErrors: r.MoreErrors,
	}
	for i, e := range r.Errors {
		out.Errors[i] = ImportError(e)
		if e.Column == "" {
			out.Errors[i].Message = "The row " + e.Message
		}
	}
	return out
}

type importInput struct {
	StorePath
	DryRun bool `query:"dry_run" doc:"Tell what would be done and write nothing."`
}

func (a *API) exchangeRoutes() {
	const tag = "Products"
	register(a, route{
		method: http.MethodPost, path: storePath + "/products/import", id: "import-products", tag: tag, status: http.StatusAccepted,
		summary: "Import a product CSV of Shopify",
		detail: "The file of up to 64 MiB and 1,000,000 rows is the body itself (`text/csv`), or a file in a form (`multipart/form-data`). " +
			"Products are matched by handle, variants by SKU; the same file twice changes nothing. Rows with a mistake are left out and told. " +
			"The result of the job is `{products_created, products_updated, variants_created, variants_updated, levels_set, rows, errors: [{line, column, message}], more_errors}`: " +
			"`errors` names the first 1,000 rows that were left out, `more_errors` counts the others.",
		file: true, long: true,
		good: []good{{http.StatusAccepted, "The job that imports.", Accepted{}}},
	}, a.importProducts)
	register(a, route{
		method: http.MethodGet, path: storePath + "/products/export", id: "export-products", tag: tag, long: true,
		summary: "Export all products as a CSV of Shopify",
		detail:  "Imported into an empty store it gives the same catalog, but for categories and suppliers. A text that a spreadsheet would take for a formula stands behind an apostrophe, which the import takes off again.",
		good:    []good{{http.StatusOK, "The file.", csvFile{}}},
	}, a.exportProducts)
}

// csvFile is a body that is a CSV.
type csvFile struct{}

// csvBody describes the two ways to send one.
func csvBody() *huma.RequestBody {
	file := &huma.Schema{Type: huma.TypeString, Format: "binary", Description: "The CSV."}
	form := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": file}, Required: []string{"file"}}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"text/csv":            {Schema: &huma.Schema{Type: huma.TypeString}},
		"multipart/form-data": {Schema: form},
	}}
}

func (a *API) importProducts(ctx context.Context, in *importInput) (*answer[any], error) {
	file := received(ctx)
	if err := file.CheckHeader(ctx, a.DB); err != nil {
		return nil, err
	}
	out, err := once(ctx, a, func(tx *db.Tx) (*answer[any], error) {
		j, err := exchange.Later(ctx, tx, caller(ctx).ID, shop(ctx).ID, file.Upload, in.DryRun)
		if err != nil {
			return nil, err
		}
		return accepted(j), nil
	})
	file.given = err == nil
	return out, err
}

func (a *API) exportProducts(ctx context.Context, _ *StorePath) (*huma.StreamResponse, error) {
	s := shop(ctx)
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := unwrap(hctx)
		r = r.WithContext(hctx.Context())
		out := web.NewDownload(w, exchange.FileName(s))
		if err := a.export(r.Context(), s, out, web.Origin(r)); err != nil {
			breakOff(out, r, err)
		}
	}}, nil
}

func (a *API) export(ctx context.Context, s store.Store, out io.Writer, base string) error {
	buffer := bufio.NewWriterSize(out, 64<<10)
	if err := exchange.Export(ctx, a.DB, s, buffer, base, nil); err != nil {
		return err
	}
	return buffer.Flush()
}

// breakOff tells what went wrong or, where the file has begun, cuts the connection:
// half a file must not look like a whole one.
func breakOff(out *web.Download, r *http.Request, err error) {
	if !out.Begun() {
		writeProblem(out.ResponseWriter, r, err)
		return
	}
	out.BreakOff(r, err)
}
