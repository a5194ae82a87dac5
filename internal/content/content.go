// Package content knows when what a store's shoppers see has last changed: every
// change of its goods, looks, reviews or settings gives it a new version, in the
// transaction of the change. What was made of one version can be shown as long as
// the store has it.
package content

import (
	"context"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// Changed gives a store's content a new version when the transaction commits. Its row
// is written last, so that those who change other things of the store wait for each
// other no longer than for that. Saying it again in one transaction changes nothing.
func Changed(tx *db.Tx, st id.UUID) {
	tx.Last("content of "+st.String(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, tx, `
			INSERT INTO content_version (store_id, version) VALUES ($1, 1)
			ON CONFLICT (store_id) DO UPDATE SET version = content_version.version + 1`, st)
		return err
	})
	tx.Announce(topic, st)
}

const topic = "content"

// Listen calls fn for every store whose content this process has changed, after the
// commit and before whoever changed it hears of it.
func Listen(d *db.DB, fn func(st id.UUID)) { d.Listen(topic, fn) }

// Version returns the version of a store's content, which is 0 as long as nothing has
// changed since the store was opened.
func Version(ctx context.Context, q db.Q, st id.UUID) (int64, error) {
	found, err := db.All(ctx, q, db.Value[int64], `SELECT version FROM content_version WHERE store_id = $1`, st)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}
