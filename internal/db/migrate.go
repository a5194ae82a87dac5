package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"golang.org/x/sys/unix"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date and tells which migrations it applied.
// Two processes that start at once do it one after the other.
func (d *DB) Migrate(ctx context.Context) ([]string, error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	files := oneEngine{FS: folder, engine: d.engine}
	// Numbers are given out in ranges: one may come after a higher one has been applied.
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption{goose.WithAllowOutofOrder(true)}
	if d.engine == Postgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	} else {
		unlock, err := lockFile(d.path()+"-migrate", unix.LOCK_EX)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	provider, err := goose.NewProvider(dialect, d.write, files, options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	applied := make([]string, len(results))
	for i, r := range results {
		applied[i] = r.Source.Path
	}
	if d.engine == SQLite {
		if err = d.assumeLargeStores(ctx); err == nil {
			err = d.readIndexes(ctx)
		}
	}
	return applied, err
}

// Migrations returns the files of all migrations, for both engines.
func Migrations() fs.FS { return migrations }
