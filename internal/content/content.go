// Package content knows when what a store's shoppers see has last changed: every
// change of its goods, looks, reviews or settings gives it a new version, in the
// transaction of the change. What was made of one version can be shown as long as
// the store has it.
package content

import (
	"context"
	"errors"

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

// View lets fn read what shoppers see of a store, in the version or a newer one: from the
// replica where that has it, and else from the database itself. So what is kept under a
// version is never older. fn may run twice.
func View(ctx context.Context, d *db.DB, r *db.Replica, st id.UUID, version int64, fn func(db.Q) error) error {
	if !r.Near() {
		return fn(d)
	}
	err := r.View(ctx, func(q db.Q) error {
		there, err := Version(ctx, q, st)
		if err == nil && there < version {
			err = errBehind
		}
		if err != nil {
			return err
		}
		return fn(q)
	})
	if err != nil { // also where it is no fault of the replica: the database has the last word
		return fn(d)
	}
	return nil
}

var errBehind = errors.New("the replica does not have this version yet")
