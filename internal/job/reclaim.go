package job

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"vitrine/internal/db"
)

// maxInterruptions bounds how often in a row a job may die with its process, so
// that one that kills it cannot do so for ever.
const maxInterruptions = 20

// afterInterruption is how long a job waits that has died with its process: not
// at all at first, but a process that keeps dying gets some time to live.
func afterInterruption(n int) time.Duration {
	if n <= 3 {
		return 0
	}
	return min(time.Second<<min(n-4, 10), 10*time.Second)
}

// On SQLite only this process works, so whatever it does not know of is nobody's.
// On PostgreSQL that is so where the worker's lock can be had. A process's own jobs
// are looked at too: one whose claim committed without the process hearing of it
// would wait for ever.
const (
	strays       = `SELECT ` + runColumns + ` FROM job WHERE status = 'running'`
	straysShared = strays + ` AND (worker_id = $1 OR pg_try_advisory_xact_lock(` + lockOf + `worker_id::text, 0)))`
)

// reclaim puts the jobs of dead processes back into the queue. It looks first, and
// writes only when some job is not this process's.
func (r *Runner) reclaim(ctx context.Context) {
	running, err := db.All(ctx, r.db, db.Value[ID], `SELECT id FROM job WHERE status = 'running'`)
	if err == nil && slices.ContainsFunc(running, r.lacks) {
		err = r.db.InTx(ctx, func(tx *db.Tx) error { return r.putBackStrays(ctx, tx) })
	}
	report(ctx, "put interrupted jobs back", err)
}

func (r *Runner) putBackStrays(ctx context.Context, tx *db.Tx) error {
	query, args := strays, []any(nil)
	if tx.Engine() == db.Postgres {
		r.mu.Lock()
		query, args = straysShared, []any{r.worker}
		r.mu.Unlock()
	}
	found, err := db.All(ctx, tx, func(row db.Row) (*Run, error) { return new(Run).scan(row) }, query, args...)
	if err != nil {
		return err
	}
	for _, run := range found {
		if !r.lacks(run.ID) {
			continue
		}
		slog.InfoContext(ctx, "jobs: interrupted, its process is gone", "job", run.ID, "kind", run.Kind)
		if err := run.interrupted(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// interrupted puts the job back, or ends it when that has happened too often.
func (run *Run) interrupted(ctx context.Context, tx *db.Tx) error {
	times := run.interruptions + 1
	if times <= maxInterruptions {
		return run.requeue(ctx, tx, tx.Now().Add(afterInterruption(times)), run.failures, times)
	}
	message := interrupted
	_, err := run.finish(ctx, tx, Failed, nil, &message)
	return err
}

// lacks tells whether no handler of this process is at the job.
func (r *Runner) lacks(j ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs[j] == nil
}
