// Package job runs work in the background, on the shop's own database. A job is
// one row: it is written in the transaction that causes the work, taken by one
// worker at a time, and its outcome commits together with what it did. A process
// that dies leaves its jobs to the others, or to its successor.
package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// ID names a job.
type ID struct{ id.UUID }

// Status is where a job stands.
type Status string

// The states. A job that failed for now is queued again.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
)

// Job is a piece of background work as its owner sees it.
type Job struct {
	ID         ID
	Account    id.UUID
	Store      id.UUID // zero where the job is about no store
	Kind       string
	Status     Status
	Step       string // what it is doing, for people
	Done       int
	Total      int
	Result     json.RawMessage // nil until it has succeeded
	Error      string          // a sentence for its owner, when it has failed
	CreatedAt  time.Time
	FinishedAt *time.Time

	claim *id.UUID
}

// Finished tells whether nothing more will happen to the job.
func (j Job) Finished() bool { return j.Status == Succeeded || j.Status == Failed }

// New is a job to be written.
type New struct {
	Account id.UUID
	Store   id.UUID // may be zero
	Kind    string
	Args    any // kept as JSON, for the handler
	Total   int // what its progress counts up to, where that is known
}

const insert = `
	INSERT INTO job (id, account_id, store_id, kind, status, args, step, done, total, failures, interruptions, run_at, created_at)
	VALUES ($1, $2, $3, $4, 'queued', $5, '', 0, $6, 0, 0, $7, $7)`

// Enqueue writes a job that runs soon after tx has committed, and never if tx is
// rolled back.
func Enqueue(ctx context.Context, tx *db.Tx, n New) (ID, error) {
	j := ID{UUID: tx.NewID()}
	_, err := db.Exec(ctx, tx, insert, j, n.Account, orNull(n.Store), n.Kind, db.JSON[any]{V: n.Args}, n.Total, db.Time{Time: tx.Now()})
	if err != nil {
		return ID{}, fmt.Errorf("enqueue %s: %w", n.Kind, err)
	}
	return j, nil
}

func orNull(u id.UUID) any {
	if u.IsZero() {
		return nil
	}
	return u
}

const get = `
	SELECT j.id, j.account_id, j.store_id, j.kind, j.status,
		COALESCE(p.step, j.step), COALESCE(p.done, j.done), COALESCE(p.total, j.total),
		j.result, j.error, j.created_at, j.finished_at, j.claim
	FROM job j
	LEFT JOIN job_progress p ON p.job_id = j.id AND j.status = 'running'
	WHERE j.account_id = $1 AND j.id = $2`

func scan(row db.Row) (Job, error) {
	var (
		j             Job
		store         *id.UUID
		result, cause *string
		created       db.Time
		finished      db.NullTime
	)
	err := row.Scan(&j.ID, &j.Account, &store, &j.Kind, &j.Status, &j.Step, &j.Done, &j.Total,
		&result, &cause, &created, &finished, &j.claim)
	if store != nil {
		j.Store = *store
	}
	if result != nil {
		j.Result = json.RawMessage(*result)
	}
	if cause != nil {
		j.Error = *cause
	}
	j.CreatedAt, j.FinishedAt = created.Time, finished.Time
	return j, err
}
