package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
	"modernc.org/sqlite"

	"vitrine/internal/id"
	"vitrine/internal/lineage"
)

// registerFunctions adds our SQL functions to the driver, once per process, since
// the driver keeps one list for all connections. A clone calls this one for every
// id, hence VolatileArgs: an argument is not copied, and must not be kept.
var registerFunctions = sync.OnceValue(func() error {
	return sqlite.RegisterFunction("lineage_id", &sqlite.FunctionImpl{NArgs: 2, Deterministic: true, VolatileArgs: true, Scalar: lineageID})
})

func lineageID(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	mask, isMask := args[0].(int64)
	old, isID := args[1].([]byte)
	if args[1] == nil {
		return nil, nil
	}
	if !isMask || !isID || len(old) != len(id.UUID{}) {
		return nil, fmt.Errorf("lineage_id(%T, %T) takes a mask and an id", args[0], args[1])
	}
	derived := lineage.Apply(mask, id.UUID(old))
	return derived[:], nil
}

// openSQLite opens a pool of readers and one writer. The pragmas stand in the
// address because each new connection must run them. A transaction takes the
// write lock when it begins: one that reads first and writes later would fail
// with SQLITE_BUSY instead of waiting.
func (d *DB) openSQLite(path string, readers int) error {
	if err := registerFunctions(); err != nil {
		return fmt.Errorf("register SQL functions: %w", err)
	}
	if path == "" {
		return fmt.Errorf("database_url names no file: want sqlite://vitrine.db")
	}
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("make the database's folder: %w", err)
		}
	}
	pragmas := []string{
		"busy_timeout(15000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(FULL)",
		"cache_size(-8192)",
		"recursive_triggers(1)", // or REPLACE would delete rows past the triggers that keep them
	}
	d.engine = SQLite
	var err error
	if d.write, err = sql.Open("sqlite", sqliteDSN(path, "immediate", pragmas)); err != nil {
		return err
	}
	d.write.SetMaxOpenConns(1)
	d.keyed = d.write
	if d.read, err = sql.Open("sqlite", sqliteDSN(path, "deferred", append(pragmas, "query_only(1)"))); err != nil {
		return err
	}
	if readers == 0 {
		readers = 8
	}
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)
	return d.makeFile(path)
}

// makeFile has the writer make the file and turn WAL on, before a reader may look. Two
// processes do it one after the other: SQLite does not wait for a lock with that.
func (d *DB) makeFile(path string) error {
	unlock, err := lockFile(path+"-migrate", unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if err := d.write.Ping(); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return nil
}

func sqliteDSN(path, lock string, pragmas []string) string {
	q := url.Values{"_txlock": {lock}, "_pragma": pragmas}
	return sqliteURI(path) + "?" + q.Encode()
}

func sqliteURI(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// path returns the file of a SQLite database.
func (d *DB) path() string { return strings.TrimPrefix(d.url, "sqlite://") }

// readIndexes learns how SQLite's errors name each unique index: by its columns,
// where PostgreSQL gives the name.
func (d *DB) readIndexes(ctx context.Context) error {
	rows, err := d.read.QueryContext(ctx, `
		SELECT il.name, m.name || '.' || ii.name
		FROM sqlite_schema m, pragma_index_list(m.name) il, pragma_index_info(il.name) ii
		WHERE m.type = 'table' AND il."unique" = 1 AND il.origin <> 'pk'
		ORDER BY il.name, ii.seqno`)
	if err != nil {
		return fmt.Errorf("read the indexes: %w", err)
	}
	defer rows.Close()
	columns := map[string][]string{}
	for rows.Next() {
		var index, column string
		if err := rows.Scan(&index, &column); err != nil {
			return err
		}
		columns[index] = append(columns[index], column)
	}
	d.indexes = map[string]string{}
	for index, cols := range columns {
		d.indexes[strings.Join(cols, ", ")] = index
	}
	return rows.Err()
}
