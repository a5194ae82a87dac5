package job

import (
	"context"
	"log/slog"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// maxInterruptions bounds how often a job may die with its process, so that one
// that kills it cannot do so for ever.
const maxInterruptions = 20

// afterInterruption is how long a job waits that has died with its process: not
// at all at first, but a process that keeps dying gets some time to live.
func afterInterruption(n int) time.Duration {
	if n <= 3 {
		return 0
	}
	return min(time.Second<<min(n-4, 10), 10*time.Second)
}

// stray is a job that is running by its row, and perhaps by nobody.
type stray struct {
	run    Run
	worker id.UUID
}

func scanStray(row db.Row) (*stray, error) {
	var s stray
	err := row.Scan(&s.run.ID, &s.run.Kind, &s.run.claim, &s.worker, &s.run.Attempt, &s.run.failures)
	return &s, err
}

// A process's own jobs are looked at too: one whose claim committed without the
// process hearing of it would wait for ever.
const strays = `
	SELECT id, kind, claim, worker_id, attempt, failures FROM job
	WHERE status = 'running' AND (worker_id = $1 OR NOT EXISTS (SELECT 1 FROM job_worker w WHERE w.id = worker_id))`

// reclaim puts the jobs of dead processes back into the queue.
func (r *Runner) reclaim(ctx context.Context) {
	r.mu.Lock()
	worker := r.worker
	r.mu.Unlock()
	if worker.IsZero() {
		return
	}
	if r.db.Engine() == db.Postgres {
		report(ctx, "look for dead workers", r.bury(ctx, worker))
	}
	found, err := db.All(ctx, r.db, scanStray, strays, worker)
	report(ctx, "look for interrupted jobs", err)
	for _, s := range found {
		if r.has(s.run.ID) {
			continue
		}
		slog.InfoContext(ctx, "jobs: put back, its process is gone", "job", s.run.ID, "kind", s.run.Kind)
		err := r.db.InTx(ctx, func(tx *db.Tx) error {
			times := s.run.Attempt - s.run.failures
			if times > maxInterruptions {
				message := interrupted
				_, err := s.run.finish(ctx, tx, Failed, nil, &message)
				return err
			}
			return s.run.requeue(ctx, tx, tx.Now().Add(afterInterruption(times)), s.run.Attempt, s.run.failures)
		})
		report(ctx, "put a job back", err)
	}
}

func (r *Runner) has(j ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs[j] != nil
}
