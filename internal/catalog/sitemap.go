package catalog

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Entry is a product that is sold as an index of all of them has it.
type Entry struct {
	ID        ProductID
	Slug      string
	UpdatedAt time.Time
}

// Entries returns a page of what a store sells, newest first.
func Entries(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Entry, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	w.Add("status = 'active'")
	w.Add("deleted_at IS NULL")
	return db.Paged(ctx, q, p, w, func(row db.Row) (Entry, error) {
		var e Entry
		var updated db.Time
		err := row.Scan(&e.ID, &e.Slug, &updated)
		e.UpdatedAt = updated.Time
		return e, err
	}, `SELECT id, slug, updated_at FROM product`)
}

// EachNth calls fn for every nth of the products that a store sells, newest first: the
// pages of an index begin behind them.
func EachNth(ctx context.Context, q db.Q, st store.ID, n int, fn func(ProductID) error) error {
	return db.Each(ctx, q, func(row db.Row) error {
		var p ProductID
		if err := row.Scan(&p); err != nil {
			return err
		}
		return fn(p)
	}, `SELECT id FROM (
			SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM product WHERE store_id = $1 AND status = 'active' AND deleted_at IS NULL
		) placed WHERE place % $2 = 0 ORDER BY id DESC`, st, n)
}
