package dashboard

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

// editor is what the page of one product shows.
type editor struct {
	draft
	Form      web.Form
	Store     store.Store
	Domain    string           // of the platform
	Stored    *catalog.Product // nil for a new one
	Action    string           // where the form goes
	Back      string           // the list
	From      int              // which variant is the first one that is shown
	Tree      []catalog.Branch
	Suppliers []catalog.Supplier // to choose from, and those that are linked
	Dirty     bool               // there is something to save
}

// maxEditor bounds the editor's form: 2,000 variants fit.
const maxEditor = 8 << 20

// suppliersShown is how many suppliers the editor lets choose from.
const suppliersShown = 200

func (d *Dashboard) showNewProduct(w http.ResponseWriter, v *visit) error {
	return d.editProduct(w, v, http.StatusOK, editor{draft: newDraft(), Action: v.at("/products"), Dirty: true})
}

func (d *Dashboard) createProduct(w http.ResponseWriter, v *visit) error {
	e, err := d.readEditor(w, v, v.at("/products"), nil)
	if err != nil {
		return err
	}
	if step := v.PostForm.Get("step"); step != "" {
		return d.stepProduct(w, v, e, step)
	}
	if err := e.errPictures(); err != nil {
		return d.refuseProduct(w, v, e, err)
	}
	a := application{draft: e.draft, currency: v.store.Currency}
	made, err := write(v.Context(), d, func(tx *db.Tx) (catalog.Product, error) {
		p := catalog.NewProduct("")
		a.wrong = fault.Form{}
		a.apply(&p)
		made, err := catalog.Create(v.Context(), tx, v.store.ID, p)
		return made, a.explain(err)
	})
	if err != nil {
		return d.refuseProduct(w, v, e, err)
	}
	return done(w, v, v.at("/products/"+made.ID.String()), "The product was added.")
}

func (d *Dashboard) showProduct(w http.ResponseWriter, v *visit) error {
	p, err := d.product(v)
	if err != nil {
		return err
	}
	e := editor{Stored: &p, Action: v.URL.RequestURI(), From: variantsFrom(v.Request)}
	e.draft = draftOf(&p, e.From, v.store.Currency)
	return d.editProduct(w, v, http.StatusOK, e)
}

func (d *Dashboard) updateProduct(w http.ResponseWriter, v *visit) error {
	p, err := d.product(v)
	if err != nil {
		return err
	}
	e, err := d.readEditor(w, v, v.URL.RequestURI(), &p)
	if err != nil {
		return err
	}
	if step := v.PostForm.Get("step"); step != "" {
		return d.stepProduct(w, v, e, step)
	}
	if err := e.errPictures(); err != nil {
		return d.refuseProduct(w, v, e, err)
	}
	a := application{draft: e.draft, currency: v.store.Currency}
	_, err = write(v.Context(), d, func(tx *db.Tx) (catalog.Edit, error) {
		a.wrong = fault.Form{}
		changed, err := inventory.ReviseProduct(v.Context(), tx, v.store.ID, p.ID, a.apply)
		return changed, a.explain(err)
	})
	if err != nil {
		return d.refuseProduct(w, v, e, err)
	}
	return done(w, v, e.Action, "The product was saved.")
}

// product is the one that the path names.
func (d *Dashboard) product(v *visit) (catalog.Product, error) {
	p, err := pathID(v.Request, "id", "product")
	if err != nil {
		return catalog.Product{}, err
	}
	return catalog.Get(v.Context(), d.DB, v.store.ID, catalog.ProductID{UUID: p})
}

