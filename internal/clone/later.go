package clone

import (
	"context"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/job"
	"vitrine/internal/store"
)

// jobKind is what the jobs that clone are called.
const jobKind = "clone"

// jobTimeout bounds a whole clone that nobody waits for.
const jobTimeout = 2 * time.Hour

// Later makes a job that runs the clone soon after tx has committed.
func Later(ctx context.Context, tx *db.Tx, owner account.ID, req Request) (job.ID, error) {
	return job.Enqueue(ctx, tx, job.New{Account: owner.UUID, Store: req.Source.UUID, Kind: jobKind, Args: req})
}

// HandleJobs has r run the clones that were asked for with Later. The clone and the
// end of its job are one transaction, so that one job never makes two stores. result
// is what the job shows of the new store.
func HandleJobs(r *job.Runner, d *db.DB, result func(store.Store) any) {
	job.Handle(r, jobKind, func(ctx context.Context, run *job.Run, req Request) error {
		owner := account.ID{UUID: run.Account}
		ctx, err := account.Acting(ctx, d, owner)
		if err != nil {
			return err
		}
		return d.InTx(ctx, func(tx *db.Tx) error {
			s, err := Run(ctx, tx, owner, req, run.Progress)
			if err != nil {
				return err
			}
			return run.Succeed(ctx, tx, result(s))
		}, Options()...)
	}, job.Settings{Timeout: jobTimeout, Long: true})
}
