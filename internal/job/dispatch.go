package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// dispatch takes jobs from the queue while ctx lives and runs them under base.
func (r *Runner) dispatch(ctx, base context.Context) {
	for ctx.Err() == nil {
		if err := r.fill(ctx, base); err != nil {
			report(ctx, "take from the queue", err)
			pause(ctx, time.Second)
		}
		select {
		case <-ctx.Done():
		case <-r.freed:
		case <-time.After(r.Poll):
		}
	}
}

// waiting is a job that may be taken.
type waiting struct {
	id   ID
	kind string
}

func scanWaiting(row db.Row) (w waiting, err error) {
	err = row.Scan(&w.id, &w.kind)
	return w, err
}

// fill gives every free worker a job. Looking at the queue is a read, so that an
// idle runner never asks for SQLite's one writer.
func (r *Runner) fill(ctx, base context.Context) error {
	worker, free, longFree := r.free()
	if free <= 0 || worker.IsZero() {
		return nil
	}
	var w db.Where
	w.Add("status = 'queued'")
	w.Add("run_at <= ?", db.Time{Time: r.db.Now()})
	allowed := []any{}
	for name, k := range r.kinds {
		if !k.Long || longFree > 0 {
			allowed = append(allowed, name)
		}
	}
	if len(allowed) == 0 {
		return nil
	}
	in := db.List(len(w.Args)+1, len(allowed))
	w.Args = append(w.Args, allowed...)
	found, err := db.All(ctx, r.db, scanWaiting, `SELECT id, kind FROM job `+w.String()+` AND kind IN `+in+` ORDER BY run_at, id LIMIT 100`, w.Args...)
	if err != nil {
		return err
	}
	for _, next := range found {
		if free <= 0 {
			break
		}
		k := r.kinds[next.kind]
		if k.Long && longFree <= 0 {
			continue
		}
		run, err := r.claim(ctx, worker, next)
		if err != nil {
			return err
		}
		if run == nil {
			continue
		}
		free--
		if k.Long {
			longFree--
		}
		r.start(base, worker, k, run)
	}
	return nil
}

// free tells how many workers have nothing to do, and how many of them may be
// given a long job.
func (r *Runner) free() (worker id.UUID, free, long int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	long = max(r.Workers-1, 1)
	for _, run := range r.runs {
		if r.kinds[run.Kind].Long {
			long--
		}
	}
	return r.worker, r.Workers - len(r.runs), long
}

const claim = `
	UPDATE job SET status = 'running', attempt = attempt + 1, claim = $2, worker_id = $3
	WHERE id = $1 AND status = 'queued' AND run_at <= $4
	RETURNING account_id, store_id, kind, args, attempt, failures, total`

// claim takes a job. It returns nil when another worker was faster.
func (r *Runner) claim(ctx context.Context, worker id.UUID, next waiting) (*Run, error) {
	run := &Run{ID: next.id, Kind: next.kind, claim: r.db.NewID(), cancel: func(error) {}}
	if !r.hold(run) {
		return nil, nil
	}
	err := r.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := db.One(ctx, tx, run.scan, claim, run.ID, run.claim, worker, db.Time{Time: tx.Now()}); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `DELETE FROM job_progress WHERE job_id = $1`, run.ID) // of an earlier go
		return err
	})
	if err != nil {
		r.drop(run)
		if errors.Is(err, db.ErrNoRows) {
			return nil, nil
		}
		return nil, err
	}
	return run, nil
}

func (run *Run) scan(row db.Row) (none struct{}, err error) {
	var store *id.UUID
	err = row.Scan(&run.Account, &store, &run.Kind, &run.args, &run.Attempt, &run.failures, &run.at.total)
	if store != nil {
		run.Store = *store
	}
	return none, err
}

// hold notes that this process has the job, or is about to. It says no when an
// earlier go at it, which was lost, has not ended yet.
func (r *Runner) hold(run *Run) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.runs[run.ID] != nil {
		return false
	}
	r.runs[run.ID] = run
	return true
}

func (r *Runner) drop(run *Run) {
	r.mu.Lock()
	delete(r.runs, run.ID)
	r.mu.Unlock()
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// start runs the handler and writes down how it ended.
func (r *Runner) start(base context.Context, worker id.UUID, k kind, run *Run) {
	ctx, cancel := context.WithCancelCause(base)
	r.mu.Lock()
	run.cancel = cancel
	if r.worker != worker { // lost while it was being taken
		cancel(ErrLost)
	}
	r.mu.Unlock()
	r.working.Go(func() {
		defer cancel(nil)
		defer r.drop(run)
		limited, stop := context.WithTimeout(ctx, k.Timeout)
		err := k.handle(limited, run)
		stop()
		r.settle(base, k, run, err, context.Cause(ctx))
	})
}

// settle writes the outcome of a go, as often as it takes while the database is
// away. cause says why the handler's context ended early, if it did.
func (r *Runner) settle(ctx context.Context, k kind, run *Run, err, cause error) {
	if errors.Is(cause, ErrLost) || errors.Is(err, ErrLost) {
		slog.WarnContext(ctx, "jobs: lost to another worker", "job", run.ID, "kind", run.Kind)
		return
	}
	stopped := err != nil && errors.Is(cause, errStopping) && !isPermanent(err)
	last := isPermanent(err) || run.failures+1 >= k.MaxAttempts
	if err != nil && !stopped {
		logFailure(ctx, run, err, last)
	}
	for {
		saving := r.db.InTx(ctx, func(tx *db.Tx) error {
			switch {
			case err == nil:
				_, err := run.finish(ctx, tx, Succeeded, nil, nil)
				return err
			case stopped:
				return run.requeue(ctx, tx, tx.Now(), run.Attempt-1, run.failures)
			case last:
				message := explain(err)
				_, err := run.finish(ctx, tx, Failed, nil, &message)
				return err
			default:
				return run.requeue(ctx, tx, tx.Now().Add(r.Backoff(run.failures+1)), run.Attempt, run.failures+1)
			}
		})
		report(ctx, "write an outcome", saving)
		if saving == nil || !pause(ctx, time.Second) {
			return
		}
	}
}

func logFailure(ctx context.Context, run *Run, err error, last bool) {
	level, what := slog.LevelWarn, "jobs: failed, will try again"
	if last {
		what = "jobs: failed"
	}
	if last && explain(err) == neutral {
		level = slog.LevelError
	}
	slog.Log(ctx, level, what, "job", run.ID, "kind", run.Kind, "attempt", run.Attempt, "error", err)
}

const requeue = `
	UPDATE job SET status = 'queued', run_at = $3, attempt = $4, failures = $5, claim = NULL, worker_id = NULL
	WHERE id = $1 AND claim = $2`

// requeue puts the job back, unless it has ended or was lost.
func (run *Run) requeue(ctx context.Context, tx *db.Tx, at time.Time, attempt, failures int) error {
	_, err := db.Exec(ctx, tx, requeue, run.ID, run.claim, db.Time{Time: at}, attempt, failures)
	return err
}
