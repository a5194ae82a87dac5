package audit

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// cleaned is how many lines one transaction deletes: SQLite's writer waits for it.
const cleaned = 1000

// Clean deletes the lines that are older than keep.
func Clean(ctx context.Context, d *db.DB, keep time.Duration) error {
	before := id.First(d.Now().Add(-keep))
	for _, c := range []struct {
		journal
		owners string // those after $1 that have lines before $2
	}{
		{ofStores, `SELECT DISTINCT a.store_id FROM store s JOIN store_action a ON a.store_id = s.id WHERE s.id > $1 AND a.id < $2 ORDER BY a.store_id LIMIT $3`},
		{ofAccounts, `SELECT DISTINCT account_id FROM account_action WHERE account_id > $1 AND id < $2 ORDER BY account_id LIMIT $3`},
	} {
		var last id.UUID
		for {
			owners, err := db.All(ctx, d, db.Value[id.UUID], c.owners, last, before, cleaned)
			if err != nil {
				return err
			}
			for _, last = range owners {
				if err := c.shorten(ctx, d, last, before); err != nil {
					return err
				}
			}
			if len(owners) < cleaned {
				break
			}
		}
	}
	return nil
}

// shorten deletes the lines of one log from before an id.
func (j journal) shorten(ctx context.Context, d *db.DB, owner, before id.UUID) error {
	for {
		var n int64
		err := d.InTx(ctx, func(tx *db.Tx) (err error) {
			n, err = db.Exec(ctx, tx, `
				DELETE FROM `+j.table+` WHERE `+j.owner+` = $1 AND id IN (
					SELECT id FROM `+j.table+` WHERE `+j.owner+` = $1 AND id < $2 ORDER BY id LIMIT $3)`, owner, before, cleaned)
			return err
		})
		if err != nil || n < cleaned {
			return err
		}
	}
}

// DropStore deletes the log of a store that is deleted.
func DropStore(ctx context.Context, tx *db.Tx, store id.UUID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM store_action WHERE store_id = $1`, store)
	return err
}
