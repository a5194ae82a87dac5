package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/clone"
	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// runs is how often each side is measured; the median counts.
const runs = 5

// cloned are the tables that hold the rows of a clone, in the order of their
// foreign keys.
var cloned = []string{
	"category", "product", "variant", "supplier", "product_category", "product_supplier",
	"discount", "discount_product",
}

// measureClone compares a clone with its floor: plain INSERT … SELECT of the same
// rows, their ids ready-made, into tables with the same keys and foreign keys and
// no other index.
func measureClone(ctx context.Context, d *db.DB, out *report) error {
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return err
	}
	source, err := fixture.Catalog(ctx, d, owner, fixture.Large)
	if err != nil {
		return err
	}
	f, err := newFloor(ctx, d)
	if err != nil {
		return err
	}
	var clones, floors []time.Duration
	for range runs {
		copied, took, err := cloneOnce(ctx, d, owner, source.ID)
		if err != nil {
			return err
		}
		clones = append(clones, took)
		if took, err = f.insert(ctx, copied); err != nil {
			return err
		}
		floors = append(floors, took)
	}
	rows, err := f.rows(ctx)
	if err != nil {
		return err
	}
	c, fl := median(clones), median(floors)
	out.printf("\n%s: %d rows. Clone %s, floor %s: **%.2f ×** the floor. (%v / %v)\n", d.Engine(), rows/runs, seconds(c), seconds(fl), ratio(c, fl), clones, floors)
	return nil
}

func cloneOnce(ctx context.Context, d *db.DB, owner account.ID, source store.ID) (copied store.Store, took time.Duration, err error) {
	if err := settle(ctx, d); err != nil {
		return copied, 0, err
	}
	took, err = timed(func() error {
		return d.InTx(ctx, func(tx *db.Tx) (err error) {
			copied, err = clone.Run(ctx, tx, owner, clone.Request{Source: source}, nil)
			return err
		}, clone.Options()...)
	})
	return copied, took, err
}

// settle lets the database do its housekeeping before something is measured.
func settle(ctx context.Context, d *db.DB) error {
	if d.Engine() == db.SQLite {
		_, err := d.Writer().ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		return err
	}
	_, err := d.Writer().ExecContext(ctx, "CHECKPOINT")
	return err
}

// floor are tables like the real ones with their primary, unique and foreign keys
// alone.
type floor struct{ db *db.DB }

// newFloor makes the tables floor_X for every X and the tables ready_X, without
// any key, that rows wait in.
func newFloor(ctx context.Context, d *db.DB) (*floor, error) {
	f := &floor{db: d}
	for _, table := range cloned {
		statements, err := f.likeness(ctx, table)
		if err != nil {
			return nil, err
		}
		for _, s := range statements {
			if _, err := d.Writer().ExecContext(ctx, s); err != nil {
				return nil, fmt.Errorf("%s: %w", s, err)
			}
		}
	}
	if d.Engine() == db.Postgres {
		_, err := d.Writer().ExecContext(ctx, "VACUUM ANALYZE")
		return f, err
	}
	_, err := d.Writer().ExecContext(ctx, "ANALYZE")
	return f, err
}

// likeness returns the statements that make floor_table and ready_table.
func (f *floor) likeness(ctx context.Context, table string) ([]string, error) {
	ready := "CREATE TABLE ready_" + table + " AS SELECT * FROM " + table + " WHERE 1 = 0"
	if f.db.Engine() == db.SQLite {
		return f.sqliteLikeness(ctx, table, ready)
	}
	unique, err := db.All(ctx, f.db, db.Value[string], `
		SELECT replace(pg_get_indexdef(indexrelid), ' ON public.', ' ON floor_')
		FROM pg_index WHERE indrelid = $1::text::regclass AND indisunique AND NOT indisprimary`, table)
	if err != nil {
		return nil, err
	}
	keys, err := db.All(ctx, f.db, db.Value[string], `
		SELECT replace(pg_get_constraintdef(oid), 'REFERENCES ', 'REFERENCES floor_')
		FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('p', 'f')
		ORDER BY contype DESC`, table)
	if err != nil {
		return nil, err
	}
	statements := []string{ready, "CREATE TABLE floor_" + table + " (LIKE " + table + ")"}
	for _, key := range keys {
		statements = append(statements, "ALTER TABLE floor_"+table+" ADD "+strings.ReplaceAll(key, "floor_store(", "store("))
	}
	for _, index := range unique {
		name := strings.Fields(index)[3]
		statements = append(statements, strings.Replace(index, name, "floor_"+name, 1))
	}
	return statements, nil
}

func (f *floor) sqliteLikeness(ctx context.Context, table, ready string) ([]string, error) {
	texts, err := db.All(ctx, f.db, db.Value[string], `
		SELECT sql FROM sqlite_schema WHERE tbl_name = $1 AND (type = 'table' OR sql LIKE 'CREATE UNIQUE INDEX%') ORDER BY type DESC`, table)
	if err != nil {
		return nil, err
	}
	statements := []string{ready}
	for _, s := range texts {
		s = strings.NewReplacer("CREATE TABLE "+table, "CREATE TABLE floor_"+table, "REFERENCES ", "REFERENCES floor_", " ON "+table+" ", " ON floor_"+table+" ",
			"CREATE UNIQUE INDEX ", "CREATE UNIQUE INDEX floor_").Replace(s)
		statements = append(statements, strings.ReplaceAll(s, "floor_store (", "store ("))
	}
	return statements, nil
}

// insert puts the rows of a store that was cloned into the floor's tables, and
// returns how long that took.
func (f *floor) insert(ctx context.Context, s store.Store) (time.Duration, error) {
	for _, table := range cloned {
		for _, statement := range []string{"DELETE FROM ready_" + table, "INSERT INTO ready_" + table + " SELECT * FROM " + table + " WHERE store_id = " + literal(f.db, s.ID.UUID) + " ORDER BY " + order(table)} {
			if _, err := f.db.Writer().ExecContext(ctx, statement); err != nil {
				return 0, fmt.Errorf("%s: %w", statement, err)
			}
		}
		if f.db.Engine() == db.Postgres {
			if _, err := f.db.Writer().ExecContext(ctx, "VACUUM ANALYZE ready_"+table); err != nil {
				return 0, err
			}
		}
	}
	if err := settle(ctx, f.db); err != nil {
		return 0, err
	}
	return timed(func() error {
		return f.db.InTx(ctx, func(tx *db.Tx) error {
			for _, table := range cloned {
				if _, err := db.Exec(ctx, tx, "INSERT INTO floor_"+table+" SELECT * FROM ready_"+table); err != nil {
					return err
				}
			}
			return nil
		}, db.Timeout(time.Minute))
	})
}

func (f *floor) rows(ctx context.Context) (int, error) {
	total := 0
	for _, table := range cloned {
		n, err := db.One(ctx, f.db, db.Value[int], "SELECT count(*) FROM floor_"+table)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// order returns the columns of a table's primary key behind store_id.
func order(table string) string {
	switch table {
	case "product_category":
		return "product_id, category_id"
	case "product_supplier":
		return "product_id, supplier_id"
	case "discount_product":
		return "discount_id, product_id"
	}
	return "id"
}

func literal(d *db.DB, u id.UUID) string {
	if d.Engine() == db.Postgres {
		return "'" + u.String() + "'"
	}
	return fmt.Sprintf("x'%x'", u[:])
}
