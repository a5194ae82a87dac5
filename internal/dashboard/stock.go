package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) stockRoutes() {
	d.forRole(store.Staff, "GET", "/inventory/set", inStock(d.showSetLevel))
	d.inStore("POST", "/inventory/set", inStock(d.setLevel))
	d.forRole(store.Staff, "GET", "/inventory/variants", inStock(d.findVariants))
	d.forRole(store.Staff, "GET", "/inventory/levels/{level}/adjust", inStock(d.showAdjust))
	d.inStore("POST", "/inventory/levels/{level}/adjust", inStock(d.adjust))
	d.forRole(store.Staff, "GET", "/inventory/levels/{level}/transfer", inStock(d.showTransfer))
	d.inStore("POST", "/inventory/levels/{level}/transfer", inStock(d.transfer))
	d.inStore("GET", "/inventory/levels/{level}/history", inStock(d.showHistory))
}

// level returns the level that the path names.
func (d *Dashboard) level(v *visit) (inventory.Level, error) {
	u, err := pathID(v.Request, "level", "inventory level")
	if err != nil {
		return inventory.Level{}, err
	}
	return inventory.GetLevel(v.Context(), d.DB, v.store.ID, inventory.LevelID{UUID: u})
}

// note is what the ledger keeps of a form beside the numbers.
func note(v *visit) inventory.Note {
	user := v.user.ID.String()
	return inventory.Note{Reference: optional(v.Request, "reference_id"), Notes: optional(v.Request, "notes"), Actor: &user}
}

// stockOverlay is what opens over the inventory.
func stockOverlay(v *visit, title, about string, f web.Form) overlay {
	return overlay{
		title: title, about: about, current: "inventory", refused: f.Values != nil,
		back: web.Crumb{Label: "Inventory", Href: v.at("/inventory")},
	}
}

func (d *Dashboard) showAdjust(w http.ResponseWriter, v *visit) error {
	return d.adjustForm(w, v, web.Form{})
}

func (d *Dashboard) adjustForm(w http.ResponseWriter, v *visit, f web.Form) error {
	l, err := d.level(v)
	if err != nil {
		return err
	}
	content := adjustForm(f, v.URL.Path, backTo(v, v.at("/inventory")), l)
	return d.overlayPage(w, v, stockOverlay(v, "Adjust stock", whole(l), f), content)
}