// variantsFrom reads which variant the address wants to see first.
func variantsFrom(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("variants"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func (d *Dashboard) readEditor(w http.ResponseWriter, v *visit, action string, stored *catalog.Product) (editor, error) {
	sent, err := d.formWithPictures(w, v, maxEditor)
	if err != nil {
		return editor{}, err
	}
	e := editor{draft: readDraft(v.Request), Stored: stored, Action: action, From: variantsFrom(v.Request), Dirty: true}
	e.takePictures(sent)
	return e, nil
}

// stepProduct does a step, and shows what the form is then.
func (d *Dashboard) stepProduct(w http.ResponseWriter, v *visit, e editor, step string) error {
	var stored []catalog.Variant
	if e.Stored != nil {
		stored = e.Stored.Variants
	}
	in, refusal := e.take(step, stored, v.PostForm.Get("new_supplier"))
	if refusal != "" {
		e.Form.Errors = map[string]string{"options": refusal}
	}
	if !web.Partial(v.Request) {
		return d.editProduct(w, v, http.StatusOK, e)
	}
	if err := d.furnish(v, &e); err != nil {
		return err
	}
	part := map[section]func(editor) templ.Component{imageSection: imageRows, variantSection: variantRows, supplierSection: supplierRows}[in]
	return web.Render(w, v.Request, http.StatusOK, part(e))
}

// refuseProduct shows the editor again, with what is wrong.
func (d *Dashboard) refuseProduct(w http.ResponseWriter, v *visit, e editor, err error) error {
	f, err := web.Refill(v.Request, err)
	if err != nil {
		return err
	}
	if n := len(f.Errors); n > 0 {
		f.Message = "The product was not saved: please look at the " + countOf(n, "field") + " marked below."
	}
	e.Form = f
	return d.editProduct(w, v, http.StatusUnprocessableEntity, e)
}

func (d *Dashboard) editProduct(w http.ResponseWriter, v *visit, status int, e editor) error {
	if err := d.furnish(v, &e); err != nil {
		return err
	}
	title := "Add product"
	if e.Stored != nil {
		title = e.Stored.Title
	}
	frame, err := d.frame(w, v, title, "products")
	if err != nil {
		return err
	}
	frame.Crumbs = []web.Crumb{{Label: "Products", Href: e.Back}}
	return web.Render(w, v.Request, status, productPage(frame, e))
}

// furnish adds what there is to choose from.
func (d *Dashboard) furnish(v *visit, e *editor) (err error) {
	e.Store, e.Domain, e.Back = v.store, d.PlatformDomain, v.at("/products")
	if e.Tree, _, err = catalog.Branches(v.Context(), d.DB, v.store.ID, treeLimit); err != nil {
		return err
	}
	if e.Suppliers, _, err = catalog.ListSuppliers(v.Context(), d.DB, v.store.ID, db.Page{Limit: suppliersShown}); err != nil || e.Stored == nil {
		return err
	}
	for _, l := range e.Stored.Suppliers {
		if slices.ContainsFunc(e.Suppliers, func(s catalog.Supplier) bool { return s.ID == l.Supplier }) {
			continue
		}
		switch s, err := catalog.GetSupplier(v.Context(), d.DB, v.store.ID, l.Supplier); {
		case err == nil:
			e.Suppliers = append(e.Suppliers, s)
		case !fault.Is(err, fault.NotFound): // deleted a moment ago
			return err
		}
	}
	return nil
}

func (d *Dashboard) askDeleteProduct(w http.ResponseWriter, v *visit) error {
	p, err := d.product(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "products", web.Form{}, productDeletion(v, &p))
}

// productDeletion tells what is lost with a product.
func productDeletion(v *visit, p *catalog.Product) web.Confirmation {
	lost := countOf(len(p.Variants), "variant")
	if len(p.Images) > 0 {
		lost += ", " + countOf(len(p.Images), "image")
	}
	if p.ReviewCount > 0 {
		lost += ", " + countOf(int(p.ReviewCount), "review")
	}
	return web.Confirmation{
		Title: "Delete " + p.Title + "?", About: "Lost with it: " + lost + ", and its places in categories, with suppliers and in discounts. Orders keep their lines. This cannot be undone.",
		Action: v.at("/products/" + p.ID.String() + "/delete"), Button: "Delete product", Back: v.at("/products/" + p.ID.String()), Name: p.Title,
	}
}

func (d *Dashboard) deleteProduct(w http.ResponseWriter, v *visit) error {
	p, err := d.product(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	if strings.TrimSpace(v.PostForm.Get("confirm")) != p.Title {
		return d.refuseQuestion(w, v, "products", fault.Invalidf("confirm", "must be the product's title, %s", p.Title), productDeletion(v, &p))
	}
	err = d.DB.InTx(v.Context(), func(tx *db.Tx) error { return inventory.DeleteProduct(v.Context(), tx, v.store.ID, p.ID) })
	if err != nil {
		return d.refuseQuestion(w, v, "products", err, productDeletion(v, &p))
	}
	return done(w, v, v.at("/products"), p.Title+" was deleted.")
}
