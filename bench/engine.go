package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"vitrine/internal/clock"
	"vitrine/internal/db"
)

// onEngine runs fn on a fresh, migrated database.
func onEngine(ctx context.Context, engine db.Engine, dsn string, fn func(*db.DB) error) error {
	address, drop, err := fresh(ctx, engine, dsn)
	if err != nil {
		return err
	}
	defer drop()
	d, err := open(ctx, address)
	if err != nil {
		return err
	}
	defer d.Close()
	if _, err := d.Migrate(ctx); err != nil {
		return err
	}
	return fn(d)
}

func open(ctx context.Context, address string) (*db.DB, error) {
	return db.Open(ctx, db.Options{URL: address, Clock: clock.System{}})
}

func fresh(ctx context.Context, engine db.Engine, dsn string) (address string, drop func(), err error) {
	if engine == db.SQLite {
		dir, err := os.MkdirTemp("", "vitrine-bench")
		return "sqlite://" + filepath.Join(dir, "bench.db"), func() { _ = os.RemoveAll(dir) }, err
	}
	server, err := url.Parse(dsn)
	if err != nil || dsn == "" {
		return "", nil, errors.New("name a PostgreSQL server in BENCH_POSTGRES_DSN")
	}
	admin, err := db.Open(ctx, db.Options{URL: dsn})
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("vitrine_bench_%d", os.Getpid())
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, err
	}
	server.Path = "/" + name
	server.RawQuery += "&statement_timeout=600000" // for filling tables; nothing that is measured comes near it
	return server.String(), func() {
		_, _ = admin.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		_ = admin.Close()
	}, nil
}

// settle lets the database do its housekeeping before something is measured.
func settle(ctx context.Context, d *db.DB) error {
	return alter(ctx, d, map[db.Engine]string{db.SQLite: "PRAGMA wal_checkpoint(TRUNCATE)", db.Postgres: "CHECKPOINT"}[d.Engine()])
}

// analyze tells PostgreSQL's planner what the tables hold by now, as autovacuum
// would a little later. SQLite plans with the figures that a migration gives it.
func analyze(ctx context.Context, d *db.DB) error {
	if d.Engine() == db.SQLite {
		return nil
	}
	return alter(ctx, d, "VACUUM ANALYZE")
}

// alter runs statements that no transaction is needed for, or allowed.
func alter(ctx context.Context, d *db.DB, statements ...string) error {
	for _, s := range statements {
		if _, err := d.Writer().ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
