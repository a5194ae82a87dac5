package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vitrine/internal/clock"
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

// fill gives every free worker a job. Looking at the queue is a read, so that an
// idle runner never asks for SQLite's one writer.
func (r *Runner) fill(ctx, base context.Context) error {
	for {
		worker, kinds, mine := r.free()
		if len(kinds) == 0 {
			return nil
		}
		var w db.Where
		w.Add("status = 'queued'")
		w.Add("run_at <= ?", db.Time{Time: r.db.Now()})
		w.Add("kind IN " + among(&w, kinds))
		if len(mine) > 0 { // lost ones, whose handlers have not ended yet
			w.Add("id NOT IN " + among(&w, mine))
		}
		next, err := db.One(ctx, r.db, db.Value[ID], `SELECT id FROM job `+w.String()+` ORDER BY run_at, id LIMIT 1`, w.Args...)
		if errors.Is(err, db.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = r.take(ctx, base, worker, next)
		}
		if err != nil {
			return err
		}
	}
}

// among adds arguments and returns the list of their placeholders.
func among[T any](w *db.Where, items []T) string {
	first := len(w.Args) + 1
	w.Args = append(w.Args, db.Args(items)...)
	return db.List(first, len(items))
}

// free returns the kinds of jobs that there is a worker for, and the jobs that this
// process has. There are no kinds while all workers have something to do, or while
// the process must not take jobs.
func (r *Runner) free() (worker id.UUID, kinds []string, mine []ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	long := max(r.Workers-1, 1)
	for _, run := range r.runs {
		mine = append(mine, run.ID)
		if r.kinds[run.Kind].Long {
			long--
		}
	}
	if r.worker.IsZero() || len(r.runs) >= r.Workers {
		return r.worker, nil, mine
	}
	for name, k := range r.kinds {
		if !k.Long || long > 0 {
			kinds = append(kinds, name)
		}
	}
	return r.worker, kinds, mine
}

const claim = `
	UPDATE job SET status = 'running', claim = $2, worker_id = $3
	WHERE id = $1 AND status = 'queued' AND run_at <= $4
	RETURNING ` + runColumns + `, run_at`

// take claims a job and starts it, unless another worker was faster.
func (r *Runner) take(ctx, base context.Context, worker id.UUID, next ID) error {
	working, cancel := context.WithCancelCause(base)
	if !r.hold(worker, &Run{ID: next, cancel: cancel}) {
		cancel(nil)
		return nil
	}
	run := &Run{cancel: cancel}
	err := r.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := db.One(ctx, tx, run.scanTaken, claim, next, tx.NewID(), worker, db.Time{Time: tx.Now()}); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `DELETE FROM job_progress WHERE job_id = $1`, next) // of an earlier go
		return err
	})
	if err != nil || !r.hold(worker, run) {
		cancel(nil)
		r.drop(next)
		if errors.Is(err, db.ErrNoRows) {
			return nil
		}
		return err
	}
	watch := clock.Start()
	r.db.Observer().JobWaited(run.Kind, r.db.Now().Sub(run.due))
	r.working.Go(func() {
		defer r.drop(run.ID)
		defer cancel(nil)
		err := r.handle(working, run)
		r.db.Observer().Job(run.Kind, r.outcome(run, err, context.Cause(working)), watch.Elapsed())
		r.settle(base, run, err, context.Cause(working))
	})
	return nil
}

func (r *Runner) handle(ctx context.Context, run *Run) error {
	k := r.kinds[run.Kind]
	ctx, stop := context.WithTimeout(ctx, k.Timeout)
	defer stop()
	return k.handle(ctx, run)
}

// hold notes that this process has the job, or is about to, unless it is no longer
// the worker.
func (r *Runner) hold(worker id.UUID, run *Run) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.worker != worker {
		return false
	}
	r.runs[run.ID] = run
	return true
}

func (r *Runner) drop(j ID) {
	r.mu.Lock()
	delete(r.runs, j)
	r.mu.Unlock()
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// settle writes down how a go ended, as often as it takes while the database is
// away. What it cannot write counts as interrupted. cause says why the handler's
// context ended early, if it did.
func (r *Runner) settle(ctx context.Context, run *Run, err, cause error) {
	var write func(tx *db.Tx) error
	switch {
	case err == nil:
		write = func(tx *db.Tx) error {
			_, err := run.finish(ctx, tx, Succeeded, nil, nil) // changes nothing after Succeed
			return err
		}
	case errors.Is(err, ErrLost) || errors.Is(cause, ErrLost):
		slog.WarnContext(ctx, "jobs: lost to another worker", "job", run.ID, "kind", run.Kind)
		return
	case errors.Is(cause, errStopping) && !isPermanent(err):
		write = func(tx *db.Tx) error { return run.requeue(ctx, tx, tx.Now(), run.failures, run.interruptions) }
	default:
		write = r.failed(ctx, run, err)
	}
	for {
		saving := r.db.InTx(ctx, write)
		report(ctx, "write an outcome", saving)
		if !db.Unavailable(saving) || !pause(ctx, time.Second) {
			return
		}
	}
}

// outcome is how a go ended, in a word.
func (r *Runner) outcome(run *Run, err, cause error) string {
	switch {
	case err == nil:
		return "succeeded"
	case errors.Is(err, ErrLost) || errors.Is(cause, ErrLost):
		return "lost"
	case errors.Is(cause, errStopping) && !isPermanent(err):
		return "stopped"
	case isPermanent(err) || run.failures+1 >= r.kinds[run.Kind].MaxAttempts:
		return "failed"
	}
	return "again"
}

// failed logs the error that a go ended with, and returns what writes it down.
func (r *Runner) failed(ctx context.Context, run *Run, err error) func(tx *db.Tx) error {
	failures := run.failures + 1
	level, what := slog.LevelWarn, "jobs: failed, will try again"
	last := isPermanent(err) || failures >= r.kinds[run.Kind].MaxAttempts
	if last {
		what = "jobs: failed"
	}
	message := explain(err)
	if last && message == neutral {
		level = slog.LevelError
	}
	slog.Log(ctx, level, what, "job", run.ID, "kind", run.Kind, "failures", failures, "error", err)
	return func(tx *db.Tx) error {
		if !last {
			return run.requeue(ctx, tx, tx.Now().Add(r.Backoff(failures)), failures, run.interruptions)
		}
		_, err := run.finish(ctx, tx, Failed, nil, &message)
		return err
	}
}
