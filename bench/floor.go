package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// cloned are the tables that hold the rows of a clone, in the order of their
// foreign keys.
var cloned = []string{
	"category", "product", "variant", "supplier", "product_category", "product_supplier",
	"discount", "discount_product",
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
		if err := alter(ctx, d, statements...); err != nil {
			return nil, err
		}
	}
	return f, nil
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
		err := alter(ctx, d, "DELETE FROM ready_"+table,
			"INSERT INTO ready_"+table+" SELECT * FROM "+table+" WHERE store_id = "+literal(d, s.ID.UUID)+" ORDER BY "+keyOf(table))
		if err == nil && d.Engine() == db.Postgres {
			err = alter(ctx, d, "VACUUM ANALYZE ready_"+table)
		}
		if err != nil {
			return err
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
		}, db.Timeout(10*time.Minute))
	})
}

// insertEach reads the rows and puts them into the floor's tables one by one, as a
// program would that copies a store without thinking in sets, and returns how long
// that took.
func (f *floor) insertEach(ctx context.Context) (time.Duration, error) {
	if err := settle(ctx, f.db); err != nil {
		return 0, err
	}
	return timed(func() error {
		return f.db.InTx(ctx, func(tx *db.Tx) error {
			for _, table := range cloned {
				rows, err := readAll(ctx, f.db, "ready_"+table)
				if err != nil {
					return err
				}
				statement := "INSERT INTO " + f.prefix + table + " VALUES " + db.List(1, len(rows[0]))
				for _, row := range rows {
					if _, err := tx.ExecContext(ctx, statement, row...); err != nil {
						return fmt.Errorf("insert into %s: %w", f.prefix+table, err)
					}
				}
			}
			return nil
		}, db.Timeout(10*time.Minute))
	})
}

// readAll reads a table into memory, as it will be written again.
func readAll(ctx context.Context, d *db.DB, table string) ([][]any, error) {
	rows, err := d.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// rows counts what the floor's tables hold.
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

// keyOf returns the columns of a table's primary key behind store_id.
func keyOf(table string) string {
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
