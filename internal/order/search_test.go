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
				"customer-7@": {1028, 1018, 1008}, "ADA number 3": {1024, 1014, 1004}, "a%": nil, "zeppelin": nil,
			} {
				if got := numbers(t, d, shops[0], order.Filter{Query: query}); !slices.Equal(got, want) {
					t.Errorf("%s, %q: %v, want %v", state, query, got, want)
				}
			}
			if got := numbers(t, d, shops[0], order.Filter{Query: "customer-7", Status: order.Cancelled}); !slices.Equal(got, []int64{1028, 1008}) {
				t.Errorf("%s: %v of customer 7 are cancelled", state, got)
			}
			if got := numbers(t, d, shops[0], order.Filter{}); len(got) != 30 {
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
		if _, err := d.Writer().ExecContext(t.Context(), `
			UPDATE search_mark SET last_id = (SELECT o.id FROM shop_order o WHERE o.store_id = search_mark.store_id AND o.number = 1015)`); err != nil {
			t.Fatal(err)
		}
		check("half of them in it")
		if err := order.IndexAll(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		check("by the job")
	})
}

// numbers reads all pages of a list of orders.
func numbers(t *testing.T, d *db.DB, st store.ID, f order.Filter) []int64 {
	t.Helper()
	var all []int64
	for p := (db.Page{Limit: 4}); ; {
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
