package job

import (
	"context"
	"errors"
	"iter"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
)

// Get returns a job of the account's. One that runs in this process shows its
// progress to the moment; one that runs in another shows it on PostgreSQL alone,
// since a long transaction keeps SQLite's only writer.
func (r *Runner) Get(ctx context.Context, account id.UUID, j ID) (Job, error) {
	found, err := db.One(ctx, r.db, scan, get, account, j)
	if errors.Is(err, db.ErrNoRows) {
		return Job{}, fault.Missing("job")
	}
	if err != nil || found.Status != Running {
		return found, err
	}
	r.mu.Lock()
	run := r.runs[j]
	r.mu.Unlock()
	if run != nil && found.claim != nil && run.claim == *found.claim {
		at := run.progress()
		found.Step, found.Done, found.Total = at.step, at.done, at.total
	}
	return found, nil
}

// watchEvery is how often a watched job is looked at.
const watchEvery = 200 * time.Millisecond

// Watch yields a job as it is, and again each time it has changed, until it has
// finished, an error comes or ctx ends. It waits while the database is away.
func (r *Runner) Watch(ctx context.Context, account id.UUID, j ID) iter.Seq2[Job, error] {
	return func(yield func(Job, error) bool) {
		type state struct {
			status Status
			at     progress
		}
		var last state
		for wait := time.Duration(0); pause(ctx, wait); wait = watchEvery {
			now, err := r.Get(ctx, account, j)
			if ctx.Err() != nil || db.Unavailable(err) {
				continue
			}
			seen := state{now.Status, progress{now.Step, now.Done, now.Total}}
			if (err != nil || seen != last) && !yield(now, err) {
				return
			}
			if last = seen; err != nil || now.Finished() {
				return
			}
		}
	}
}
