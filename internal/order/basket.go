package order

import (
	"context"
	"fmt"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// offer is a variant as it is sold now.
type offer struct {
	variant    catalog.VariantID
	product    catalog.ProductID
	sku        *string
	title      string
	price      money.Amount
	status     catalog.Status
	tracked    bool
	backorder  bool
	supplier   *catalog.SupplierID // the primary one, when it is active
	cost       *money.Amount
	categories []id.UUID
}

// basket is a request with all that its price depends on.
type basket struct {
	request  Request
	store    store.Store
	offers   []offer // of each item
	discount *pricing.Discount
	quote    pricing.Quote
	spare    map[catalog.VariantID]inventory.WarehouseID // where what may be ordered back gets a level, if it has none
}

// price reads what is asked for and computes what it costs. It is read in a fixed
// number of statements and changes nothing.
func price(ctx context.Context, q db.Q, st store.Store, r Request, now db.Time) (*basket, error) {
	if st.Status != store.Active {
		return nil, fault.Refusedf("store_paused", "This store takes no orders at the moment.")
	}
	b := &basket{request: r, store: st}
	if err := b.loadOffers(ctx, q); err != nil {
		return nil, err
	}
	return b, b.compute(ctx, q, now)
}

// compute prices what is offered.
func (b *basket) compute(ctx context.Context, q db.Q, now db.Time) error {
	if err := b.loadDiscount(ctx, q); err != nil {
		return err
	}
	rules, err := b.rules(ctx, q)
	if err != nil {
		return err
	}
	wanted := pricing.Basket{Currency: b.store.Currency, Discount: b.discount, Rules: rules, To: b.request.Address.place(), Shipping: b.store.Shipping, FreeOver: b.store.FreeOver, At: now.Time}
	for i, item := range b.request.Items {
		o := b.offers[i]
		wanted.Lines = append(wanted.Lines, pricing.Line{Product: o.product.UUID, Categories: o.categories, Quantity: item.Quantity, UnitPrice: o.price})
	}
	b.quote, err = pricing.Price(wanted)
	return err
}

// place is where tax is asked for, or nil while nobody knows.
func (a *Address) place() *pricing.Place {
	if a == nil {
		return nil
	}
	return &pricing.Place{Country: a.Country, State: a.State, ZipCode: a.ZipCode}
}

const selectOffers = `
	SELECT v.id, v.product_id, v.sku, p.title, v.title, v.price, p.status, v.track_inventory, v.allow_backorder, s.id, COALESCE(l.cost, v.cost)
	FROM variant v
	JOIN product p ON p.store_id = v.store_id AND p.id = v.product_id AND p.deleted_at IS NULL
	LEFT JOIN product_supplier l ON l.store_id = v.store_id AND l.product_id = v.product_id AND l.is_primary
	LEFT JOIN supplier s ON s.store_id = l.store_id AND s.id = l.supplier_id AND s.is_active
	WHERE v.store_id = $1 AND v.deleted_at IS NULL AND v.id IN `

func scanOffer(row db.Row) (o offer, err error) {
	var product, variant string
	err = row.Scan(&o.variant, &o.product, &o.sku, &product, &variant, &o.price, &o.status, &o.tracked, &o.backorder, &o.supplier, &o.cost)
	o.title = product
	if variant != catalog.DefaultTitle {
		o.title = product + " – " + variant
	}
	return o, err
}

func (b *basket) loadOffers(ctx context.Context, q db.Q) error {
	wanted := b.request.variants()
	found, err := db.All(ctx, q, scanOffer, selectOffers+db.List(2, len(wanted)), append([]any{b.store.ID}, db.Args(wanted)...)...)
	if err != nil {
		return fmt.Errorf("read what is asked for: %w", err)
	}
	byVariant := make(map[catalog.VariantID]offer, len(found))
	for _, o := range found {
		byVariant[o.variant] = o
	}
	for _, item := range b.request.Items {
		o, ok := byVariant[item.Variant]
		if !ok {
			return fault.Missing("variant")
		}
		if o.status != catalog.Active {
			return fault.Refusedf("not_for_sale", "%q is not for sale.", o.title)
		}
		b.offers = append(b.offers, o)
	}
	return nil
}

// variants are those that a request is for, each once, in the order of their ids.
func (r *Request) variants() []id.UUID {
	wanted := make([]id.UUID, len(r.Items))
	for i, item := range r.Items {
		wanted[i] = item.Variant.UUID
	}
	slices.SortFunc(wanted, id.Compare)
	return slices.Compact(wanted)
}

// findSpare finds where a level is made for what is ordered back and has none.
func (b *basket) findSpare(ctx context.Context, q db.Q) (err error) {
	var back []catalog.VariantID
	for _, o := range b.offers {
		if b.ownStock(o) && o.backorder {
			back = append(back, o.variant)
		}
	}
	if len(back) > 0 {
		b.spare, err = inventory.Spare(ctx, q, b.store.ID, back)
	}
	return err
}

// loadDiscount finds the code of the request, and the categories of what is asked
// for where it counts for those.
func (b *basket) loadDiscount(ctx context.Context, q db.Q) error {
	if b.request.DiscountCode == nil {
		return nil
	}
	d, err := pricing.DiscountByCode(ctx, q, b.store.ID, *b.request.DiscountCode)
	if err != nil {
		return err
	}
	b.discount = &d
	if d.AppliesTo != pricing.Categories {
		return nil
	}
	products := make([]id.UUID, len(b.offers))
	for i, o := range b.offers {
		products[i] = o.product.UUID
	}
	categories := map[catalog.ProductID][]id.UUID{}
	err = db.Each(ctx, q, func(row db.Row) error {
		var p catalog.ProductID
		var c id.UUID
		err := row.Scan(&p, &c)
		categories[p] = append(categories[p], c)
		return err
	}, `SELECT product_id, category_id FROM product_category WHERE store_id = $1 AND product_id IN `+db.List(2, len(products)),
		append([]any{b.store.ID}, db.Args(products)...)...)
	for i := range b.offers {
		b.offers[i].categories = categories[b.offers[i].product]
	}
	return err
}

// rules returns the tax rules of the country that the order goes to.
func (b *basket) rules(ctx context.Context, q db.Q) ([]pricing.TaxRule, error) {
	if b.request.Address == nil {
		return nil, nil
	}
	return pricing.TaxRulesOf(ctx, q, b.store.ID, b.request.Address.Country)
}

// searchText is what a customer, or their order, is found by.
func searchText(email string, name *string) string {
	if name == nil {
		return text.Fold(email)
	}
	return text.Fold(email + "\n" + *name)
}

// ownStock tells whether a line is shipped from the store's own warehouses.
func (b *basket) ownStock(o offer) bool { return b.store.Type.OwnsStock() && o.tracked }
