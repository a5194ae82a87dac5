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

// Summarize tells what a store's levels add up to.
func Summarize(ctx context.Context, q db.Q, st store.ID) (Summary, error) {
	return db.One(ctx, q, func(row db.Row) (Summary, error) {
		var s Summary
		err := row.Scan(&s.Warehouses, &s.Variants, &s.InStock, &s.Reserved, &s.Low)
		return s, err
	}, `SELECT (SELECT count(*) FROM warehouse WHERE store_id = $1 AND deleted_at IS NULL), CAST(coalesce(sum(variants), 0) AS BIGINT),
			CAST(coalesce(sum(quantity), 0) AS BIGINT), CAST(coalesce(sum(reserved), 0) AS BIGINT), CAST(coalesce(sum(low), 0) AS BIGINT)
		FROM inventory_total WHERE store_id = $1`, st)
}

// Content is what lies in a warehouse.
type Content struct {
	Variants int64
	InStock  int64
	Reserved int64
}

// Contents tells what the levels of each of a store's warehouses add up to. One without levels is
// not in it.
func Contents(ctx context.Context, q db.Q, st store.ID) (map[WarehouseID]Content, error) {
	all := map[WarehouseID]Content{}
	err := db.Each(ctx, q, func(row db.Row) error {
		var w WarehouseID
		var c Content
		err := row.Scan(&w, &c.Variants, &c.InStock, &c.Reserved)
		all[w] = c
		return err
	}, `SELECT warehouse_id, CAST(sum(levels) AS BIGINT), CAST(sum(quantity) AS BIGINT), CAST(sum(reserved) AS BIGINT)
		FROM inventory_total WHERE store_id = $1 GROUP BY warehouse_id HAVING sum(levels) > 0`, st)
	return all, err
}
