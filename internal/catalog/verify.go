package catalog

import (
	"context"
	"fmt"
	"iter"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Difference is something about the search index of a store.
type Difference struct {
	Store store.ID
	What  string
}

func (d Difference) String() string { return fmt.Sprintf("store %s, search: %s", d.Store, d.What) }

// unfound are products that should be in the index and are not, or stand there with
// another text; lost are entries of no product.
const (
	unfoundPostgres = `p.indexed AND p.deleted_at IS NULL AND NOT EXISTS (
		SELECT 1 FROM product_search s WHERE s.store_id = p.store_id AND s.product_id = p.id AND starts_with(s.text, p.search_text))`

	unfoundSQLite = `p.indexed AND p.deleted_at IS NULL AND p.id NOT IN (SELECT s.product_id FROM product_search s WHERE s.product_id IS NOT NULL)`

	lostPostgres = `NOT EXISTS (SELECT 1 FROM product p WHERE p.store_id = s.store_id AND p.id = s.product_id AND p.deleted_at IS NULL)`

	lostSQLite = `s.product_id NOT IN (SELECT p.id FROM product p WHERE p.deleted_at IS NULL)`
)

func perEngine(e db.Engine, postgres, sqlite string) string {
	if e == db.Postgres {
		return postgres
	}
	return sqlite
}

// VerifySearch yields the stores whose products are not all found, or where more than
// them is. An error ends it.
func VerifySearch(ctx context.Context, d *db.DB) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		e := d.Engine()
		found, err := db.All(ctx, d, func(row db.Row) (x Difference, err error) {
			var n int
			err = row.Scan(&x.Store, &n)
			x.What = fmt.Sprintf("%d products are not found by their texts", n)
			return x, err
		}, `SELECT p.store_id, count(*) FROM product p WHERE `+perEngine(e, unfoundPostgres, unfoundSQLite)+` GROUP BY p.store_id ORDER BY p.store_id`)
		if err != nil {
			yield(Difference{}, fmt.Errorf("look at the search index: %w", err))
			return
		}
		lost, err := db.One(ctx, d, db.Value[int], `SELECT count(*) FROM product_search s WHERE `+perEngine(e, lostPostgres, lostSQLite))
		if err != nil {
			yield(Difference{}, fmt.Errorf("look at the search index: %w", err))
			return
		}
		if lost > 0 {
			found = append(found, Difference{What: fmt.Sprintf("%d entries are of products that are not there", lost)})
		}
		for _, x := range found {
			if !yield(x, nil) {
				return
			}
		}
	}
}

// RepairSearch puts into the index what VerifySearch misses in it, takes out the rest,
// and tells how much that was. It can be done again, and while others work.
func RepairSearch(ctx context.Context, d *db.DB, tell func(what string)) error {
	var unfound, lost int64
	err := d.InTx(ctx, func(tx *db.Tx) (err error) {
		e := d.Engine()
		unfound, err = db.Exec(ctx, tx, `
			UPDATE product SET indexed = FALSE WHERE (store_id, id) IN (SELECT p.store_id, p.id FROM product p WHERE `+perEngine(e, unfoundPostgres, unfoundSQLite)+`)`)
		if err != nil {
			return err
		}
		out := `DELETE FROM product_search AS s WHERE ` + lostPostgres
		if e == db.SQLite {
			out = `DELETE FROM product_search WHERE rowid IN (SELECT s.rowid FROM product_search s WHERE ` + lostSQLite + `)`
		}
		lost, err = db.Exec(ctx, tx, out)
		return err
	})
	if err == nil && unfound > 0 {
		err = IndexAll(ctx, d)
	}
	if err != nil {
		return fmt.Errorf("mend the search index: %w", err)
	}
	if unfound+lost > 0 {
		tell(fmt.Sprintf("search: %d products are put into the index, %d entries of none are taken out", unfound, lost))
	}
	return nil
}
