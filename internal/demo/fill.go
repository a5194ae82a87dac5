package demo

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/media"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/theme"
)

// filler puts a shop's goods into its store, and remembers what it put there by the
// names that the shop's file gives.
type filler struct {
	tx    *db.Tx
	stock *inventory.Writer
	shop  *shop
	store store.ID
	today time.Time // when the merchant looks, which is later than the stores open
	base  string    // where the drawn pictures are

	media  *media.Service
	photos map[string]store.Picture // of some offers, by their names
	owner  account.ID

	suppliers map[string]catalog.SupplierID
	shelves   map[string]id.UUID
	products  map[string][]id.UUID // by the item's title
	counted   []inventory.Item     // of what is tracked
}

// fill opens a store for the owner with everything that the shop has.
func (f filler) fill(ctx context.Context, s *shop) error {
	opened := store.New(s.Name)
	opened.Type, opened.Currency = store.Type(s.Type), money.Currency(s.Currency)
	opened.Niche, opened.Description, opened.CustomCSS = some(s.Niche), some(s.Description), some(s.CSS)
	opened, err := setup.Open(ctx, f.tx, f.owner, opened)
	if err != nil {
		return err
	}
	f.shop, f.store = s, opened.ID
	f.suppliers, f.shelves, f.products = map[string]catalog.SupplierID{}, map[string]id.UUID{}, map[string][]id.UUID{}
	for _, step := range []func(context.Context) error{f.addSuppliers, f.addShelves, f.addProducts, f.addStock, f.addDiscounts, f.addTaxes, f.addThemes} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("fill %s: %w", s.Name, err)
		}
	}
	return nil
}

func (f *filler) addSuppliers(ctx context.Context) error {
	for _, s := range f.shop.Suppliers {
		added := catalog.NewSupplier(s.Name)
		added.Country, added.Email, added.Phone = some(s.Country), some(s.Email), some(s.Phone)
		added.Website, added.Notes, added.Active = some(s.Website), some(s.Notes), !s.Retired
		if s.LeadDays > 0 {
			added.LeadTimeDays = &s.LeadDays
		}
		added, err := catalog.CreateSupplier(ctx, f.tx, f.store, added)
		if err != nil {
			return err
		}
		f.suppliers[s.Name] = added.ID
	}
	return nil
}

func (f *filler) addShelves(ctx context.Context) error {
	return f.addShelvesBelow(ctx, nil, f.shop.Shelves)
}

func (f *filler) addShelvesBelow(ctx context.Context, parent *catalog.CategoryID, shelves []shelf) error {
	for i, s := range shelves {
		added, err := catalog.CreateCategory(ctx, f.tx, f.store, catalog.Category{
			Name: s.Name, Description: some(s.Text), Parent: parent, Position: i + 1,
		})
		if err != nil {
			return err
		}
		f.shelves[s.Name] = added.ID.UUID
		if err := f.addShelvesBelow(ctx, &added.ID, s.Shelves); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) addProducts(ctx context.Context) error {
	for _, o := range f.shop.offers() {
		p, err := o.product(f.base)
		if err != nil {
			return err
		}
		p.Categories = []catalog.CategoryID{{UUID: f.shelves[o.shelf.Name]}}
		if err := f.show(ctx, o, &p); err != nil {
			return fmt.Errorf("%s: %w", o.title(), err)
		}
		if p, err = catalog.Create(ctx, f.tx, f.store, p); err != nil {
			return fmt.Errorf("%s: %w", o.title(), err)
		}
		code := o.item.Code + "/" + o.line.Code
		_, err = catalog.Link(ctx, f.tx, f.store, p.ID, catalog.SupplierLink{
			Supplier: f.suppliers[o.shelf.Supplier], SupplierSKU: &code, Cost: p.Variants[0].Cost, Primary: true,
		})
		if err != nil {
			return fmt.Errorf("the supplier of %s: %w", o.title(), err)
		}
		f.products[o.item.Title] = append(f.products[o.item.Title], p.ID.UUID)
		f.count(p.Variants)
	}
	return nil
}

// When somebody should order more of a variant, and how much.
var reorderPoint, reorderQuantity int64 = 6, 24

// count takes down how much lies there of the variants that are tracked: of most
// some dozens, of some too little, of a few nothing.
func (f *filler) count(variants []catalog.Variant) {
	for i := range variants {
		v := &variants[i]
		if !v.TrackInventory {
			continue
		}
		units := int64(seedOf(*v.SKU) % 48)
		f.counted = append(f.counted, inventory.Item{
			Variant: &v.ID.UUID,
			Target:  inventory.Target{Quantity: units, ReorderPoint: &reorderPoint, ReorderQuantity: &reorderQuantity},
		})
	}
}

// addStock puts what was counted into the store's warehouse.
func (f *filler) addStock(ctx context.Context) error {
	if len(f.counted) == 0 {
		return nil
	}
	notes := "First count"
	_, faults, err := f.stock.SetAll(ctx, f.tx, f.store, f.counted, inventory.Note{Notes: &notes})
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%d levels were not set, the first because: %s", len(faults), faults[0].Message)
	}
	return err
}

