package catalog

import (
	"context"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/job"
	"vitrine/internal/store"
)

// indexKind is what the jobs that index are called.
const indexKind = "index_products"

// IndexLater makes a job that indexes what a bulk write in tx leaves out of the
// index. Nobody waits for it: a product is found without, only slower.
func IndexLater(ctx context.Context, tx *db.Tx, owner account.ID, st store.ID) error {
	_, err := job.Enqueue(ctx, tx, job.New{Account: owner.UUID, Store: st.UUID, Kind: indexKind})
	return err
}

// IndexAll does what is left of all stores: a process can be killed between a bulk
// write and what was to follow it.
func IndexAll(ctx context.Context, d *db.DB) error {
	stores, err := unindexed(ctx, d)
	if err != nil {
		return err
	}
	for _, st := range stores {
		if err := IndexSearch(ctx, d, st); err != nil {
			return err
		}
	}
	return nil
}

// unindexed returns the stores that IndexSearch has work in.
func unindexed(ctx context.Context, q db.Q) ([]store.ID, error) {
	return db.All(ctx, q, func(row db.Row) (store.ID, error) {
		st, err := db.Value[id.UUID](row)
		return store.ID{UUID: st}, err
	}, `SELECT DISTINCT store_id FROM product WHERE NOT indexed`)
}

// HandleJobs has r run IndexSearch where IndexLater has asked for it, and now and
// then where nobody has.
func HandleJobs(r *job.Runner, d *db.DB) {
	job.Handle(r, indexKind, func(ctx context.Context, run *job.Run, _ struct{}) error {
		return IndexSearch(ctx, d, store.ID{UUID: run.Store})
	}, job.Settings{Timeout: time.Hour, Long: true})
	r.Every("index what was left out", time.Hour, func(ctx context.Context) error { return IndexAll(ctx, d) })
}
