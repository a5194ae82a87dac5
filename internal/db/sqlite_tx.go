package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// A setting is what a connection needs during one transaction and cannot be told
// once that has begun.
type setting struct {
	do, undo string
	args     []any
}

// beginSQLite opens a transaction on the one connection that writes, with the
// settings that its options ask for. The file that a Snapshot attaches a second
// time is read from after the write lock is taken, so both see the same commit.
func (d *DB) beginSQLite(ctx context.Context, o txOptions) (raw *sql.Tx, release func(), err error) {
	var settings []setting
	if o.snapshot {
		settings = append(settings, setting{"ATTACH $1 AS " + committedSchema, "DETACH " + committedSchema, []any{sqliteURI(d.path()) + "?mode=ro"}})
	}
	if o.bulk {
		settings = append(settings,
			setting{do: "PRAGMA foreign_keys = OFF", undo: "PRAGMA foreign_keys = ON"},
			// Of both files that a Snapshot has. Always on, each connection's map would count as
			// memory of the process.
			setting{do: "PRAGMA mmap_size = 2147418112", undo: "PRAGMA mmap_size = 0"})
	}
	if settings == nil {
		raw, err = d.write.BeginTx(ctx, nil)
		return raw, func() {}, err
	}
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	release = func() { restore(context.WithoutCancel(ctx), conn, settings) }
	for _, s := range settings {
		if _, err = conn.ExecContext(ctx, s.do, s.args...); err != nil {
			release()
			return nil, nil, err
		}
	}
	if raw, err = conn.BeginTx(ctx, nil); err != nil {
		release()
	}
	return raw, release, err
}

// restore gives a connection back as it was. One that cannot be restored is thrown
// away.
func restore(ctx context.Context, conn *sql.Conn, settings []setting) {
	for _, s := range settings {
		if _, err := conn.ExecContext(ctx, s.undo); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			break
		}
	}
	_ = conn.Close()
}
