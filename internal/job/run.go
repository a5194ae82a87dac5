package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
)

// ErrLost says that a job was taken from the process that ran it, which looked
// dead. What the handler did in a transaction is to be rolled back.
var ErrLost = errors.New("the job was taken over by another worker")

// Run is one go at a job. Its methods are safe for concurrent use.
type Run struct {
	ID      ID
	Account id.UUID
	Store   id.UUID // zero where the job is about no store
	Kind    string
	Attempt int // 1 for the first go

	args     string
	failures int
	claim    id.UUID
	cancel   context.CancelCauseFunc

	mu    sync.Mutex
	at    progress
	dirty bool // at is not in job_progress yet
}

type progress struct {
	step        string
	done, total int
}

// Progress says how far the job is. It only keeps the figures, so it may be called
// for every row and inside a transaction.
func (run *Run) Progress(step string, done, total int) {
	run.mu.Lock()
	defer run.mu.Unlock()
	now := progress{step, done, total}
	run.dirty = run.dirty || now != run.at
	run.at = now
}

func (run *Run) progress() progress {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.at
}

// unsaved tells the progress, and whether it has changed since it was last saved.
func (run *Run) unsaved() (at progress, changed bool) {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.at, run.dirty
}

func (run *Run) saved(at progress) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.dirty = run.at != at
}

// claim is the fence: it is NULL unless the job runs, and new each time it starts.
const finish = `
	UPDATE job SET status = $3, result = $4, error = $5, step = $6, done = $7, total = $8, finished_at = $9,
		claim = NULL, worker_id = NULL
	WHERE id = $1 AND claim = $2`

// Succeed ends the job inside the handler's transaction, so that what was done and
// the outcome commit together: a job whose process dies before runs again, one
// whose process dies after does not. result is shown as JSON. When the job is no
// longer this handler's it returns ErrLost.
func (run *Run) Succeed(ctx context.Context, tx *db.Tx, result any) error {
	raw, err := json.Marshal(result)
	if err != nil {
		return Permanent(fmt.Errorf("keep the result: %w", err))
	}
	text := string(raw)
	ended, err := run.finish(ctx, tx, Succeeded, &text, nil)
	if err == nil && !ended {
		return ErrLost
	}
	return err
}

// finish writes the outcome, unless that has been done or the job was lost.
func (run *Run) finish(ctx context.Context, tx *db.Tx, s Status, result, cause *string) (ended bool, err error) {
	at := run.progress()
	n, err := db.Exec(ctx, tx, finish, run.ID, run.claim, s, result, cause, at.step, at.done, at.total, db.Time{Time: tx.Now()})
	return n == 1, err
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error of a handler as one that another go would give again.
// Errors of package fault that blame the input are permanent by nature.
func Permanent(err error) error { return permanent{err} }

func isPermanent(err error) bool {
	if _, ok := errors.AsType[permanent](err); ok {
		return true
	}
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return false
	}
	switch e.Kind {
	case fault.Invalid, fault.Refused, fault.Forbidden, fault.NotFound, fault.Conflict, fault.TooLarge, fault.Unsupported:
		return true
	default:
		return false
	}
}

// What the owner of a failed job reads when there is nothing that is safe to show.
const (
	neutral     = "Something went wrong on our side. Please try again."
	interrupted = "The work was interrupted again and again. Please try again later."
)

// explain returns what the owner of a job reads about err.
func explain(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind != fault.Internal {
		return e.Message
	}
	return neutral
}
