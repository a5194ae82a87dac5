package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"vitrine/internal/observe"
)

// pools are where the statements of each pool are counted.
type pools struct{ read, write, keyed *observe.Pool }

// Observer returns who is told of what happens, or nil.
func (d *DB) Observer() *observe.Observer { return d.observer }

// observe has statements and connections counted. PostgreSQL has one pool for reads and
// writes, and SQLite one for all that writes.
func (d *DB) observe() {
	pool := func(name string) *observe.Pool { return d.observer.Pool(string(d.engine), name) }
	d.pools.write = pool("write")
	d.pools.read, d.pools.keyed = d.pools.write, d.pools.write
	counted := map[string]func() observe.Connections{"write": connections(d.write)}
	if d.read != d.write {
		d.pools.read, counted["read"] = pool("read"), connections(d.read)
	}
	if d.keyed != d.write {
		d.pools.keyed, counted["keyed"] = pool("keyed"), connections(d.keyed)
	}
	d.observer.Connections(string(d.engine), counted)
}

func connections(pool *sql.DB) func() observe.Connections {
	return func() observe.Connections {
		s := pool.Stats()
		return observe.Connections{Open: s.OpenConnections, InUse: s.InUse, Max: s.MaxOpenConnections, Waits: s.WaitCount, Waited: s.WaitDuration}
	}
}

func (d *DB) pool() *observe.Pool    { return d.pools.read }
func (q keyedQ) pool() *observe.Pool { return q.pools.keyed }
func (tx *Tx) pool() *observe.Pool   { return tx.counted }
func (o txOptions) pool(d *DB) *observe.Pool {
	if o.keyed {
		return d.pools.keyed
	}
	return d.pools.write
}

// outcome is how a statement ended, in a word.
func outcome(err error) string {
	switch {
	case err == nil, errors.Is(err, ErrNoRows):
		return "ok"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "canceled"
	case constrained(err):
		return "refused"
	case Unavailable(err):
		return "unavailable"
	}
	return "failed"
}

// constrained tells whether a constraint or a trigger refused a statement.
func constrained(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code[:2] == "23"
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}