func (f *filler) addDiscounts(ctx context.Context) error {
	for _, d := range f.shop.Discounts {
		added, err := f.discount(d)
		if err != nil {
			return fmt.Errorf("discount %s: %w", d.Code, err)
		}
		if _, err := pricing.CreateDiscount(ctx, f.tx, f.store, added); err != nil {
			return fmt.Errorf("discount %s: %w", d.Code, err)
		}
	}
	return nil
}

func (f *filler) discount(d discount) (pricing.Discount, error) {
	currency := money.Currency(f.shop.Currency)
	var err error
	added := pricing.NewDiscount(d.Code, pricing.FreeShipping)
	switch {
	case d.Percent != "":
		added.Type = pricing.Percentage
		added.Percent, err = money.ParseRate(d.Percent)
	case d.Amount != "":
		added.Type = pricing.FixedAmount
		added.Amount, err = currency.Parse(d.Amount)
	}
	if err == nil && d.Minimum != "" {
		var minimum money.Amount
		minimum, err = currency.Parse(d.Minimum)
		added.MinimumAmount = &minimum
	}
	f.scope(&added, d)
	added.StartsAt, added.ExpiresAt = f.day(d.FromDays), f.day(d.UntilDays)
	if d.Limit > 0 {
		added.UsageLimit = &d.Limit
	}
	if d.Disabled {
		added.Status = pricing.Disabled
	}
	return added, err
}

// scope lets a discount count for what its description names.
func (f *filler) scope(to *pricing.Discount, d discount) {
	switch {
	case len(d.Shelves) > 0:
		to.AppliesTo = pricing.Categories
		for _, name := range d.Shelves {
			to.Categories = append(to.Categories, f.shelves[name])
		}
	case len(d.Items) > 0:
		to.AppliesTo = pricing.Products
		for _, title := range d.Items {
			to.Products = append(to.Products, f.products[title]...)
		}
	}
}

// day is the beginning of the day that comes so many days after today; none for 0.
func (f *filler) day(days int) *time.Time {
	if days == 0 {
		return nil
	}
	day := f.today.Truncate(24*time.Hour).AddDate(0, 0, days)
	return &day
}

func (f *filler) addTaxes(ctx context.Context) error {
	for _, t := range f.shop.Taxes {
		rate, err := money.ParseRate(cmp.Or(t.Rate, "0"))
		if err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		rule := pricing.NewTaxRule()
		rule.Name, rule.Country, rule.State, rule.ZipCode = t.Name, t.Country, some(t.State), some(t.Zip)
		rule.Rate, rule.Priority, rule.AppliesToShipping, rule.Active = rate, t.Priority, t.Shipping, !t.Disabled
		if _, err := pricing.CreateTaxRule(ctx, f.tx, f.store, rule); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	return nil
}

func (f *filler) addThemes(ctx context.Context) error {
	for _, l := range f.shop.Themes {
		if _, err := theme.Create(ctx, f.tx, f.store, theme.Theme{Name: l.Name, Settings: l.Settings, Active: l.Active}); err != nil {
			return fmt.Errorf("theme %s: %w", l.Name, err)
		}
	}
	return nil
}
