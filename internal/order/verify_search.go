package order

import (
	"context"
	"fmt"
	"iter"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// unfound counts the rows of each store that SQLite's index should have, and has not.
func (s searched) unfound() string {
	return `SELECT t.store_id, count(*) FROM ` + s.table + ` t JOIN search_mark m ON m.store_id = t.store_id AND m.found = '` + s.table + `'
		WHERE t.id <= m.last_id AND t.id NOT IN (SELECT row_id FROM ` + s.index + ` WHERE row_id IS NOT NULL) GROUP BY t.store_id ORDER BY t.store_id`
}

// VerifySearch yields the stores whose orders or customers are not all found. An error
// ends it. PostgreSQL keeps its indexes itself.
func VerifySearch(ctx context.Context, d *db.DB) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		if d.Engine() != db.SQLite {
			return
		}
		for _, s := range []searched{ordersSearched, customersSearched} {
			found, err := db.All(ctx, d, func(row db.Row) (x Difference, err error) {
				var n int
				err = row.Scan(&x.Store, &n)
				x.Subject, x.ID, x.What = "search for", x.Store.UUID, fmt.Sprintf("%d rows of %s are not found by their texts", n, s.table)
				return x, err
			}, s.unfound())
			if err != nil {
				yield(Difference{}, fmt.Errorf("look at the search index: %w", err))
				return
			}
			for _, x := range found {
				if !yield(x, nil) {
					return
				}
			}
		}
	}
}

// RepairSearch indexes the stores anew that VerifySearch names, and tells which they
// are.
func RepairSearch(ctx context.Context, d *db.DB, tell func(what string)) error {
	wrong := map[store.ID]bool{}
	for x, err := range VerifySearch(ctx, d) {
		if err != nil {
			return err
		}
		wrong[x.Store] = true
	}
	for st := range wrong {
		err := d.InTx(ctx, func(tx *db.Tx) error {
			for _, s := range []searched{ordersSearched, customersSearched} {
				if err := s.forget(ctx, tx, st); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			err = IndexSearch(ctx, d, st)
		}
		if err != nil {
			return fmt.Errorf("index store %s anew: %w", st, err)
		}
		tell(fmt.Sprintf("store %s: its orders and customers are indexed anew", st))
	}
	return nil
}

// forget takes a store's rows out of the index.
func (s searched) forget(ctx context.Context, tx *db.Tx, st store.ID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM `+s.index+` WHERE rowid IN (
		SELECT e.rowid FROM `+s.index+` e WHERE e.row_id IN (SELECT id FROM `+s.table+` WHERE store_id = $1))`, st)
	if err == nil {
		_, err = db.Exec(ctx, tx, `DELETE FROM search_mark WHERE store_id = $1 AND found = $2`, st, s.table)
	}
	return err
}
