package db_test

import (
	"strings"
	"testing"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

func TestMigrate_letsSQLitePlanForLargeStores(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{})
	stats := func() int {
		n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM sqlite_stat1`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	all := stats()
	if all == 0 {
		t.Fatal("the planner knows of nothing")
	}
	if _, err := d.Writer().ExecContext(t.Context(), `DELETE FROM sqlite_stat1 WHERE idx = 'variant_product'`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Writer().ExecContext(t.Context(), `UPDATE sqlite_stat1 SET stat = '7 7 1' WHERE idx = 'supplier'`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, err := db.One(t.Context(), d, db.Value[string], `SELECT stat FROM sqlite_stat1 WHERE idx = 'supplier'`)
	if stats() != all || kept != "7 7 1" || err != nil {
		t.Errorf("%d of %d figures, one of them %q (%v)", stats(), all, kept, err)
	}
	for query, index := range map[string]string{
		`SELECT * FROM variant WHERE store_id = $1 AND product_id IN ($1, $2)`:                          "variant_product",
		`SELECT * FROM category WHERE store_id = $1 AND parent_id = $2`:                                 "category_parent",
		`SELECT * FROM product WHERE store_id = $1 AND status = $2 AND deleted_at IS NULL ORDER BY id`:  "product_status",
		`SELECT * FROM product WHERE store_id = $1 AND id < $2 AND NOT indexed AND deleted_at IS NULL`:  "product_unindexed",
		`SELECT * FROM product WHERE store_id = $1 AND id < $2 AND deleted_at IS NULL ORDER BY id DESC`: "PRIMARY KEY",
		`DELETE FROM product_supplier WHERE store_id = $1 AND supplier_id = $2`:                         "product_supplier_supplier",
	} {
		plan, err := db.One(t.Context(), d, func(row db.Row) (string, error) {
			var a, b, c int
			var detail string
			err := row.Scan(&a, &b, &c, &detail)
			return detail, err
		}, "EXPLAIN QUERY PLAN "+query, d.NewID(), d.NewID())
		if err != nil || !strings.Contains(plan, index) {
			t.Errorf("%s: %s (%v)", query, plan, err)
		}
	}
}
