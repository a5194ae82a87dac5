package catalog_test

import (
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
)

// TestList_takesAPageFromAnIndexInItsOrder looks at the plans: nothing is sorted
// and no table is read from its beginning, so that the last page costs what the
// first one does.
func TestList_takesAPageFromAnIndexInItsOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		large, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{Products: 3000, Categories: 10, CategoryLinks: 3000})
		if err != nil {
			t.Fatal(err)
		}
		explain, count := "EXPLAIN QUERY PLAN ", 4
		if d.Engine() == db.Postgres {
			explain, count = "EXPLAIN ", 1
			if _, err := d.Writer().ExecContext(t.Context(), "VACUUM ANALYZE"); err != nil {
				t.Fatal(err)
			}
		}
		ids, err := db.All(t.Context(), d, db.Value[id.UUID], `SELECT id FROM product WHERE store_id = $1 ORDER BY id LIMIT 1 OFFSET 100`, large.ID)
		if err != nil {
			t.Fatal(err)
		}
		category, err := db.One(t.Context(), d, db.Value[id.UUID], `SELECT id FROM category WHERE store_id = $1 LIMIT 1`, large.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]catalog.Filter{
			"all": {}, "status": {Status: catalog.Active}, "rare status": {Status: catalog.Draft},
			"category": {Category: &catalog.CategoryID{UUID: category}},
		} {
			for _, p := range []db.Page{{Limit: 20}, {Limit: 20, Before: ids[0]}} {
				statement, args := f.Statement(large.ID, p)
				plan, err := db.All(t.Context(), d, func(row db.Row) (string, error) {
					columns := make([]any, count)
					for i := range columns {
						columns[i] = new(string)
					}
					err := row.Scan(columns...)
					return *columns[count-1].(*string), err
				}, explain+statement, args...)
				if err != nil {
					t.Fatal(err)
				}
				told := strings.Join(plan, "\n")
				for _, bad := range []string{"Sort", "Seq Scan", "TEMP B-TREE", "SCAN"} {
					if strings.Contains(told, bad) {
						t.Errorf("%s, page %+v: %s", name, p, told)
					}
				}
				if name == "rare status" && !strings.Contains(told, "product_status") {
					t.Errorf("%s is not found by status: %s", name, told)
				}
			}
		}
	})
}
