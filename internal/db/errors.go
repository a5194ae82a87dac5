package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"vitrine/internal/fault"
)

// Violates tells whether the database refused a statement for the named unique
// index or check. It works on the error of the statement, or of InTx around it.
func (d *DB) Violates(err error, name string) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.ConstraintName == name
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	_, what, _ := strings.Cut(lite.Error(), "constraint failed: ")
	if i := strings.LastIndex(what, " ("); i >= 0 {
		what = what[:i] // the driver adds the code
	}
	if _, after, found := strings.Cut(what, "constraint failed: "); found {
		what = after
	}
	return what == name || what == "index '"+name+"'" || d.indexes[what] == name && name != ""
}

// Violates is the same inside a transaction.
func (tx *Tx) Violates(err error, name string) bool { return tx.db.Violates(err, name) }

// ViolatesForeignKey tells whether a statement named a row that is not there, or
// would have taken one away that others name.
func ViolatesForeignKey(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23503"
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

// Missing says what the row is that a statement did not find ("tax rule"). Other
// errors stay as they are.
func Missing(err error, what string) error {
	if errors.Is(err, ErrNoRows) {
		return fault.Missing(what)
	}
	return err
}

// retryable tells whether the database asks to run the transaction again.
func retryable(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "40001" || pg.Code == "40P01" // serialization failure, deadlock
	}
	return false
}

// Unavailable tells whether err means that the database is away or too busy, so
// that the same request may work a little later.
func Unavailable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok { // whatever the server's reason
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code[:2] {
		case "08", "53", "57", "58": // connection, resources, operator intervention, system
			return true
		}
		return pg.Code == "55P03" || retryable(err) // lock not available
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
			sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL:
			return true
		}
		return false
	}
	if _, ok := errors.AsType[net.Error](err); ok && !errors.Is(err, context.Canceled) {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed) || pgconn.Timeout(err)
}

// RolledBack tells whether an error of COMMIT says that nothing was committed. When
// the connection broke, nobody knows.
func RolledBack(err error) bool {
	if _, ok := errors.AsType[*pgconn.PgError](err); ok {
		return true
	}
	lite, ok := errors.AsType[*sqlite.Error](err)
	return ok && lite.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}
