package catalog

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// A bulk write changes many products in few statements. It reads them, decides
// without a transaction what is to be, and writes that in a short one, which sees
// to it that nothing has changed in between.

// ErrOutdated says that a product was changed, or a slug or a SKU taken, after the
// edits were made: read again and make them anew.
var ErrOutdated = errors.New("the products have changed meanwhile")

// Edit is a product as it was found and as it is to be, with its variants. Nothing
// of a product is taken away by an edit.
type Edit struct {
	Before *Product // nil for a new one
	After  Product
}

// namesAtOnce is how many slugs or SKUs one query asks for.
const namesAtOnce = 250

// Named returns the products that have one of the slugs, or a variant with one of
// the SKUs, each with its variants alone.
func Named(ctx context.Context, q db.Q, st store.ID, slugs, skus []string) ([]Product, error) {
	q = db.Afresh(q)
	var found []Product
	known := map[ProductID]bool{}
	add := func(column string, some []any) error {
		products, err := db.All(ctx, q, scanProduct,
			`SELECT `+productRead+` FROM product WHERE store_id = $1 AND deleted_at IS NULL AND `+column+` IN `+db.List(2, len(some)),
			append([]any{st}, some...)...)
		for _, p := range products {
			known[p.ID] = true
		}
		found = append(found, products...)
		return err
	}
	for some := range slices.Chunk(slugs, namesAtOnce) {
		if err := add("slug", db.Args(some)); err != nil {
			return nil, err
		}
	}
	owners := map[ProductID]bool{}
	for some := range slices.Chunk(skus, namesAtOnce) {
		all, err := db.All(ctx, q, db.Value[id.UUID], `SELECT product_id FROM variant WHERE store_id = $1 AND deleted_at IS NULL AND sku IN `+db.List(2, len(some)),
			append([]any{st}, db.Args(some)...)...)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			owners[ProductID{p}] = true
		}
	}
	maps.DeleteFunc(owners, func(p ProductID, _ bool) bool { return known[p] })
	for some := range slices.Chunk(slices.Collect(maps.Keys(owners)), namesAtOnce) {
		if err := add("id", db.Args(some)); err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(found, namesAtOnce) {
		if err := loadVariants(ctx, q, st, some); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Following returns the next products in the order in which they were made, each
// with its variants alone. after is zero for the first ones.
func Following(ctx context.Context, q db.Q, st store.ID, after ProductID, limit int) ([]Product, error) {
	found, err := db.All(ctx, q, scanProduct, `
		SELECT `+productRead+` FROM product
		WHERE store_id = $1 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3`, st, after, limit)
	if err != nil {
		return nil, err
	}
	return found, loadVariants(ctx, q, st, found)
}

// Prepare makes what is to be tidy and checks it. New products and variants get
// their ids and what else they were not given; a variant is new when it has no
// product yet.
func (e *Edit) Prepare(newID func() id.UUID) error {
	p := &e.After
	if e.Before == nil {
		p.ID = ProductID{newID()}
	}
	return p.complete(newID)
}

// Changed tells whether the product's own fields differ from what they were.
func (e *Edit) Changed() bool {
	return e.Before != nil && !e.Before.equal(&e.After)
}

// Added returns the variants that were not there.
func (e *Edit) Added() []Variant {
	if e.Before == nil {
		return e.After.Variants
	}
	before := e.known()
	var added []Variant
	for _, v := range e.After.Variants {
		if before[v.ID] == nil {
			added = append(added, v)
		}
	}
	return added
}

// Altered returns the variants that are not what they were.
func (e *Edit) Altered() []Variant {
	if e.Before == nil {
		return nil
	}
	before := e.known()
	var altered []Variant
	for i := range e.After.Variants {
		v := &e.After.Variants[i]
		if was := before[v.ID]; was != nil && !was.equal(v) {
			altered = append(altered, *v)
		}
	}
	return altered
}

func (e *Edit) known() map[VariantID]*Variant {
	before := make(map[VariantID]*Variant, len(e.Before.Variants))
	for i := range e.Before.Variants {
		before[e.Before.Variants[i].ID] = &e.Before.Variants[i]
	}
	return before
}

// equal compares the fields that a merchant writes.
func (p *Product) equal(q *Product) bool {
	return p.Title == q.Title && p.Slug == q.Slug && same(p.Description, q.Description) && p.Status == q.Status &&
		same(p.Vendor, q.Vendor) && same(p.Type, q.Type) && slices.Equal(p.Tags, q.Tags) && slices.Equal(p.Images, q.Images) &&
		slices.EqualFunc(p.Options, q.Options, func(a, b Option) bool { return a.Name == b.Name && slices.Equal(a.Values, b.Values) }) &&
		same(p.SEOTitle, q.SEOTitle) && same(p.SEODescription, q.SEODescription)
}

func (v *Variant) equal(w *Variant) bool {
	return v.Title == w.Title && same(v.SKU, w.SKU) && v.Price == w.Price && same(v.CompareAtPrice, w.CompareAtPrice) && same(v.Cost, w.Cost) &&
		same(v.Barcode, w.Barcode) && same(v.Weight, w.Weight) && v.WeightUnit == w.WeightUnit && maps.Equal(v.OptionValues, w.OptionValues) &&
		v.TrackInventory == w.TrackInventory && v.AllowBackorder == w.AllowBackorder && v.Position == w.Position
}

func same[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// productsAtOnce is how many products one statement writes.
const productsAtOnce = 100

// bulk is what a set of edits comes to.
type bulk struct {
	found     []*Product // that something changes in, as they were read
	fresh     []Product
	changed   []Product
	added     []Variant
	altered   []Variant
	abandoned []VariantID // of altered: those that give up their SKU
	told      []webhook.Message
}

// Save writes edits that are prepared, and reports ErrOutdated when they no longer
// fit. Products that are new or found by another text are left to IndexSearch.
func Save(ctx context.Context, tx *db.Tx, st store.ID, edits []Edit) error {
	var b bulk
	for i := range edits {
		b.gather(&edits[i], st, tx.Now())
	}
	if err := claim(ctx, tx, st, b.found); err != nil {
		return err
	}
	if err := insertProducts(ctx, tx, st, b.fresh); err != nil {
		return err
	}
	if err := updateProducts(ctx, tx, st, b.changed); err != nil {
		return err
	}
	if err := abandonSKUs(ctx, tx, st, b.abandoned); err != nil {
		return err
	}
	if err := updateVariants(ctx, tx, st, b.altered); err != nil {
		return err
	}
	err := insertVariants(ctx, tx, st, b.added)
	if fault.Code(err) == "sku_taken" {
		return ErrOutdated
	}
	if err != nil {
		return err
	}
	if len(b.told) > 0 {
		content.Changed(tx, st.UUID)
	}
	return webhook.EmitAll(ctx, tx, b.told)
}

// gather adds what an edit comes to.
func (b *bulk) gather(e *Edit, st store.ID, now time.Time) {
	p := &e.After
	p.search, p.indexed, p.priceFrom, p.UpdatedAt = searchText(p), false, p.LowestPrice(), now
	added, altered := e.Added(), e.Altered()
	for i := range added {
		added[i].CreatedAt, added[i].UpdatedAt = now, now
	}
	for i := range altered {
		altered[i].UpdatedAt = now
	}
	b.added, b.altered = append(b.added, added...), append(b.altered, altered...)
	if e.Before == nil {
		p.CreatedAt = now
		b.fresh = append(b.fresh, *p)
		b.told = append(b.told, p.message(st, webhook.ProductCreated))
		return
	}
	before := e.known()
	for _, v := range altered {
		if was := before[v.ID].SKU; was != nil && !same(was, v.SKU) {
			b.abandoned = append(b.abandoned, v.ID)
		}
	}
	moved := indexText(p) != indexText(e.Before)
	p.indexed = e.Before.indexed && !moved
	if moved || e.Changed() || p.priceFrom != e.Before.priceFrom {
		b.changed = append(b.changed, *p)
	}
	if moved || e.Changed() || len(added)+len(altered) > 0 {
		b.found = append(b.found, e.Before)
		b.told = append(b.told, p.message(st, webhook.ProductUpdated))
	}
}

// claim keeps others from writing to the products until the transaction ends, if
// they are still what they were.
func claim(ctx context.Context, tx *db.Tx, st store.ID, products []*Product) error {
	for some := range slices.Chunk(products, productsAtOnce) {
		w := db.Where{Args: []any{st, db.Time{Time: tx.Now()}}}
		var each strings.Builder
		for i, p := range some {
			if i > 0 {
				each.WriteString(" OR ")
			}
			each.WriteString("id = " + w.Arg(p.ID) + " AND updated_at = " + w.Arg(db.Time{Time: p.UpdatedAt}))
		}
		n, err := db.Exec(ctx, db.Afresh(tx), `UPDATE product SET updated_at = $2 WHERE store_id = $1 AND deleted_at IS NULL AND (`+each.String()+`)`, w.Args...)
		if err != nil {
			return err
		}
		if int(n) < len(some) {
			return ErrOutdated
		}
	}
	return nil
}

// Lock keeps others from writing to the products, and to what belongs to them,
// until the transaction ends.
func Lock(ctx context.Context, tx *db.Tx, st store.ID, products []Product) error {
	ids := make([]any, 0, len(products))
	for i := range products {
		ids = append(ids, products[i].ID)
	}
	for some := range slices.Chunk(ids, namesAtOnce) {
		_, err := db.Exec(ctx, db.Afresh(tx), `UPDATE product SET updated_at = updated_at WHERE store_id = $1 AND id IN `+db.List(2, len(some)), append([]any{st}, some...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

func insertProducts(ctx context.Context, tx *db.Tx, st store.ID, products []Product) error {
	return writeProducts(ctx, tx, st, products, `ON CONFLICT (store_id, slug) WHERE deleted_at IS NULL DO NOTHING`)
}

// updateProducts writes products that are there. An INSERT that meets them gives
// the values their types on both engines.
func updateProducts(ctx context.Context, tx *db.Tx, st store.ID, products []Product) error {
	return writeProducts(ctx, tx, st, products, `
		ON CONFLICT (store_id, id) DO UPDATE
		SET title = excluded.title, description = excluded.description, status = excluded.status, vendor = excluded.vendor,
			product_type = excluded.product_type, tags = excluded.tags, images = excluded.images, options = excluded.options,
			seo_title = excluded.seo_title, seo_description = excluded.seo_description,
			search_text = excluded.search_text, indexed = excluded.indexed, price_from = excluded.price_from`)
}

func writeProducts(ctx context.Context, tx *db.Tx, st store.ID, products []Product, onConflict string) error {
	for some := range slices.Chunk(products, productsAtOnce) {
		args := make([]any, 0, len(some)*productWidth)
		for i := range some {
			args = append(args, some[i].values(st)...)
		}
		n, err := db.Exec(ctx, tx, productInsert+tx.Engine().Rows(len(some), productWidth)+onConflict, args...)
		if err != nil {
			return err
		}
		if int(n) < len(some) {
			return ErrOutdated
		}
	}
	return nil
}

// abandonSKUs takes variants' SKUs away, so that others can have them within the
// same statement that gives these new ones.
func abandonSKUs(ctx context.Context, tx *db.Tx, st store.ID, variants []VariantID) error {
	for some := range slices.Chunk(variants, namesAtOnce) {
		_, err := db.Exec(ctx, db.Afresh(tx), `UPDATE variant SET sku = NULL WHERE store_id = $1 AND id IN `+db.List(2, len(some)), append([]any{st}, db.Args(some)...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// updateVariants writes variants that are there.
func updateVariants(ctx context.Context, tx *db.Tx, st store.ID, variants []Variant) error {
	for some := range slices.Chunk(variants, variantsAtOnce) {
		args := make([]any, 0, len(some)*variantWidth)
		for i := range some {
			args = append(args, some[i].values(st)...)
		}
		_, err := db.Exec(ctx, tx, variantInsert+tx.Engine().Rows(len(some), variantWidth)+`
			ON CONFLICT (store_id, id) DO UPDATE
			SET title = excluded.title, sku = excluded.sku, price = excluded.price, compare_at_price = excluded.compare_at_price,
				cost = excluded.cost, barcode = excluded.barcode, weight = excluded.weight, weight_unit = excluded.weight_unit,
				option_values = excluded.option_values, track_inventory = excluded.track_inventory,
				allow_backorder = excluded.allow_backorder, position = excluded.position, updated_at = excluded.updated_at`, args...)
		if tx.Violates(err, "variant_sku") {
			return ErrOutdated
		}
		if err != nil {
			return err
		}
	}
	return nil
}
