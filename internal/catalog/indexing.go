package catalog

import (
	"context"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
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

// HandleJobs has r run IndexSearch where IndexLater has asked for it.
func HandleJobs(r *job.Runner, d *db.DB) {
	job.Handle(r, indexKind, func(ctx context.Context, run *job.Run, _ struct{}) error {
		return IndexSearch(ctx, d, store.ID{UUID: run.Store})
	}, job.Settings{Timeout: time.Hour, Long: true})
}
