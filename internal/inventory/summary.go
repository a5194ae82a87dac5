package inventory

import (
	"context"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Summary is a store's stock in numbers.
type Summary struct {
	Warehouses int64
	Variants   int64 // that have a level
	InStock    int64
	Reserved   int64
	Low        int64 // levels
}

// Summarize adds up a store's levels.
func Summarize(ctx context.Context, q db.Q, st store.ID) (Summary, error) {
	return db.One(ctx, q, func(row db.Row) (Summary, error) {
		var s Summary
		err := row.Scan(&s.Warehouses, &s.Variants, &s.InStock, &s.Reserved, &s.Low)
		return s, err
	}, `SELECT (SELECT count(*) FROM warehouse WHERE store_id = $1 AND deleted_at IS NULL),
			count(DISTINCT variant_id), CAST(coalesce(sum(quantity), 0) AS BIGINT), CAST(coalesce(sum(reserved), 0) AS BIGINT), count(*) FILTER (WHERE low)
		FROM inventory_level WHERE store_id = $1 AND NOT retired`, st)
}
