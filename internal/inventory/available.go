package inventory

import (
	"context"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Available returns how many units of each product nobody holds, over its variants
// and all warehouses. A product that was never counted is not in it.
func Available(ctx context.Context, q db.Q, st store.ID, products []catalog.Product) (map[catalog.ProductID]int64, error) {
	of := map[catalog.VariantID]catalog.ProductID{}
	var variants []id.UUID
	for _, p := range products {
		for _, v := range p.Variants {
			of[v.ID] = p.ID
			variants = append(variants, v.ID.UUID)
		}
	}
	available := map[catalog.ProductID]int64{}
	for some := range slices.Chunk(variants, variantsAtOnce) {
		err := db.Each(ctx, q, func(row db.Row) error {
			var v catalog.VariantID
			var n int64
			err := row.Scan(&v, &n)
			available[of[v]] += n
			return err
		}, `SELECT variant_id, CAST(sum(CASE WHEN quantity > reserved THEN quantity - reserved ELSE 0 END) AS BIGINT)
			FROM inventory_level WHERE store_id = $1 AND NOT retired AND variant_id IN `+db.List(2, len(some))+`
			GROUP BY variant_id`, append([]any{st}, db.Args(some)...)...)
		if err != nil {
			return nil, err
		}
	}
	return available, nil
}
