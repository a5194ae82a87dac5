package dashboard

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) productRoutes() {
	d.inStore("GET", "/products", d.listProducts)
	d.inStore("POST", "/products", d.createProduct)
	d.forRole(store.Staff, "GET", "/products/new", d.showNewProduct)
	d.inStore("GET", "/products/{id}", d.showProduct)
	d.inStore("POST", "/products/{id}", d.updateProduct)
	d.forRole(store.Staff, "GET", "/products/{id}/delete", d.askDeleteProduct)
	d.inStore("POST", "/products/{id}/delete", d.deleteProduct)
	d.inStore("POST", "/products/bulk", d.changeProducts)
	d.inStore("POST", "/products/bulk/delete", d.deleteProducts)
}

// treeLimit is how many of a store's categories a page shows.
const treeLimit = 1000

// productList is what the list of products shows.
type productList struct {
	At          string // where the list is
	Here        string // its address as it is narrowed now
	Products    []catalog.Product
	Tree        []catalog.Branch
	Filter      catalog.Filter
	Category    string // as the address has it
	Currency    money.Currency
	Counted     bool // the store owns stock
	Stock       map[catalog.ProductID]int64
	First, Next string
	Tabs        []web.Tab
}

// Narrowed tells whether something keeps products out of the list.
func (l productList) Narrowed() bool {
	return l.Filter.Status != "" || l.Filter.Query != "" || l.Filter.Category != nil
}

func (d *Dashboard) listProducts(w http.ResponseWriter, v *visit) error {
	l := productList{At: v.at("/products"), Here: v.URL.RequestURI(), Filter: productFilter(v.Request), Currency: v.store.Currency, Tabs: productTabs(v.Request)}
	if l.Filter.Category != nil {
		l.Category = l.Filter.Category.String()
	}
	page, err := listed(v.Request, func(p db.Page) ([]catalog.Product, bool, error) {
		return catalog.List(v.Context(), d.DB, v.store.ID, l.Filter, p)
	}, func(x catalog.Product) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	l.Products, l.First, l.Next = page.rows, page.first, page.next
	if l.Counted = v.store.Type.OwnsStock(); l.Counted {
		if l.Stock, err = inventory.Available(v.Context(), d.DB, v.store.ID, l.Products); err != nil {
			return err
		}
	}
	if l.Tree, _, err = catalog.Branches(v.Context(), d.DB, v.store.ID, treeLimit); err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Products", "products")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, productsPage(frame, l))
}

// productFilter reads what the address narrows the list to. What it does not know
// narrows nothing.
func productFilter(r *http.Request) catalog.Filter {
	q := r.URL.Query()
	f := catalog.Filter{Query: strings.TrimSpace(q.Get("q"))}
	if s := catalog.Status(q.Get("status")); slices.Contains(productStatuses, s) {
		f.Status = s
	}
	if c, err := id.Parse(q.Get("category")); err == nil {
		f.Category = &catalog.CategoryID{UUID: c}
	}
	return f
}

var productStatuses = []catalog.Status{catalog.Active, catalog.Draft, catalog.Archived}

func productTabs(r *http.Request) []web.Tab {
	now := productFilter(r).Status
	tabs := []web.Tab{{Label: "All", Href: with(r, map[string]string{"status": "", "after": ""}), Current: now == ""}}
	for _, s := range productStatuses {
		tabs = append(tabs, web.Tab{Label: statusLabel(s), Href: with(r, map[string]string{"status": string(s), "after": ""}), Current: now == s})
	}
	return tabs
}

// statusLabel is what a merchant calls a status.
func statusLabel(s catalog.Status) string {
	switch s {
	case catalog.Draft:
		return "Draft"
	case catalog.Archived:
		return "Archived"
	default:
		return "Active"
	}
}

func statusTone(s catalog.Status) string {
	switch s {
	case catalog.Active:
		return "ok"
	case catalog.Archived:
		return "warn"
	default:
		return ""
	}
}

// prices returns the lowest and the highest price of a product.
func prices(p *catalog.Product) (low, high money.Amount) {
	for i, v := range p.Variants {
		if i == 0 {
			low, high = v.Price, v.Price
		}
		low, high = min(low, v.Price), max(high, v.Price)
	}
	return low, high
}

// firstPicture is the address of a product's first image, or "".
func firstPicture(p *catalog.Product) string {
	if len(p.Images) == 0 {
		return ""
	}
	return p.Images[0].URL
}

// maxPicked is how many products are changed at once.
const maxPicked = 200

// picked returns the products that are ticked in a form.
func picked(r *http.Request) []catalog.ProductID {
	var ids []catalog.ProductID
	for _, s := range r.PostForm["product"] {
		if u, err := id.Parse(s); err == nil && len(ids) < maxPicked {
			ids = append(ids, catalog.ProductID{UUID: u})
		}
	}
	return ids
}

// bulkActions are what can be done to many products at once, but for deleting them.
var bulkActions = map[string]struct {
	status catalog.Status
	done   string
}{
	"activate": {catalog.Active, "set active"},
	"draft":    {catalog.Draft, "made draft"},
	"archive":  {catalog.Archived, "archived"},
}

func (d *Dashboard) changeProducts(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	back := web.LocalPath(v.PostForm.Get("back"), v.at("/products"))
	ids := picked(v.Request)
	if len(ids) == 0 {
		return web.Redirect(w, v.Request, back)
	}
	if v.PostForm.Get("action") == "delete" {
		return d.confirmPage(w, v, "products", web.Form{}, bulkDeletion(v, ids, back))
	}
	action, ok := bulkActions[v.PostForm.Get("action")]
	if !ok {
		return fault.Missing("action")
	}
	n, err := write(v.Context(), d, func(tx *db.Tx) (int, error) {
		return catalog.SetStatus(v.Context(), tx, v.store.ID, ids, action.status)
	})
	if err != nil {
		return err
	}
	return done(w, v, back, countOf(n, "product")+" "+action.done+".")
}

// bulkDeletion asks before products are deleted. The form carries which they are.
func bulkDeletion(v *visit, ids []catalog.ProductID, back string) web.Confirmation {
	many := countOf(len(ids), "product")
	c := web.Confirmation{
		Title: "Delete " + many + "?", About: "Their variants, images and links to categories, suppliers and discounts go with them. Orders keep their lines. This cannot be undone.",
		Action: v.at("/products/bulk/delete"), Button: "Delete " + many, Back: back, Name: many,
		Keep: map[string][]string{"back": {back}},
	}
	for _, p := range ids {
		c.Keep["product"] = append(c.Keep["product"], p.String())
	}
	return c
}

func (d *Dashboard) deleteProducts(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	ids, back := picked(v.Request), web.LocalPath(v.PostForm.Get("back"), v.at("/products"))
	ask := bulkDeletion(v, ids, back)
	if v.PostForm.Get("confirm") != ask.Name {
		return d.refuseQuestion(w, v, "products", fault.Invalidf("confirm", "must be %s", ask.Name), ask)
	}
	n, err := write(v.Context(), d, func(tx *db.Tx) (int, error) {
		deleted := 0
		for _, p := range catalog.InOrder(ids) {
			switch err := inventory.DeleteProduct(v.Context(), tx, v.store.ID, p); {
			case err == nil:
				deleted++
			case !fault.Is(err, fault.NotFound): // somebody else deletes too
				return 0, err
			}
		}
		return deleted, nil
	})
	if err != nil {
		return d.refuseQuestion(w, v, "products", err, ask)
	}
	return done(w, v, back, countOf(n, "product")+" deleted.")
}

// countOf is a number with what is counted: "1 product", "2 products".
func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
