package order_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/order"
	"vitrine/internal/store"
)

// TestList_findsOrdersInTheIndexAndBehindIt looks for orders before any is in the index
// that SQLite needs, when some are, and when all are.
func TestList_findsOrdersInTheIndexAndBehindIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var shops []store.ID
		for range 2 { // the other one has the same customers
			owner, err := fixture.Account(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			s, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{Products: 2, VariantsEach: 1})
			if err == nil {
				err = fixture.Trade(t.Context(), d, s, fixture.Trading{Warehouses: 1, Orders: 30, Customers: 10})
			}
			if err != nil {
				t.Fatal(err)
			}
			shops = append(shops, s.ID)
		}
		check := func(state string) {
			t.Helper()
			for query, want := range map[string][]int64{
				"#1007": {1007}, "100": {1009, 1008, 1007, 1006, 1005, 1004, 1003, 1002, 1001},
				"customer-7@": {1028, 1018, 1008}, "7@": {1028, 1018, 1008}, "07": {1007}, "é": nil, "ADA number 3": {1024, 1014, 1004}, "a%": nil, "zeppelin": nil,
			} {
				if got := numbers(t, d, shops[0], 4, order.Filter{Query: query}); !slices.Equal(got, want) {
					t.Errorf("%s, %q: %v, want %v", state, query, got, want)
				}
			}
			if got := numbers(t, d, shops[0], 4, order.Filter{Query: "customer-7", Status: order.Cancelled}); !slices.Equal(got, []int64{1028, 1008}) {
				t.Errorf("%s: %v of customer 7 are cancelled", state, got)
			}
			if got := numbers(t, d, shops[0], 4, order.Filter{}); len(got) != 30 {
				t.Errorf("%s: %d orders", state, len(got))
			}
			for query, want := range map[string]int{"": 10, "ada": 10, "NUMBER 4": 1, "nobody": 0} {
				found, _, err := order.ListCustomers(t.Context(), d, shops[0], query, db.Page{Limit: 20})
				if err != nil || len(found) != want {
					t.Errorf("%s, %q: %d customers, %v", state, query, len(found), err)
				}
			}
		}
		check("before")
		for _, s := range shops {
			if err := order.IndexSearch(t.Context(), d, s); err != nil {
				t.Fatal(err)
			}
		}
		check("all in the index")
		if d.Engine() != db.SQLite {
			return
		}
		for _, statement := range []string{
			`UPDATE search_mark SET last_id = (SELECT o.id FROM shop_order o WHERE o.store_id = search_mark.store_id AND o.number = 1015)`,
			`DELETE FROM order_search WHERE row_id IN (SELECT o.id FROM shop_order o JOIN search_mark m USING (store_id) WHERE o.id > m.last_id)`,
			`DELETE FROM customer_search WHERE row_id IN (SELECT c.id FROM customer c JOIN search_mark m USING (store_id) WHERE c.id > m.last_id)`,
		} {
			if _, err := d.Writer().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		check("half of them in it")
		if err := order.IndexAll(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		check("by the job")
	})
}

// TestList_findsMoreThanTheIndexIsAskedFor pages through what many orders have, of which
// few are wanted.
func TestList_findsMoreThanTheIndexIsAskedFor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		s, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{Products: 1, VariantsEach: 1})
		if err == nil {
			err = fixture.Trade(t.Context(), d, s, fixture.Trading{Warehouses: 1, Orders: 1150, Customers: 10})
		}
		if err == nil {
			err = order.IndexSearch(t.Context(), d, s.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		var all, cancelled []int64
		for i := range int64(1150) {
			all = append(all, 2150-i)
			if n := 2150 - i; (n-1001)%4 == 3 {
				cancelled = append(cancelled, n)
			}
		}
		for _, limit := range []int{7, 100, 300} {
			if got := numbers(t, d, s.ID, limit, order.Filter{Query: "EXAMPLE"}); !slices.Equal(got, all) {
				t.Errorf("by %d: %d of %d orders", limit, len(got), len(all))
			}
			if got := numbers(t, d, s.ID, limit, order.Filter{Query: "example", Status: order.Cancelled}); !slices.Equal(got, cancelled) {
				t.Errorf("by %d: %d of %d cancelled orders", limit, len(got), len(cancelled))
			}
		}
	})
}

// numbers reads all pages of a list of orders.
func numbers(t *testing.T, d *db.DB, st store.ID, limit int, f order.Filter) []int64 {
	t.Helper()
	var all []int64
	for p := (db.Page{Limit: limit}); ; {
		found, more, err := order.List(t.Context(), d, st, f, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found {
			all = append(all, o.Number)
			if o.Label() != "#"+strconv.FormatInt(o.Number, 10) || !strings.Contains(o.Email, "@") || len(o.Items) != 2 {
				t.Errorf("%+v", o)
			}
		}
		if !more {
			return all
		}
		p.Before = found[len(found)-1].ID.UUID
	}
}
