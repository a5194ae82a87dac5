package db

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"golang.org/x/sys/unix"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer says that a newer program than this one made the schema.
var ErrNewer = errors.New("the database was made by a newer version of Vitrine than this one: use that version or a later one, or restore the backup from before it")

// Migrate brings the schema up to date and tells which migrations it applied.
// Two processes that start at once do it one after the other. A schema that has
// migrations which this program does not know is refused with ErrNewer.
func (d *DB) Migrate(ctx context.Context) ([]string, error) {
	if _, unknown, err := d.SchemaGap(ctx); err != nil || len(unknown) > 0 {
		return nil, cmp.Or(err, ErrNewer)
	}
	files, err := d.migrations()
	if err != nil {
		return nil, err
	}
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
		return applied, err
	}
	citus, err := One(ctx, d, Value[bool], `SELECT to_regclass('pg_dist_partition') IS NOT NULL`)
	d.clustered.Store(citus)
	return applied, err
}

// Schema tells which migration is the last that the database has had.
func Schema(ctx context.Context, q Q) (last int64, err error) {
	last, err = One(ctx, q, Value[int64], `SELECT max(version_id) FROM goose_db_version WHERE is_applied`)
	if err != nil {
		return 0, fmt.Errorf("read which migrations the database has had: %w", err)
	}
	return last, nil
}

func (d *DB) migrations() (fs.FS, error) {
	folder, err := fs.Sub(migrations, "migrations")
	return oneEngine{FS: folder, engine: d.engine}, err
}

// SchemaGap tells which migrations the database lacks, and which it has that this
// program does not know, in their order. It changes nothing.
func (d *DB) SchemaGap(ctx context.Context) (missing, unknown []int64, err error) {
	files, err := d.migrations()
	if err != nil {
		return nil, nil, err
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		number, err := goose.NumericComponent(e.Name())
		if err != nil {
			return nil, nil, err
		}
		missing = append(missing, number)
	}
	applied, err := d.applied(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, number := range applied {
		if !slices.Contains(missing, number) {
			unknown = append(unknown, number)
		}
	}
	missing = slices.DeleteFunc(missing, func(number int64) bool { return slices.Contains(applied, number) })
	return missing, unknown, nil
}

// applied returns the migrations that the database has.
func (d *DB) applied(ctx context.Context) ([]int64, error) {
	there := `SELECT to_regclass('goose_db_version') IS NOT NULL`
	if d.engine == SQLite {
		there = `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'goose_db_version')`
	}
	if begun, err := One(ctx, d, Value[bool], there); err != nil || !begun {
		return nil, err
	}
	return All(ctx, d, Value[int64], `SELECT version_id FROM goose_db_version WHERE version_id > 0 ORDER BY version_id`)
}

// Migrations returns the files of all migrations, for both engines.
func Migrations() fs.FS { return migrations }
