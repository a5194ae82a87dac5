package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"vitrine/internal/id"
)

// Tx is a transaction. It is for one goroutine.
type Tx struct {
	*sql.Tx
	db  *DB
	now time.Time
}

// Now returns the time at which the transaction began: all its rows share it.
func (tx *Tx) Now() time.Time { return tx.now }

// NewID returns a fresh id.
func (tx *Tx) NewID() id.UUID { return tx.db.ids.New() }

// Engine tells which database this is.
func (tx *Tx) Engine() Engine { return tx.db.engine }

// An Option changes how a transaction runs.
type Option func(*txOptions)

type txOptions struct {
	isolation sql.IsolationLevel
	timeout   time.Duration
}

// Snapshot lets all statements of the transaction see the database as it was at
// the first one (REPEATABLE READ; on SQLite every transaction is so). Updating a
// row that another transaction changed meanwhile starts the function again.
func Snapshot() Option {
	return func(o *txOptions) { o.isolation = sql.LevelRepeatableRead }
}

// Timeout lets each statement run for up to limit instead of the usual 30 s.
func Timeout(limit time.Duration) Option {
	return func(o *txOptions) { o.timeout = limit }
}

// maxTries bounds how often a transaction is run again. Two owners of one row can
// lose to each other many times, but each round lets one of them through.
const maxTries = 40

// InTx runs fn in a transaction and commits it when fn returns nil. When the
// database asks for it (serialization failure, deadlock), everything is rolled
// back and fn runs again, so fn must not keep state from an earlier run.
func (d *DB) InTx(ctx context.Context, fn func(*Tx) error, options ...Option) error {
	var o txOptions
	for _, option := range options {
		option(&o)
	}
	for try := 1; ; try++ {
		err := d.runTx(ctx, o, fn)
		if err == nil || !retryable(err) || try == maxTries {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(rand.N(time.Duration(min(try, 10)) * 5 * time.Millisecond)): //nolint:gosec // spreads the retries
		}
	}
}

func (d *DB) runTx(ctx context.Context, o txOptions, fn func(*Tx) error) (err error) {
	isolation := o.isolation
	if d.engine == SQLite {
		isolation = sql.LevelDefault
	}
	raw, err := d.write.BeginTx(ctx, &sql.TxOptions{Isolation: isolation})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			_ = raw.Rollback()
		}
	}()
	if o.timeout > 0 && d.engine == Postgres {
		if _, err := raw.ExecContext(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d", o.timeout.Milliseconds())); err != nil {
			return err
		}
	}
	if err := fn(&Tx{Tx: raw, db: d, now: d.Now()}); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	return nil
}
