package dashboard

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"vitrine/internal/clone"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/job"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) cloneRoutes() {
	d.forRole(store.Owner, "GET", "/clone", d.askClone)
	d.forRole(store.Owner, "POST", "/clone", d.clone)
	d.inStore("GET", "/clone/{job}", d.showClone)
}

func (d *Dashboard) askClone(w http.ResponseWriter, v *visit) error {
	return d.cloneForm(w, v, web.Form{})
}

// cloneForm asks how to clone, beside what would be copied.
func (d *Dashboard) cloneForm(w http.ResponseWriter, v *visit, f web.Form) error {
	plan, err := clone.DryRun(v.Context(), d.DB, v.store, clone.CopyStock)
	if err != nil {
		return err
	}
	full := v.user.StoreLimitError()
	title, about := "Clone Store", "An exact copy of "+v.store.Name+" with ids of its own. What you change in one does not show in the other."
	form := cloneForm(f, v.store, v.at("/clone"), v.at("/settings"), plan, full != nil)
	refused := f.Values != nil
	if web.Partial(v.Request) && !refused {
		return web.Render(w, v.Request, http.StatusOK, inside(web.Dialog(title, about), form))
	}
	return d.formPage(w, v, title, "settings", web.Crumb{Label: "Settings", Href: v.at("/settings")}, refused, form)
}

// clone begins a clone and leads to where it can be watched.
func (d *Dashboard) clone(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	req := clone.Request{Source: v.store.ID, Name: v.PostForm.Get("new_name"), Stock: clone.Stock(v.PostForm.Get("inventory"))}
	if !slices.Contains([]clone.Stock{clone.NoStock, clone.ZeroStock, clone.CopyStock}, req.Stock) {
		req.Stock = clone.NoStock
	}
	err := v.user.StoreLimitError()
	if err == nil {
		err = clone.CheckName(req.Name)
	}
	var j job.ID
	if err == nil {
		j, err = write(v.Context(), d, func(tx *db.Tx) (job.ID, error) { return clone.Later(v.Context(), tx, v.user.ID, req) })
	}
	if err != nil {
		f, err := web.Refill(v.Request, err, "new_name", "inventory")
		if err != nil {
			return err
		}
		return d.cloneForm(w, v, f)
	}
	return web.Redirect(w, v.Request, v.at("/clone/"+j.String()))
}

// showClone shows how far a clone is. The page asks again and again until it is
// done, so it can be left and found again.
func (d *Dashboard) showClone(w http.ResponseWriter, v *visit) error {
	j, err := pathID(v.Request, "job", "job")
	if err != nil {
		return err
	}
	now, err := d.Jobs.Get(v.Context(), v.user.ID.UUID, job.ID{UUID: j})
	if err != nil {
		return err
	}
	made, err := cloned(now)
	if err != nil {
		return err
	}
	state := cloneState(v.at("/clone/"+j.String()), now, made)
	if web.Partial(v.Request) {
		return web.Render(w, v.Request, http.StatusOK, state)
	}
	return d.watchPage(w, v, "Cloning "+v.store.Name, state)
}

func (d *Dashboard) watchPage(w http.ResponseWriter, v *visit, title string, state templ.Component) error {
	frame, err := d.frame(w, v, title, "settings")
	if err != nil {
		return err
	}
	frame.Narrow = true
	return web.Render(w, v.Request, http.StatusOK, formAlone(frame, state))
}

// copied is a store that a clone has made.
type copied struct {
	ID   id.UUID
	Name string
	Slug string
}

// cloned reads the store that a finished job made; nil while it has not.
func cloned(j job.Job) (*copied, error) {
	if j.Status != job.Succeeded {
		return nil, nil //nolint:nilnil // there is none yet
	}
	var result struct{ Store copied }
	err := json.Unmarshal(j.Result, &result)
	return &result.Store, err
}

// cloneSteps are what a clone does, as a merchant reads it, each with the steps that
// the job tells.
var cloneSteps = []struct {
	label string
	of    []string
}{
	{"Categories", []string{"", "categories"}},
	{"Products and variants", []string{"products", "variants"}},
	{"Suppliers and links", []string{"suppliers", "product_categories", "product_suppliers"}},
	{"Themes", []string{"themes"}},
	{"Discounts and tax rules", []string{"discounts", "discount_products", "discount_categories", "tax_rules"}},
	{"Warehouses and finishing", nil},
}

// stepOf returns which of cloneSteps a job is in: the last, unless one knows it.
func stepOf(step string) int {
	for i, s := range cloneSteps {
		if slices.Contains(s.of, step) {
			return i
		}
	}
	return len(cloneSteps) - 1
}

func steps(j job.Job) []web.Step {
	now := stepOf(j.Step)
	all := make([]web.Step, len(cloneSteps))
	for i, s := range cloneSteps {
		all[i].Label = s.label
		switch {
		case j.Status == job.Succeeded || i < now && j.Status == job.Running:
			all[i].State = "done"
		case j.Status == job.Failed && i == now:
			all[i].State = "failed"
		case j.Status == job.Running && i == now:
			all[i].State = "now"
		}
	}
	return all
}

// copiedRow is a line of what would be copied.
type copiedRow struct {
	Label string
	Count int
}

// copiedRows are what a merchant reads of a plan.
func copiedRows(p clone.Plan) []copiedRow {
	return []copiedRow{
		{"Products", p.Copied["products"]},
		{"Variants", p.Copied["variants"]},
		{"Categories", p.Copied["categories"]},
		{"Suppliers", p.Copied["suppliers"]},
		{"Themes", p.Copied["themes"]},
		{"Discounts", p.Copied["discounts"]},
		{"Tax rules", p.Copied["tax_rules"]},
	}
}

// skippedRows are what a clone leaves out and there is some of.
func skippedRows(p clone.Plan) []copiedRow {
	var rows []copiedRow
	for _, r := range []copiedRow{
		{"archived product", p.Skipped["archived_products"]},
		{"expired discount", p.Skipped["expired_discounts"]},
		{"inactive tax rule", p.Skipped["inactive_tax_rules"]},
	} {
		if r.Count > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// defaultName is what a clone is called when nobody says.
func defaultName(s store.Store) string { return s.Name + " (Copy)" }
