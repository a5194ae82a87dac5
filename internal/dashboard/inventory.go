package dashboard

import (
	"io"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/exchange"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) inventoryRoutes() {
	d.inStore("GET", "/inventory", inStock(d.listInventory))
	d.inStore("POST", "/inventory", inStock(d.setLevels))
	d.inStore("GET", "/inventory/export", inStock(d.exportInventory))
	d.inStore("GET", "/inventory/products/{product}", inStock(d.showProductStock))
}

// trendDays is how far back the small lines go.
const trendDays = 14

// listSize is how many warehouses a choice offers.
const listSize = 200

// stockList is a list of levels as it is shown.
type stockList struct {
	at          string // where the store's pages begin
	levels      []inventory.Level
	trends      map[inventory.LevelID][]int64
	pictures    map[catalog.ProductID]catalog.Image
	first, next string
}

// stockFilter is what an address narrows the inventory to.
type stockFilter struct {
	Stock     string // "low", "out", "reserved", or "" for all
	Warehouse string
	Query     string
	Editing   bool // the numbers are fields
}

func filterOf(r *http.Request) stockFilter {
	q := r.URL.Query()
	return stockFilter{Stock: q.Get("stock"), Warehouse: q.Get("warehouse"), Query: q.Get("q"), Editing: q.Get("edit") != ""}
}

func (f stockFilter) levels() inventory.Filter {
	narrowed := inventory.Filter{Query: f.Query, Low: f.Stock == "low", Out: f.Stock == "out", Held: f.Stock == "reserved"}
	if u, err := id.Parse(f.Warehouse); err == nil {
		narrowed.Warehouse = &inventory.WarehouseID{UUID: u}
	}
	return narrowed
}

// keep is what a search keeps of the filter.
func (f stockFilter) keep() map[string]string {
	kept := map[string]string{"stock": f.Stock, "warehouse": f.Warehouse}
	if f.Editing {
		kept["edit"] = "1"
	}
	return kept
}

func (d *Dashboard) listInventory(w http.ResponseWriter, v *visit) error {
	f := filterOf(v.Request)
	f.Editing = f.Editing && v.role.Includes(store.Staff)
	levels, err := d.stockList(v, f.levels())
	if err != nil {
		return err
	}
	return d.renderInventory(w, v, http.StatusOK, f, levels, web.Form{})
}

func (d *Dashboard) renderInventory(w http.ResponseWriter, v *visit, status int, f stockFilter, levels stockList, form web.Form) error {
	summary, err := inventory.Summarize(v.Context(), d.DB, v.store.ID)
	if err != nil {
		return err
	}
	warehouses, err := d.warehouses(v)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Inventory", "inventory")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, status, inventoryPage(frame, v.Request, f, summary, warehouses, levels, form))
}

// exportInventory sends the levels that the address narrows the list to.
func (d *Dashboard) exportInventory(w http.ResponseWriter, v *visit) error {
	return download(w, v, exchange.LevelsFileName(v.store), func(out io.Writer) error {
		return exchange.ExportLevels(v.Context(), d.DB, v.store.ID, filterOf(v.Request).levels(), out)
	})
}

// stockList reads a page of levels and what was on hand of them lately.
func (d *Dashboard) stockList(v *visit, f inventory.Filter) (stockList, error) {
	page, err := listed(v.Request, func(p db.Page) ([]inventory.Level, bool, error) {
		return inventory.List(v.Context(), d.DB, v.store.ID, f, p)
	}, func(x inventory.Level) id.UUID { return x.ID.UUID })
	l := stockList{at: v.at(""), levels: page.rows, first: page.first, next: page.next}
	if err != nil {
		return l, err
	}
	if l.trends, err = inventory.Trends(v.Context(), d.DB, v.store.ID, l.levels, trendDays, d.DB.Now()); err != nil {
		return l, err
	}
	l.pictures, err = d.pictures(v, l.levels)
	return l, err
}

// pictures are the first pictures of the products that levels are of.
func (d *Dashboard) pictures(v *visit, levels []inventory.Level) (map[catalog.ProductID]catalog.Image, error) {
	products := make([]catalog.ProductID, len(levels))
	for i := range levels {
		products[i] = levels[i].Product
	}
	return catalog.FirstImages(v.Context(), d.DB, v.store.ID, products)
}

func (d *Dashboard) warehouses(v *visit) ([]inventory.Warehouse, error) {
	all, _, err := inventory.ListWarehouses(v.Context(), d.DB, v.store.ID, db.Page{Limit: listSize})
	return all, err
}

// showProductStock is a product's inventory detail page.
func (d *Dashboard) showProductStock(w http.ResponseWriter, v *visit) error {
	u, err := pathID(v.Request, "product", "product")
	if err != nil {
		return err
	}
	p, err := catalog.Get(v.Context(), d.DB, v.store.ID, catalog.ProductID{UUID: u})
	if err != nil {
		return err
	}
	levels, err := d.stockList(v, inventory.Filter{Product: &p.ID})
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, p.Title, "inventory")
	if err != nil {
		return err
	}
	frame.Crumbs = []web.Crumb{{Label: "Inventory", Href: v.at("/inventory")}}
	return web.Render(w, v.Request, http.StatusOK, productStockPage(frame, p, levels, unstocked(p, levels)))
}

// unstocked are a product's variants that are in no warehouse. It is only known when
// all levels fit on the page.
func unstocked(p catalog.Product, l stockList) []catalog.Variant {
	if l.first != "" || l.next != "" {
		return nil
	}
	stocked := map[catalog.VariantID]bool{}
	for _, level := range l.levels {
		stocked[level.Variant] = true
	}
	var none []catalog.Variant
	for _, variant := range p.Variants {
		if !stocked[variant.ID] {
			none = append(none, variant)
		}
	}
	return none
}
