package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// names are the columns that are unique in a store, and ids those that name a row
// of a table.
var (
	names = []string{"slug", "sku", "code", "code_key"}
	ids   = map[string]string{
		"product_id": "product", "variant_id": "variant", "category_id": "category", "parent_id": "category",
		"supplier_id": "supplier", "discount_id": "discount",
	}
)

// multiply gives a store n times the rows that it has in some tables, by statements
// for whole tables. The copies are linked to copies where those are made, and
// otherwise to what was there; they are newer than all before them.
func multiply(ctx context.Context, d *db.DB, st store.ID, n int, tables ...string) error {
	for _, table := range tables {
		err := alter(ctx, d, "CREATE TABLE seed_"+table+" AS SELECT * FROM "+table+" WHERE store_id = "+literal(d, st.UUID))
		if err != nil {
			return err
		}
	}
	now := d.Now()
	for k := 1; k < n; k++ {
		at := now.Add(time.Duration(k) * era)
		for _, table := range tables {
			statement, err := again(ctx, d, table, fmt.Sprintf("-%d", k), at, tables)
			if err != nil {
				return err
			}
			if err := alter(ctx, d, statement); err != nil {
				return err
			}
		}
	}
	for _, table := range tables {
		if err := alter(ctx, d, "DROP TABLE seed_"+table); err != nil {
			return err
		}
	}
	return nil
}

// again is the statement that inserts a table's rows once more, as of a time.
func again(ctx context.Context, d *db.DB, table, suffix string, at time.Time, tables []string) (string, error) {
	rows, err := d.QueryContext(ctx, "SELECT * FROM seed_"+table+" WHERE 1 = 0")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = column
		switch {
		case column == "id" || slices.Contains(tables, ids[column]):
			values[i] = later(d, column, at)
		case slices.Contains(names, column):
			values[i] = column + " || '" + suffix + "'"
		}
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") +
		" FROM seed_" + table + " ORDER BY " + keyOf(table), rows.Err()
}

// era is the time after which the first two bytes of an id are others: 50 days.
const era = 1 << 32 * time.Millisecond

// later is the id in a column with its time moved to another era. The ids of a copy
// stay in the order in which those of the source were made.
func later(d *db.DB, column string, at time.Time) string {
	first := fmt.Sprintf("%04x", at.UnixMilli()>>32)
	if d.Engine() == db.Postgres {
		return "overlay(" + column + "::text PLACING '" + first + "' FROM 1 FOR 4)::uuid"
	}
	return "CAST(x'" + first + "' || substr(" + column + ", 3) AS BLOB)"
}

// countRows counts the rows of a store.
func countRows(ctx context.Context, d *db.DB, st store.ID) (int, error) {
	total := 0
	for _, table := range cloned {
		n, err := db.One(ctx, d, db.Value[int], "SELECT count(*) FROM "+table+" WHERE store_id = $1", st)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
