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

// measureClone compares a clone with two floors, both plain INSERT … SELECT of the
// same rows with ready-made ids: into tables with the same primary, unique and
// foreign keys alone, and into tables with all indexes of the real ones too.
func measureClone(ctx context.Context, d *db.DB, out *report) error {
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return err
	}
	source, err := fixture.Catalog(ctx, d, owner, fixture.Large)
	if err != nil {
		return err
	}
	keys, err := newFloor(ctx, d, "keys", false)
	if err != nil {
		return err
	}
	indexed, err := newFloor(ctx, d, "indexed", true)
	if err != nil {
		return err
	}
	var clones []time.Duration
	floors := map[*floor][]time.Duration{}
	for range runs {
		copied, took, err := cloneOnce(ctx, d, owner, source.ID)
		if err != nil {
			return err
		}
		clones = append(clones, took)
		if err := makeReady(ctx, d, copied); err != nil {
			return err
		}
		for _, f := range []*floor{keys, indexed} {
			took, err := f.insert(ctx)
			if err != nil {
				return err
			}
			floors[f] = append(floors[f], took)
		}
	}
	rows, err := keys.rows(ctx)
	if err != nil {
		return err
	}
	c, low, high := median(clones), median(floors[keys]), median(floors[indexed])
	out.printf("\n%s, %d rows, median of %d: clone %s; floor with the keys alone %s (**%.2f ×**), with the other indexes too %s (**%.2f ×**).\n",
		d.Engine(), rows/runs, runs, seconds(c), seconds(low), ratio(c, low), seconds(high), ratio(c, high))
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

// floor is a set of tables like the real ones, named with a prefix.
type floor struct {
	db     *db.DB
	prefix string
	all    bool // with the indexes that are not keys
}

// newFloor makes a floor's tables, and the tables ready_X without any key that its
// rows wait in.
func newFloor(ctx context.Context, d *db.DB, prefix string, all bool) (*floor, error) {
	f := &floor{db: d, prefix: prefix + "_", all: all}
	for _, table := range cloned {
		statements, err := f.likeness(ctx, table)
		if err != nil {
			return nil, err
		}
		statements = append(statements, "CREATE TABLE IF NOT EXISTS ready_"+table+" AS SELECT * FROM "+table+" WHERE 1 = 0")
		for _, s := range statements {
			if _, err := d.Writer().ExecContext(ctx, s); err != nil {
				return nil, fmt.Errorf("%s: %w", s, err)
			}
		}
	}
	statement := "ANALYZE"
	if d.Engine() == db.Postgres {
		statement = "VACUUM ANALYZE"
	}
	_, err := d.Writer().ExecContext(ctx, statement)
	return f, err
}

// likeness returns the statements that make the floor's copy of a table.
func (f *floor) likeness(ctx context.Context, table string) ([]string, error) {
	if f.db.Engine() == db.SQLite {
		return f.sqliteLikeness(ctx, table)
	}
	indexes, err := db.All(ctx, f.db, db.Value[string], `
		SELECT replace(pg_get_indexdef(indexrelid), ' ON public.', ' ON '||$2::text)
		FROM pg_index WHERE indrelid = $1::text::regclass AND NOT indisprimary AND (indisunique OR $3)`, table, f.prefix, f.all)
	if err != nil {
		return nil, err
	}
	keys, err := db.All(ctx, f.db, db.Value[string], `
		SELECT replace(pg_get_constraintdef(oid), 'REFERENCES ', 'REFERENCES '||$2::text)
		FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('p', 'f')
		ORDER BY contype DESC`, table, f.prefix)
	if err != nil {
		return nil, err
	}
	statements := []string{"CREATE TABLE " + f.prefix + table + " (LIKE " + table + ")"}
	for _, key := range keys {
		statements = append(statements, "ALTER TABLE "+f.prefix+table+" ADD "+strings.ReplaceAll(key, f.prefix+"store(", "store("))
	}
	for _, index := range indexes {
		_, named, _ := strings.Cut(index, " INDEX ")
		name, _, _ := strings.Cut(named, " ")
		statements = append(statements, strings.Replace(index, name, f.prefix+name, 1))
	}
	return statements, nil
}

func (f *floor) sqliteLikeness(ctx context.Context, table string) ([]string, error) {
	texts, err := db.All(ctx, f.db, db.Value[string], `
		SELECT sql FROM sqlite_schema
		WHERE tbl_name = $1 AND sql IS NOT NULL AND (type = 'table' OR sql LIKE 'CREATE UNIQUE INDEX%' OR $2)
		ORDER BY type DESC`, table, f.all)
	if err != nil {
		return nil, err
	}
	rename := strings.NewReplacer("CREATE TABLE "+table, "CREATE TABLE "+f.prefix+table, "REFERENCES ", "REFERENCES "+f.prefix,
		" ON "+table+" ", " ON "+f.prefix+table+" ", " INDEX ", " INDEX "+f.prefix)
	statements := make([]string, len(texts))
	for i, s := range texts {
		statements[i] = strings.ReplaceAll(rename.Replace(s), f.prefix+"store (", "store (")
	}
	return statements, nil
}

// makeReady puts the rows of a clone aside for the floors.
func makeReady(ctx context.Context, d *db.DB, s store.Store) error {
	for _, table := range cloned {
		statements := []string{
			"DELETE FROM ready_" + table,
			"INSERT INTO ready_" + table + " SELECT * FROM " + table + " WHERE store_id = " + literal(d, s.ID.UUID) + " ORDER BY " + order(table),
		}
		if d.Engine() == db.Postgres {
			statements = append(statements, "VACUUM ANALYZE ready_"+table)
		}
		for _, statement := range statements {
			if _, err := d.Writer().ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
	}
	return nil
}

// insert puts the rows that are ready into the floor's tables, and returns how
// long that took.
func (f *floor) insert(ctx context.Context) (time.Duration, error) {
	if err := settle(ctx, f.db); err != nil {
		return 0, err
	}
	return timed(func() error {
		return f.db.InTx(ctx, func(tx *db.Tx) error {
			for _, table := range cloned {
				if _, err := db.Exec(ctx, tx, "INSERT INTO "+f.prefix+table+" SELECT * FROM ready_"+table); err != nil {
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
		n, err := db.One(ctx, f.db, db.Value[int], "SELECT count(*) FROM "+f.prefix+table)
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
