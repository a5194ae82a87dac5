package catalog

import (
	"context"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Display returns a product that is sold, with its variants and categories, and which
// of the variants a condition holds for; they are known to it as v. It takes two
// queries.
func Display(ctx context.Context, q db.Q, st store.ID, slug, condition string) (Product, map[VariantID]bool, error) {
	var categories []CategoryID
	found, err := db.All(ctx, q, func(row db.Row) (Product, error) {
		var c *CategoryID
		p, err := scanProduct(withMore{row, []any{&c}})
		if c != nil {
			categories = append(categories, *c)
		}
		return p, err
	}, `SELECT `+productRead+`, c.category_id
		FROM product p LEFT JOIN product_category c ON c.store_id = p.store_id AND c.product_id = p.id
		WHERE p.store_id = $1 AND p.slug = $2 AND p.status = 'active' AND p.deleted_at IS NULL
		ORDER BY c.category_id`, st, slug)
	if err == nil && len(found) == 0 {
		err = db.ErrNoRows
	}
	if err != nil {
		return Product{}, nil, db.Missing(err, "product")
	}
	p, holds := found[0], map[VariantID]bool{}
	p.Categories = categories
	p.Variants, err = db.All(ctx, q, func(row db.Row) (Variant, error) {
		var yes bool
		v, err := scanVariant(withMore{row, []any{&yes}})
		holds[v.ID] = yes
		return v, err
	}, `SELECT `+variantColumns+`, `+condition+` FROM variant v WHERE v.store_id = $1 AND v.product_id = $2 AND v.deleted_at IS NULL`, st, p.ID)
	slices.SortFunc(p.Variants, byPosition)
	return p, holds, err
}

// withMore is a row that has more columns behind those that a scan function reads.
type withMore struct {
	db.Row
	more []any
}

// Scan is part of db.Row.
func (r withMore) Scan(dest ...any) error { return r.Row.Scan(append(dest, r.more...)...) }
