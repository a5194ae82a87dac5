package job

import (
	"context"
	"iter"
	"time"

	"vitrine/internal/id"
)

// Get returns a job of the account's. A job that runs in this process shows its
// progress to the moment.
func (r *Runner) Get(ctx context.Context, account id.UUID, j ID) (Job, error) {
	found, err := Get(ctx, r.db, account, j)
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
// finished, an error comes or ctx ends.
func (r *Runner) Watch(ctx context.Context, account id.UUID, j ID) iter.Seq2[Job, error] {
	return func(yield func(Job, error) bool) {
		type state struct {
			status  Status
			attempt int
			at      progress
		}
		var last state
		for {
			now, err := r.Get(ctx, account, j)
			if ctx.Err() != nil {
				return
			}
			seen := state{now.Status, now.Attempt, progress{now.Step, now.Done, now.Total}}
			if (err != nil || seen != last) && !yield(now, err) {
				return
			}
			if last = seen; err != nil || now.Finished() || !pause(ctx, watchEvery) {
				return
			}
		}
	}
}