func (d *Dashboard) adjust(w http.ResponseWriter, v *visit) error {
	l, err := d.level(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form
	move := inventory.Move{Units: int64(number(&f, v.Request, "quantity_change")), Note: note(v)}
	if err = f.Err(); err == nil {
		_, err = d.Stock.Adjust(v.Context(), v.store.ID, l.ID, inventory.Reason(v.PostForm.Get("reason")), move)
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.adjustForm(w, v, f.At("quantity_change"))
	}
	return done(w, v, backTo(v, v.at("/inventory")), "The stock of "+l.ProductTitle+" was adjusted.")
}

func (d *Dashboard) showTransfer(w http.ResponseWriter, v *visit) error {
	return d.transferForm(w, v, web.Form{})
}

func (d *Dashboard) transferForm(w http.ResponseWriter, v *visit, f web.Form) error {
	l, err := d.level(v)
	if err != nil {
		return err
	}
	warehouses, err := d.warehouses(v)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(warehouses, func(x inventory.Warehouse) bool { return x.ID == l.Warehouse })
	content := transferForm(f, v.URL.Path, backTo(v, v.at("/inventory")), v.at("/warehouses"), l, warehouseOptions(others))
	return d.overlayPage(w, v, stockOverlay(v, "Transfer stock", whole(l), f), content)
}

func (d *Dashboard) transfer(w http.ResponseWriter, v *visit) error {
	l, err := d.level(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form
	units := int64(number(&f, v.Request, "quantity"))
	to := chosen(&f, v.Request, "to_warehouse_id")
	if err = f.Err(); err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (inventory.Transferred, error) {
			return d.Stock.Transfer(v.Context(), tx, v.store.ID, l.Variant, l.Warehouse, inventory.WarehouseID{UUID: to}, units, note(v))
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.transferForm(w, v, f.At("quantity"))
	}
	return done(w, v, backTo(v, v.at("/inventory")), web.Count(units)+" of "+l.ProductTitle+" were moved.")
}

// chosen reads the id that a select of a form holds.
func chosen(f *fault.Form, r *http.Request, name string) id.UUID {
	u, err := id.Parse(r.PostForm.Get(name))
	if err != nil {
		f.Addf(name, nil, "must be chosen")
	}
	return u
}

func (d *Dashboard) showSetLevel(w http.ResponseWriter, v *visit) error {
	return d.setLevelForm(w, v, web.Form{}, v.URL.Query())
}

// setLevelForm asks how many there are of what, where. given is what is known: what
// was typed, or what the link to the form named.
func (d *Dashboard) setLevelForm(w http.ResponseWriter, v *visit, f web.Form, given url.Values) error {
	warehouses, err := d.warehouses(v)
	if err != nil {
		return err
	}
	variants, err := d.variantChoice(v, given)
	if err != nil {
		return err
	}
	known, err := d.knownLevel(v, given)
	if err != nil {
		return err
	}
	o := stockOverlay(v, "Set stock level", "What you counted. The difference is written into the history.", f)
	o.drawer = true
	at := v.at("/inventory")
	return d.overlayPage(w, v, o, setLevelForm(f, at, backTo(v, at), variants, warehouseOptions(warehouses), given, known))
}

// knownLevel is the level that a link to the form names; nil where it names none, or
// one that is not there yet.
func (d *Dashboard) knownLevel(v *visit, given url.Values) (*inventory.Level, error) {
	variant, noVariant := id.Parse(given.Get("variant_id"))
	warehouse, noWarehouse := id.Parse(given.Get("warehouse_id"))
	if noVariant != nil || noWarehouse != nil {
		return nil, nil //nolint:nilnil // the form is about any level
	}
	found, _, err := inventory.List(v.Context(), d.DB, v.store.ID, inventory.Filter{
		Variant: &catalog.VariantID{UUID: variant}, Warehouse: &inventory.WarehouseID{UUID: warehouse},
	}, db.Page{Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (d *Dashboard) setLevel(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form
	variant, warehouse := chosen(&f, v.Request, "variant_id"), chosen(&f, v.Request, "warehouse_id")
	to := inventory.Target{Quantity: int64(number(&f, v.Request, "quantity"))}
	to.ReorderPoint, to.ReorderQuantity = units(&f, v.Request, "reorder_point"), units(&f, v.Request, "reorder_quantity")
	err := f.Err()
	var set inventory.Level
	if err == nil {
		set, err = write(v.Context(), d, func(tx *db.Tx) (inventory.Level, error) {
			return d.Stock.Set(v.Context(), tx, v.store.ID, catalog.VariantID{UUID: variant}, &inventory.WarehouseID{UUID: warehouse}, to, note(v))
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.setLevelForm(w, v, f.At("quantity"), v.PostForm)
	}
	return done(w, v, backTo(v, v.at("/inventory")), set.ProductTitle+": "+web.Count(set.Quantity)+" in "+set.WarehouseName+".")
}

// units reads a number of units that may be left out.
func units(f *fault.Form, r *http.Request, name string) *int64 {
	n := optionalNumber(f, r, name)
	if n == nil {
		return nil
	}
	u := int64(*n)
	return &u
}

// findVariants answers a search in the form with what can be chosen.
func (d *Dashboard) findVariants(w http.ResponseWriter, v *visit) error {
	variants, err := d.variantChoice(v, v.URL.Query())
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, variantField(web.Form{}, variants, ""))
}

// offeredProducts is how many products' variants are offered at once.
const offeredProducts = 20

// variantChoice is the variants that a form offers.
type variantChoice struct {
	Options []web.Option
	Product string // all of one product's, and there is no search
	Query   string
	More    bool // a search finds others
}

// variantChoice returns the variants of the product that is named, or of those that
// a search finds, or of the newest. What is not counted is left out.
func (d *Dashboard) variantChoice(v *visit, given url.Values) (variantChoice, error) {
	c := variantChoice{Query: given.Get("q")}
	var products []catalog.Product
	u, err := id.Parse(given.Get("product_id"))
	if err == nil {
		var p catalog.Product
		p, err = catalog.Get(v.Context(), d.DB, v.store.ID, catalog.ProductID{UUID: u})
		products, c.Product = []catalog.Product{p}, p.ID.String()
	} else {
		products, c.More, err = catalog.List(v.Context(), d.DB, v.store.ID, catalog.Filter{Query: c.Query}, db.Page{Limit: offeredProducts})
	}
	for _, p := range products {
		for _, variant := range p.Variants {
			if !variant.TrackInventory {
				continue
			}
			c.Options = append(c.Options, web.Option{Value: variant.ID.String(), Label: variantLabel(p.Title, variant.Title, variant.SKU)})
		}
	}
	return c, err
}

// historySize is how many adjustments a drawer shows at once.
const historySize = 20

func (d *Dashboard) showHistory(w http.ResponseWriter, v *visit) error {
	l, err := d.level(v)
	if err != nil {
		return err
	}
	page, err := listed(v.Request, func(p db.Page) ([]inventory.Adjustment, bool, error) {
		p.Limit = historySize
		return inventory.ListAdjustments(v.Context(), d.DB, v.store.ID, l.ID, p)
	}, func(x inventory.Adjustment) id.UUID { return x.ID })
	if err != nil {
		return err
	}
	h := history{at: v.at(""), user: v.user, adjustments: page.rows, first: page.first, next: page.next}
	if err := d.nameReferences(v, &h); err != nil {
		return err
	}
	if web.Partial(v.Request) && v.URL.Query().Has("page") {
		return web.Render(w, v.Request, http.StatusOK, historyList(h))
	}
	o := stockOverlay(v, "History", whole(l), web.Form{})
	o.drawer = true
	return d.overlayPage(w, v, o, historyContent(l, h))
}

// whole names a level in a line.
func whole(l inventory.Level) string {
	return variantLabel(l.ProductTitle, l.VariantTitle, nil) + " at " + l.WarehouseName
}

// variantLabel names a variant in a line.
func variantLabel(product, variant string, sku *string) string {
	if variant != catalog.DefaultTitle {
		product += " — " + variant
	}
	if sku != nil {
		product += " · " + *sku
	}
	return product
}

func warehouseOptions(warehouses []inventory.Warehouse) []web.Option {
	options := make([]web.Option, len(warehouses))
	for i, x := range warehouses {
		options[i] = web.Option{Value: x.ID.String(), Label: x.Name}
	}
	return options
}

// typedOr is what was typed, or a number that is known.
func typedOr(f web.Form, name string, known *inventory.Level, of func(inventory.Level) int64) string {
	stored := ""
	if known != nil {
		stored = strconv.FormatInt(of(*known), 10)
	}
	return f.Or(name, stored)
}
