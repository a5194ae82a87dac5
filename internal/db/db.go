// Package db is the way to the database: SQLite in a file, or PostgreSQL. One
// SQL text serves both; what it may use is listed in the house style.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"vitrine/internal/clock"
	"vitrine/internal/id"
	"vitrine/internal/observe"
)

// Engine names the database behind a DB.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// ErrNoRows is returned by One when there is no row.
var ErrNoRows = sql.ErrNoRows

// Options say which database to open and how.
type Options struct {
	URL      string // sqlite://path or postgres://…
	MaxConns int    // PostgreSQL: connections of this process; 0 = 12. Readers on SQLite; 0 = 8.
	Clock    clock.Clock
	Observer *observe.Observer // is told of every statement; may be nil
	Tracer   pgx.QueryTracer   // PostgreSQL: hears of every statement; may be nil
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine  Engine
	url     string
	read    *sql.DB // SQLite: a pool that cannot write; PostgreSQL: the same as write
	write   *sql.DB // SQLite: one connection
	keyed   *sql.DB // PostgreSQL: see Keyed; SQLite: the same as write
	clock   clock.Clock
	ids     *id.Source
	indexes map[string]string // SQLite: what an error says about a unique index → its name

	statements statements // SQLite: those of the writer that are kept ready
	reads      statements // and those of the readers

	listeners listeners
	clustered atomic.Bool // PostgreSQL with Citus, as of Migrate

	observer *observe.Observer
	pools    pools
}

// Open connects and checks that the database answers. It changes nothing: see
// Migrate.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	d := &DB{url: o.URL, clock: o.Clock, ids: id.NewSource(o.Clock), observer: o.Observer}
	var err error
	switch scheme, rest, _ := strings.Cut(o.URL, "://"); scheme {
	case "sqlite":
		err = d.openSQLite(rest, o.MaxConns)
	case "postgres", "postgresql":
		err = d.openPostgres(o.URL, o.MaxConns, o.Tracer)
	default:
		err = fmt.Errorf("database_url must begin with sqlite:// or postgres://, not %q", scheme)
	}
	if err != nil {
		return nil, err
	}
	d.observe()
	if err := d.Ping(ctx); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return d, nil
}

// Close closes all connections after the running queries.
func (d *DB) Close() error {
	d.statements.close()
	d.reads.close()
	if d.engine == SQLite {
		return errors.Join(d.read.Close(), d.write.Close())
	}
	return errors.Join(d.keyed.Close(), d.write.Close())
}

// Engine tells which database this is.
func (d *DB) Engine() Engine { return d.engine }

// Cluster tells whether this is PostgreSQL with Citus, where a statement with rows of
// several stores may be refused. It is known once Migrate has run.
func (d *DB) Cluster() bool { return d.clustered.Load() }

// URL returns what the database was opened with. It may hold a password.
func (d *DB) URL() string { return d.url }

// Name returns the same without the password, for people.
func (d *DB) Name() string {
	if address, err := url.Parse(d.url); err == nil {
		return address.Redacted()
	}
	return string(d.engine)
}

// Now returns the time of the injected clock.
func (d *DB) Now() time.Time { return d.clock.Now().UTC().Truncate(time.Microsecond) }

// NewID returns a fresh id.
func (d *DB) NewID() id.UUID { return d.ids.New() }

// Writer returns the pool that may write: a single connection on SQLite. It is
// for libraries that bring their own SQL; our own goes through InTx.
func (d *DB) Writer() *sql.DB { return d.write }

// Ping checks that the database answers.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.read.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// ExecContext is part of Q. Outside of a transaction nothing is written: SQLite
// refuses it.
func (d *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return d.read.ExecContext(ctx, query, args...)
}

// QueryContext is part of Q.
func (d *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.read.QueryContext(ctx, query, args...)
}

// Keyed returns a Q for single statements of the kind that the option Keyed is for.
// On PostgreSQL they may write.
func (d *DB) Keyed() Q {
	if d.engine == SQLite {
		return d
	}
	return keyedQ{d}
}

type keyedQ struct{ *DB }

// ExecContext is part of Q.
func (q keyedQ) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return q.keyed.ExecContext(ctx, query, args...)
}

// QueryContext is part of Q.
func (q keyedQ) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return q.keyed.QueryContext(ctx, query, args...)
}

// oneEngine shows only the files that are for one engine: NAME.sql for both,
// NAME.postgres.sql and NAME.sqlite.sql for one.
type oneEngine struct {
	fs.FS
	engine Engine
}

func (f oneEngine) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(f.FS, name)
	mine := entries[:0]
	for _, e := range entries {
		parts := strings.Split(e.Name(), ".")
		if len(parts) == 2 || parts[1] == string(f.engine) {
			mine = append(mine, e)
		}
	}
	return mine, err
}
