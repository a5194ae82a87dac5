package inventory_test

import (
	"sync"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/inventory"
)

// found counts what there is to say of the stock of all stores.
func found(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	for x, err := range inventory.Verify(t.Context(), d) {
		if err != nil {
			t.Fatal(err)
		}
		t.Log(x)
		n++
	}
	return n
}

// repaired has the totals mended and returns how much was told.
func repaired(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := inventory.RepairTotals(t.Context(), d, func(string) { n++ }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRepairTotals_mendsWhatFollowsFromLevelsOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		s.put(s.variant(false), s.main, 10)
		s.put(s.variant(false), s.main, 3)
		if n := repaired(t, d); n > 0 {
			t.Errorf("%d sound stores were mended", n)
		}
		for _, breaks := range []string{
			`UPDATE inventory_total SET quantity = quantity + 5, reserved = 4`, `UPDATE inventory_total SET variants = 7`,
			`DELETE FROM inventory_total`, `INSERT INTO inventory_total (store_id, warehouse_id, part, levels, variants, low, quantity, reserved) SELECT store_id, store_id, 3, 1, 1, 1, 1, 1 FROM inventory_level LIMIT 1`,
		} {
			s.exec(breaks)
			if found(t, d) == 0 {
				t.Errorf("%s: nobody sees it", breaks)
			}
			if first, second := repaired(t, d), repaired(t, d); first != 1 || second != 0 {
				t.Errorf("%s: mended %d times, then %d", breaks, first, second)
			}
			if n := found(t, d); n > 0 {
				t.Errorf("%s: %d differences are left", breaks, n)
			}
		}
	})
}

// TestRepairTotals_besideThoseWhoSell breaks the totals once, and has several mend them
// while stock moves.
func TestRepairTotals_besideThoseWhoSell_isRightInTheEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 1000)
		s.exec(`UPDATE inventory_total SET quantity = quantity - 77, variants = 0`)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				writer := inventory.NewWriter(d, nil) // as another process has
				for range 20 {
					if _, err := writer.Reserve(t.Context(), s.id, l, units(1)); err != nil {
						t.Error(err)
					}
				}
			})
			all.Go(func() {
				for range 3 {
					if err := inventory.RepairTotals(t.Context(), d, func(string) {}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if n := found(t, d); n > 0 {
			t.Errorf("%d differences", n)
		}
	})
}
