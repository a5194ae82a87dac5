// Package shelf is how a store's goods stand before its shoppers: products beside each
// other, and one with what others say of it and what is like it. It shows what is
// sold, and of stock only whether something can be had.
package shelf

import (
	"context"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/store"
)

// Card is a product beside others.
type Card struct {
	ID          catalog.ProductID
	Slug, Title string
	Image       *catalog.Image // the first
	Price       money.Amount   // of the cheapest variant
	Before      money.Amount   // what that cost before, or 0
	Varies      bool           // whether other variants cost more
	InStock     bool           // whether one of the variants can be had
	RatingSum   int64
	Reviews     int64
}

// columns are those of a card, over the table product.
func columns(s store.Store) string {
	return `product.id, product.slug, product.title, product.images, product.price_from, product.rating_sum, product.review_count,
		` + exists(`v.price > product.price_from`) + `,
		coalesce((` + variantsOf(`max(v.compare_at_price)`, `v.price = product.price_from AND v.compare_at_price > v.price`) + `), 0),
		` + available(s)
}

// available is the condition that a product can be had in one variant at least.
func available(s store.Store) string { return exists(inventory.Sellable(s, "v")) }

// exists is the condition that a product has a variant of a kind. PostgreSQL would
// look at all variants of the store at once, for a page of products, if it were not
// for the OFFSET.
func exists(condition string) string {
	return `EXISTS (` + variantsOf("1", condition) + ` LIMIT 1 OFFSET 0)`
}

func variantsOf(what, condition string) string {
	return `SELECT ` + what + ` FROM variant v WHERE v.store_id = product.store_id AND v.product_id = product.id AND v.deleted_at IS NULL AND ` + condition
}

func scan(row db.Row) (Card, error) {
	var c Card
	var images db.JSON[[]catalog.Image]
	err := row.Scan(&c.ID, &c.Slug, &c.Title, &images, &c.Price, &c.RatingSum, &c.Reviews, &c.Varies, &c.Before, &c.InStock)
	if len(images.V) > 0 {
		c.Image = &images.V[0]
	}
	return c, err
}

// Filter narrows what is shown. The zero value narrows nothing.
type Filter struct {
	Query    string               // a part of the title, the vendor or a SKU, in any case
	Within   []catalog.CategoryID // in one of these; empty: any
	Min, Max *money.Amount        // of the cheapest variant
	InStock  bool                 // only what can be had
}

// List returns a page of what a store sells in an order, in at most three queries.
func List(ctx context.Context, q db.Q, s store.Store, f Filter, o catalog.Order, p db.Page) ([]Card, bool, error) {
	v := catalog.View[Card]{
		Filter: catalog.Filter{Query: f.Query}, Within: f.Within, Order: o, Min: f.Min, Max: f.Max, Columns: columns(s), Scan: scan,
	}
	if f.InStock {
		v.Also = available(s)
		v.AlsoIn, v.AlsoOf = inventory.SellableProducts(s)
	}
	return catalog.Window(ctx, q, s.ID, v, p)
}
