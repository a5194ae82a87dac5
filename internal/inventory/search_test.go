package inventory_test

import (
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/clone"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// traded is a store of 300 levels: more than are looked through for a query before the
// index is asked.
func traded(t *testing.T, d *db.DB) store.Store {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{Products: 100, VariantsEach: 3})
	if err == nil {
		_, err = d.Writer().ExecContext(t.Context(), `UPDATE store SET store_type = 'ecommerce'`)
	}
	if err == nil {
		err = fixture.Trade(t.Context(), d, s, fixture.Trading{Warehouses: 2, Held: 3, Low: 4, Orders: 1, Customers: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestList_findsWhatIsFarBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := traded(t, d)
		oldest := func() catalog.Product {
			t.Helper()
			p, err := catalog.ActiveBySlug(t.Context(), d, s.ID, "product-number-0")
			if err != nil {
				t.Fatal(err)
			}
			return p
		}()
		rename := func(title string) {
			t.Helper()
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := catalog.UpdateVariant(t.Context(), tx, s.ID, oldest.ID, oldest.Variants[1].ID, func(v *catalog.Variant) { v.Title = title })
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		check := func(state string, want map[string]int) {
			t.Helper()
			for query, n := range want {
				found, more, err := inventory.List(t.Context(), d, s.ID, inventory.Filter{Query: query}, db.Page{Limit: 5})
				if err != nil || len(found) != min(n, 5) || more != (n > 5) {
					t.Errorf("%s, %q: %d levels, more: %v, %v", state, query, len(found), more, err)
				}
			}
		}
		found := map[string]int{"sku-1\n": 0, "sku-299": 1, "SIZE 2": 100, "Number 99": 3, "number 0": 3, "zeppelin": 0, "sku": 300, "0": 300}
		check("not indexed", found)
		if err := catalog.IndexSearch(t.Context(), d, s.ID); err != nil {
			t.Fatal(err)
		}
		check("indexed", found)
		rename("Übergröße")
		check("renamed", map[string]int{"ÜBERGR": 1, "size 2": 100, "size 1": 99})
		rename("Size 1")
		check("renamed again", map[string]int{"ÜBERGR": 0, "size 1": 100})
		if products, _, err := catalog.List(t.Context(), d, s.ID, catalog.Filter{Query: "size 1"}, db.Page{Limit: 5}); err != nil || len(products) > 0 {
			t.Errorf("%d products are found by what a variant is called, %v", len(products), err)
		}
	})
}

func TestSummarize_countsEveryWayThatLevelsComeAndGo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := traded(t, d)
		sums := func(st store.ID, want inventory.Summary) {
			t.Helper()
			got, err := inventory.Summarize(t.Context(), d, st)
			if err != nil || got != want {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
			for difference, err := range inventory.Verify(t.Context(), d) {
				t.Error(difference, err)
			}
		}
		sums(s.ID, inventory.Summary{Warehouses: 2, Variants: 300, InStock: 296*100 + 4*3, Reserved: 3, Low: 4})
		var copied store.Store
		err := d.InTx(t.Context(), func(tx *db.Tx) (err error) {
			copied, err = clone.Run(t.Context(), tx, s.Owner, clone.Request{Source: s.ID, Stock: clone.CopyStock}, nil)
			return err
		}, clone.Options()...)
		if err != nil {
			t.Fatal(err)
		}
		sums(copied.ID, inventory.Summary{Warehouses: 2, Variants: 300, InStock: 296*100 + 4*3, Low: 4})
		last, err := catalog.ActiveBySlug(t.Context(), d, s.ID, "product-number-99")
		if err != nil {
			t.Fatal(err)
		}
		warehouses, _, err := inventory.ListWarehouses(t.Context(), d, s.ID, db.Page{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		writer := inventory.NewWriter(d, nil)
		variant := last.Variants[0].ID
		err = d.InTx(t.Context(), func(tx *db.Tx) error { // in both warehouses it is still one variant
			for _, w := range warehouses {
				if _, err := writer.Set(t.Context(), tx, s.ID, variant, &w.ID, inventory.Target{Quantity: 7}, inventory.Note{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sums(s.ID, inventory.Summary{Warehouses: 2, Variants: 300, InStock: 295*100 + 4*3 + 2*7, Reserved: 3, Low: 4})
		if err := d.InTx(t.Context(), func(tx *db.Tx) error { return inventory.DeleteProduct(t.Context(), tx, s.ID, last.ID) }); err != nil {
			t.Fatal(err)
		}
		sums(s.ID, inventory.Summary{Warehouses: 2, Variants: 297, InStock: 293*100 + 4*3, Reserved: 3, Low: 4})
	})
}
