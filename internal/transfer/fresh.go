package transfer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"vitrine/internal/db"
)

// foreign refuses a target with tables that are not ours.
func foreign(ctx context.Context, d *db.DB) error {
	ours, other, err := strangers(ctx, d)
	if err == nil && !ours && other > 0 {
		return fmt.Errorf("the target (%s) has %d tables that are not Vitrine's. Take an empty database", d.Name(), other)
	}
	return err
}

func strangers(ctx context.Context, d *db.DB) (ours bool, other int, err error) {
	rows, err := d.QueryContext(ctx, `
		SELECT COALESCE(bool_or(c.relname = 'goose_db_version'), FALSE), count(*)
		FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
			AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')`)
	if err != nil {
		return false, 0, fmt.Errorf("look at the target: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		err = rows.Scan(&ours, &other)
	}
	return ours, other, err
}

// seeded returns the tables that have what every new database has in them. Anything
// else is somebody's, and refused.
func (c *cluster) seeded(ctx context.Context, tables []table) (seeded []table, err error) {
	fresh, drop, err := newDatabase(ctx)
	if err != nil {
		return nil, fmt.Errorf("make an empty database to compare with: %w", err)
	}
	defer drop()
	for _, t := range tables {
		found := comparison{limit: rowsAtOnce, tell: func(int64) {}}
		some, err := c.page(ctx, t, nil, 1)
		if err == nil && some.len() > 0 {
			seeded = append(seeded, t)
			err = found.table(ctx, fresh, c, t)
		}
		if err != nil {
			return nil, fmt.Errorf("look at the target's %s: %w", t.name, err)
		}
		if len(found.named) > 0 {
			return nil, fmt.Errorf("the target has data already: %s. Take an empty database", found.named[0])
		}
	}
	return seeded, nil
}

// newDatabase makes a database that nobody has used.
func newDatabase(ctx context.Context) (*file, func(), error) {
	dir, err := os.MkdirTemp("", "vitrine-copy")
	if err != nil {
		return nil, nil, err
	}
	d, err := db.Open(ctx, db.Options{URL: "sqlite://" + filepath.Join(dir, "new.db")})
	if err == nil {
		_, err = d.Migrate(ctx)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, nil, err
	}
	return &file{db: d}, func() {
		_ = d.Close()
		_ = os.RemoveAll(dir)
	}, nil
}
