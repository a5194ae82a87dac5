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

// Lock keeps other transactions that lock the same name waiting until this one
// ends. It is for rules that no single row stands for. SQLite's one writer needs
// no lock.
func (tx *Tx) Lock(ctx context.Context, name string) error {
	if tx.db.engine == SQLite {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
	return err
}

// An Option changes how a transaction runs.
type Option func(*txOptions)

type txOptions struct {
	snapshot bool
	keyed    bool
	timeout  time.Duration
}

// Snapshot lets all statements of the transaction see what was committed when it
// began (REPEATABLE READ; on SQLite every transaction is so). Updating a row that
// another transaction changed meanwhile starts the function again. Tables can be
// read as Tx.Committed says.
func Snapshot() Option {
	return func(o *txOptions) { o.snapshot = true }
}

// Keyed is for a transaction that many wait for, whose statements find all their
// rows by key and join tables in that order: it has connections of its own, on which
// they are planned so.
func Keyed() Option {
	return func(o *txOptions) { o.keyed = true }
}

// committedSchema is the name that a SQLite file has a second time, read-only, in
// a Snapshot transaction.
const committedSchema = "committed"

// Committed returns what to write before a table's name, in a Snapshot
// transaction, to read it as it was committed, without this transaction's own
// changes where that is faster: SQLite copies the whole result of INSERT … SELECT
// aside when it reads and writes the same table, which costs a third of a clone.
func (e Engine) Committed() string {
	if e == SQLite {
		return committedSchema + "."
	}
	return ""
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
	raw, release, err := d.begin(ctx, o)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			_ = raw.Rollback()
		}
		release()
	}()
	if err := fn(&Tx{Tx: raw, db: d, now: d.Now()}); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	return nil
}

// begin opens a transaction. release is called after it ended.
func (d *DB) begin(ctx context.Context, o txOptions) (raw *sql.Tx, release func(), err error) {
	d.statements.prepare(ctx, d.write)
	switch {
	case d.engine == SQLite && o.snapshot:
		return d.beginAttached(ctx)
	case o.snapshot:
		raw, err = d.write.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	case o.keyed:
		raw, err = d.keyed.BeginTx(ctx, nil)
	default:
		raw, err = d.write.BeginTx(ctx, nil)
	}
	if err == nil && o.timeout > 0 && d.engine == Postgres {
		_, err = raw.ExecContext(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d", o.timeout.Milliseconds()))
		if err != nil {
			_ = raw.Rollback()
		}
	}
	return raw, func() {}, err
}

// beginAttached opens a transaction in which the file is attached a second time,
// read-only. The write lock is taken first, so both see the same commit.
func (d *DB) beginAttached(ctx context.Context) (*sql.Tx, func(), error) {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	if _, err := conn.ExecContext(ctx, "ATTACH $1 AS "+committedSchema, sqliteURI(d.path())+"?mode=ro"); err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	release := func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "DETACH "+committedSchema)
		_ = conn.Close()
	}
	raw, err := conn.BeginTx(ctx, nil)
	if err != nil {
		release()
	}
	return raw, release, err
}

// ForUpdate ends a SELECT that keeps others from changing the rows of the table
// with the alias, which are locked in the order of the columns. SQLite's one writer
// needs no lock.
func (e Engine) ForUpdate(alias, order string) string {
	if e == SQLite {
		return ""
	}
	return " ORDER BY " + order + " FOR NO KEY UPDATE OF " + alias
}

// ForShare ends a SELECT, also one with ForUpdate, that keeps the rows of the table
// with the alias as they are, while others may do the same.
func (e Engine) ForShare(alias string) string {
	if e == SQLite {
		return ""
	}
	return " FOR SHARE OF " + alias
}
