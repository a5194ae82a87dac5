// Package dbtest gives each test a database of its own, on both engines: SQLite
// always, PostgreSQL where TEST_POSTGRES_DSN names a server (make test sets it).
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver for making databases

	"vitrine/internal/clock"
	"vitrine/internal/db"
)

// Each runs fn once on every engine, with an empty, migrated database.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, address string) {
		fn(t, Open(t, address, clock.System{}))
	})
}

// EachAt is Each with a clock that all engines share, so that no test moves it.
func EachAt(t *testing.T, c clock.Clock, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, address string) {
		fn(t, Open(t, address, c))
	})
}

// EachFrom is Each with a clock for each engine, which stands at a time until the test
// moves it.
func EachFrom(t *testing.T, begin time.Time, fn func(t *testing.T, d *db.DB, c *clock.Fixed)) {
	t.Helper()
	EachURL(t, func(t *testing.T, address string) {
		c := clock.At(begin)
		fn(t, Open(t, address, c), c)
	})
}

// EachURL is Each for tests that open the database themselves, or in another
// process.
func EachURL(t *testing.T, fn func(t *testing.T, address string)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			fn(t, NewURL(t, engine))
		})
	}
}

// Engines returns the engines that tests run on.
func Engines() []db.Engine {
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		return []db.Engine{db.SQLite}
	}
	return []db.Engine{db.SQLite, db.Postgres}
}

// NewURL makes an empty, migrated database that goes away with the test.
func NewURL(t testing.TB, engine db.Engine) string {
	t.Helper()
	slog.SetLogLoggerLevel(slog.LevelWarn) // one line per request would bury what failed
	var address string
	var err error
	if engine == db.SQLite {
		address, err = newSQLite(t.TempDir())
	} else {
		var drop func()
		if address, drop, err = newPostgres(os.Getenv("TEST_POSTGRES_DSN")); err == nil {
			t.Cleanup(drop)
		}
	}
	if err != nil {
		t.Fatalf("make a %s database: %v", engine, err)
	}
	return address
}

// Open opens a database until the end of the test.
func Open(t testing.TB, address string, c clock.Clock) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: address, Clock: c, Tracer: listener{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// sqliteTemplate is the content of a migrated, empty file, made once a process.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "vitrine-template")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite://" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec // our own file
})

func newSQLite(dir string) (string, error) {
	content, err := sqliteTemplate()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "vitrine.db")
	return "sqlite://" + path, os.WriteFile(path, content, 0o600)
}

func newPostgres(server string) (address string, drop func(), err error) {
	template, err := postgresTemplate()
	if err != nil {
		return "", nil, err
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return "", nil, err
	}
	name := "vt_" + rand.Text()
	if _, err := admin.Exec(fmt.Sprintf(`CREATE DATABASE %q TEMPLATE %q`, name, template)); err != nil {
		_ = admin.Close()
		return "", nil, err
	}
	drop = func() {
		_, _ = admin.Exec(fmt.Sprintf(`DROP DATABASE %q WITH (FORCE)`, name))
		_ = admin.Close()
	}
	return withDatabase(server, name), drop, nil
}

// postgresTemplate makes the migrated, empty database that the tests' ones are
// copied from, unless this or another process has. Its name holds a hash of the
// migrations.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	server := os.Getenv("TEST_POSTGRES_DSN")
	hash, err := schemaHash()
	if err != nil {
		return "", err
	}
	name := "vitrine_template_" + hash
	ctx := context.Background()
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return "", err
	}
	defer admin.Close()
	conn, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(7236592)`); err != nil {
		return "", err
	}
	var exists bool
	row := conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM pg_database WHERE datname = $1`, name)
	if err := row.Scan(&exists); err != nil || exists {
		return name, err
	}
	raw := name + "_new"
	for _, statement := range []string{`DROP DATABASE IF EXISTS %q WITH (FORCE)`, `CREATE DATABASE %q`} {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf(statement, raw)); err != nil {
			return "", err
		}
	}
	if err := migrate(withDatabase(server, raw)); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf(`ALTER DATABASE %q RENAME TO %q`, raw, name))
	return name, err
})

func migrate(address string) error {
	d, err := db.Open(context.Background(), db.Options{URL: address})
	if err != nil {
		return err
	}
	_, err = d.Migrate(context.Background())
	return errors.Join(err, d.Close())
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + name
	return u.String()
}

func schemaHash() (string, error) {
	h := fnv.New64a()
	err := fs.WalkDir(db.Migrations(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".sqlite.sql") {
			return err
		}
		content, err := fs.ReadFile(db.Migrations(), path)
		_, _ = h.Write(content)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// OnlyPostgres is NewURL for what SQLite does not have.
func OnlyPostgres(t testing.TB) (address string) {
	t.Helper()
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		t.Skip("TEST_POSTGRES_DSN is not set")
	}
	return NewURL(t, db.Postgres)
}

// TakeAway cuts every connection to a PostgreSQL database and lets no new one in
// until back is called.
func TakeAway(t testing.TB, address string) (back func()) {
	t.Helper()
	admin, err := sql.Open("pgx", os.Getenv("TEST_POSTGRES_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	allow := func(yes bool) {
		if _, err := admin.Exec(fmt.Sprintf(`ALTER DATABASE %q ALLOW_CONNECTIONS %t`, name, yes)); err != nil {
			t.Error(err)
		}
	}
	allow(false)
	if _, err := admin.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
		t.Error(err)
	}
	back = sync.OnceFunc(func() { allow(true); _ = admin.Close() })
	t.Cleanup(back)
	return back
}
