package catalog_test

import (
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// planned is a store of 3,000 products whose database has figures about it.
type planned struct {
	db       *db.DB
	store    store.ID
	after    id.UUID // somewhere in the middle
	category catalog.CategoryID
}

func eachPlanned(t *testing.T, fn func(t *testing.T, p planned)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		large, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{Products: 3000, VariantsEach: 1, Categories: 10, CategoryLinks: 3000})
		if err != nil {
			t.Fatal(err)
		}
		if d.Engine() == db.Postgres {
			if _, err := d.Writer().ExecContext(t.Context(), "VACUUM ANALYZE"); err != nil {
				t.Fatal(err)
			}
		}
		p := planned{db: d, store: large.ID}
		if p.after, err = db.One(t.Context(), d, db.Value[id.UUID], `SELECT id FROM product WHERE store_id = $1 ORDER BY id LIMIT 1 OFFSET 100`, large.ID); err != nil {
			t.Fatal(err)
		}
		if p.category.UUID, err = db.One(t.Context(), d, db.Value[id.UUID], `SELECT id FROM category WHERE store_id = $1 LIMIT 1`, large.ID); err != nil {
			t.Fatal(err)
		}
		fn(t, p)
	})
}

// plan returns how the database runs a statement.
func (p planned) plan(t *testing.T, statement string, args []any) string {
	t.Helper()
	explain, count := "EXPLAIN QUERY PLAN ", 4
	if p.db.Engine() == db.Postgres {
		explain, count = "EXPLAIN ", 1
	}
	plan, err := db.All(t.Context(), p.db, func(row db.Row) (string, error) {
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
	return strings.Join(plan, "\n")
}

// inOrder fails when something is sorted or a table is read from its beginning.
func inOrder(t *testing.T, what, plan string) {
	t.Helper()
	for _, bad := range []string{"Sort", "Seq Scan", "TEMP B-TREE", "SCAN"} {
		if strings.Contains(plan, bad) {
			t.Errorf("%s: %s", what, plan)
		}
	}
}

// TestList_takesAPageFromAnIndexInItsOrder looks at the plans: the last page costs
// what the first one does.
func TestList_takesAPageFromAnIndexInItsOrder(t *testing.T) {
	eachPlanned(t, func(t *testing.T, large planned) {
		for name, f := range map[string]catalog.Filter{
			"all": {}, "status": {Status: catalog.Active}, "rare status": {Status: catalog.Draft}, "category": {Category: &large.category},
		} {
			for _, p := range []db.Page{{Limit: 20}, {Limit: 20, Before: large.after}} {
				statement, args := f.Statement(large.store, p)
				told := large.plan(t, statement, args)
				inOrder(t, name, told)
				if name == "rare status" && !strings.Contains(told, "product_status") {
					t.Errorf("%s is not found by status: %s", name, told)
				}
			}
		}
	})
}

// TestShelf_takesAPageFromAnIndexInItsOrder is the same for what shoppers see. The
// product before the page is looked up once.
func TestShelf_takesAPageFromAnIndexInItsOrder(t *testing.T) {
	eachPlanned(t, func(t *testing.T, large planned) {
		for o, index := range map[catalog.Order]string{
			catalog.PriceAsc: "product_price", catalog.PriceDesc: "product_price", catalog.TitleAsc: "product_title", catalog.TitleDesc: "product_title",
		} {
			for _, p := range []db.Page{{Limit: 20}, {Limit: 20, Before: large.after}} {
				statement, args := catalog.Filter{}.Shelved(large.db.Engine(), large.store, o, p)
				told := large.plan(t, statement, args)
				inOrder(t, string(o), told)
				if !strings.Contains(told, index) {
					t.Errorf("%s: %s", o, told)
				}
				if from := regexp.MustCompile(index + `.*\n\s*(Index Cond: .*ROW\(|$)|` + index + ` \(store_id=\? AND status=\? AND (\(price_from,id\)|<expr>)[<>]`); !p.Before.IsZero() && !from.MatchString(told) {
					t.Errorf("%s: the page is not found by the index: %s", o, told)
				}
			}
		}
	})
}
