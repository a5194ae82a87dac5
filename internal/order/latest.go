package order

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Last is what a list of stores tells of a store's latest order.
type Last struct {
	ID     ID
	Number int64
	At     time.Time
}

// Latest returns the latest order of each of the stores that has one.
func Latest(ctx context.Context, q db.Q, stores []store.ID) (map[store.ID]Last, error) {
	given := storeColumns.Set()
	for _, st := range stores {
		given.Add(st)
	}
	all := make(map[store.ID]Last, len(stores))
	_, err := db.QuerySet(ctx, q, given, func(row db.Row) (l Last, err error) {
		var st store.ID
		var at db.Time
		err = row.Scan(&st, &l.ID, &l.Number, &at)
		l.At = at.Time
		all[st] = l
		return l, err
	}, `WITH @given
		SELECT o.store_id, o.id, o.number, o.created_at FROM given CROSS JOIN shop_order o
		WHERE o.store_id = given.store_id AND o.id = (
			SELECT x.id FROM shop_order x WHERE x.store_id = given.store_id ORDER BY x.id DESC LIMIT 1)`)
	return all, err
}
