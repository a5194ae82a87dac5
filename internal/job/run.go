package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
)

// ErrLost says that a job was taken from the process that ran it, which looked
// dead. What the handler did in a transaction is to be rolled back.
var ErrLost = errors.New("the job was taken over by another worker")

// Run is one go at a job. Progress is safe for concurrent use.
type Run struct {
	ID      ID
	Account id.UUID
	Store   id.UUID // zero where the job is about no store
	Kind    string

	args          string
	state         *string
	claim         id.UUID
	failures      int       // goes in a row that ended with an error, before this one
	interruptions int       // and those that died with their process
	due           time.Time // when it could begin; of jobs that were taken
	cancel        context.CancelCauseFunc

	mu    sync.Mutex
	at    progress
	dirty bool // at is not in job_progress yet
}

// runColumns are what scanRun reads.
const runColumns = `id, account_id, store_id, kind, args, state, claim, failures, interruptions, step, done, total`

func (run *Run) scan(row db.Row) (*Run, error) {
	var store *id.UUID
	err := row.Scan(&run.ID, &run.Account, &store, &run.Kind, &run.args, &run.state, &run.claim, &run.failures, &run.interruptions,
		&run.at.step, &run.at.done, &run.at.total)
	if store != nil {
		run.Store = *store
	}
	return run, err
}

// scanTaken is scan with the time at which the job could begin.
func (run *Run) scanTaken(row db.Row) (*Run, error) {
	var due db.Time
	_, err := run.scan(db.RowFunc(func(dest ...any) error { return row.Scan(append(dest, &due)...) }))
	run.due = due.Time
	return run, err
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
const save = `
	UPDATE job SET state = $3, step = $4, done = $5, total = $6, failures = $7, interruptions = $8
	WHERE id = $1 AND claim = $2`

// Save keeps where the next go has to go on, inside the transaction that got the
// job so far: work of many transactions saves in each, and so does nothing twice.
// A job that gets further has all its attempts again. When the job is no longer
// this handler's it returns ErrLost.
func (run *Run) Save(ctx context.Context, tx *db.Tx, state any) error {
	raw, err := json.Marshal(state)
	if err != nil {
		return Permanent(fmt.Errorf("keep the state: %w", err))
	}
	text := string(raw)
	if run.state == nil || *run.state != text {
		run.failures, run.interruptions = 0, 0
	}
	at := run.progress()
	n, err := db.Exec(ctx, tx, save, run.ID, run.claim, text, at.step, at.done, at.total, run.failures, run.interruptions)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// Saved reads what the last Save kept, and tells whether there was one.
func (run *Run) Saved(state any) (bool, error) {
	if run.state == nil {
		return false, nil
	}
	if err := json.Unmarshal([]byte(*run.state), state); err != nil {
		return false, Permanent(fmt.Errorf("read the state: %w", err))
	}
	return true, nil
}

const finish = `
	UPDATE job SET status = $3, result = $4, error = $5, step = $6, done = $7, total = $8, finished_at = $9,
		state = NULL, claim = NULL, worker_id = NULL
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

const requeue = `
	UPDATE job SET status = 'queued', run_at = $3, failures = $4, interruptions = $5, claim = NULL, worker_id = NULL
	WHERE id = $1 AND claim = $2`

// requeue puts the job back, unless it has ended or was lost.
func (run *Run) requeue(ctx context.Context, tx *db.Tx, at time.Time, failures, interruptions int) error {
	_, err := db.Exec(ctx, tx, requeue, run.ID, run.claim, db.Time{Time: at}, failures, interruptions)
	return err
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error of a handler as one that another go would give again.
// Errors of package fault that blame the input are permanent by nature; a lost race
// is not.
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
	case fault.Invalid, fault.Refused, fault.Forbidden, fault.NotFound, fault.TooLarge, fault.Unsupported:
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

// explain returns what the owner of a job reads about err. Words that were in the
// input may hold what PostgreSQL cannot keep.
func explain(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind != fault.Internal {
		return strings.ReplaceAll(strings.ToValidUTF8(e.Message, "\uFFFD"), "\x00", "\uFFFD")
	}
	return neutral
}
