package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"vitrine/internal/id"
	"vitrine/internal/observe"
)

// Tx is a transaction. It is for one goroutine.
type Tx struct {
	*sql.Tx
	db     *DB
	now    time.Time
	filled []id.UUID // the stores whose references are checked at the end; see Bulk
	last   map[string]func(context.Context) error
	news   []news

	counted *observe.Pool
}

// Now returns the time at which the transaction began: all its rows share it.
func (tx *Tx) Now() time.Time { return tx.now }

// NewID returns a fresh id.
func (tx *Tx) NewID() id.UUID { return tx.db.ids.New() }

// Engine tells which database this is.
func (tx *Tx) Engine() Engine { return tx.db.engine }

// Cluster tells whether this is PostgreSQL with Citus.
func (tx *Tx) Cluster() bool { return tx.db.Cluster() }

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
	bulk     bool
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

// maxPause is how long a transaction waits at most before it is run again. One that
// has lost often waits less, so that newcomers do not pass it.
const maxPause = 50 * time.Millisecond

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
		o.pool(d).Again()
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(rand.N(maxPause / time.Duration(try))): //nolint:gosec // spreads the retries
		}
	}
}

func (d *DB) runTx(ctx context.Context, o txOptions, fn func(*Tx) error) (err error) {
	counted := o.pool(d)
	begun := counted.Waits(ctx, "begin")
	raw, release, err := d.begin(ctx, o)
	begun()
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
	tx := &Tx{Tx: raw, db: d, now: d.Now(), counted: counted}
	if err := fn(tx); err != nil {
		return err
	}
	if o.bulk {
		if err := tx.checkFilled(ctx); err != nil {
			return err
		}
	}
	if err := tx.runLast(ctx); err != nil {
		return err
	}
	commits := counted.Waits(ctx, "commit")
	err = raw.Commit()
	commits()
	committed = err == nil
	d.listeners.tell(tx.news) // also of a commit that nobody knows the end of
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// View lets fn read the database as it is at one moment. It keeps nobody waiting, and
// writes nothing.
func (d *DB) View(ctx context.Context, fn func(Q) error, options ...Option) error {
	var o txOptions
	for _, option := range options {
		option(&o)
	}
	var how *sql.TxOptions
	if d.engine == Postgres {
		how = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	raw, err := d.read.BeginTx(ctx, how)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = raw.Rollback() }()
	if d.engine == Postgres {
		if err := o.tell(ctx, raw); err != nil {
			return err
		}
	}
	return fn(&Tx{Tx: raw, db: d, now: d.Now()})
}

// begin opens a transaction. release is called after it ended.
func (d *DB) begin(ctx context.Context, o txOptions) (raw *sql.Tx, release func(), err error) {
	d.statements.prepare(ctx, d.write)
	switch {
	case d.engine == SQLite:
		return d.beginSQLite(ctx, o)
	case o.snapshot:
		raw, err = d.write.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	case o.keyed:
		raw, err = d.keyed.BeginTx(ctx, nil)
	default:
		raw, err = d.write.BeginTx(ctx, nil)
	}
	if err == nil {
		if err = o.tell(ctx, raw); err != nil {
			_ = raw.Rollback()
		}
	}
	return raw, func() {}, err
}

// bulkMemory is what one sort or hash table of a Bulk transaction may take on
// PostgreSQL's side, instead of 4 MB.
const bulkMemory = "64MB"

// tell sets for a transaction on PostgreSQL what its options ask for.
func (o txOptions) tell(ctx context.Context, raw *sql.Tx) error {
	var settings []string
	if o.timeout > 0 {
		settings = append(settings, fmt.Sprintf("set_config('statement_timeout', '%d', TRUE)", o.timeout.Milliseconds()))
	}
	if o.bulk {
		settings = append(settings, "set_config('work_mem', '"+bulkMemory+"', TRUE)")
	}
	if settings == nil {
		return nil
	}
	_, err := raw.ExecContext(ctx, "SELECT "+strings.Join(settings, ", ")) //nolint:gosec // of constants
	return err
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
