package inventory_test

import (
	"fmt"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/inventory"
)

// TestVerify_namesEachDifference breaks what only somebody with the database's own
// tools can break.
func TestVerify_namesEachDifference(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 10)
		holder := d.NewID()
		if err := s.writer.Do(t.Context(), s.id, inventory.Request{
			Prepare: func(st *inventory.Stock) { st.NeedVariant(s.level(l).Variant) },
			Decide: func(st *inventory.Stock) error {
				_, err := st.Hold(holder, []inventory.Line{{N: 1, Variant: s.level(l).Variant, Quantity: 2}}, inventory.Note{})
				return err
			},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.writer.Reserve(t.Context(), s.id, l, units(3)); err != nil {
			t.Fatal(err)
		}
		s.sound()
		for _, broken := range []struct{ breaks, mends, want string }{
			{`UPDATE inventory_level SET quantity = 11`, `UPDATE inventory_level SET quantity = 10`, "it has 11 on hand and 5 reserved, its ledger 10 and 5"},
			{`UPDATE inventory_level SET by_hand = 1`, `UPDATE inventory_level SET by_hand = 3`, "5 are reserved, but 1 are held by hand and 2 for orders"},
			{`UPDATE inventory_hold SET quantity = 4`, `UPDATE inventory_hold SET quantity = 2`, "5 are reserved, but 3 are held by hand and 4 for orders"},
			{`UPDATE inventory_level SET entries = 7`, `UPDATE inventory_level SET entries = 3`, "it counts 7 adjustments, its ledger has 3"},
			{
				`INSERT INTO inventory_hold (store_id, holder_id, line, level_id, quantity, created_at) SELECT store_id, store_id, 1, store_id, 1, created_at FROM inventory_hold`,
				`DELETE FROM inventory_hold WHERE level_id = store_id`, "0 are reserved, but 0 are held by hand and 1 for orders",
			},
			{
				`UPDATE inventory_total SET low = low + 1, reserved = 4`, `UPDATE inventory_total SET low = low - 1, reserved = 5`,
				"off by 0 levels, 1 low ones, 0 on hand and -1 reserved",
			},
			{
				`UPDATE inventory_total SET variants = 3`, `UPDATE inventory_total SET variants = 1`,
				"the totals say that 3 variants have levels, but 1 have",
			},
			{adjustment(`level_id`, 5), "", "adjustment 5 does not follow 3"},
			{"", "", "adjustment 5 says 8 on hand and 5 reserved, replayed it is 10 and 5"},
			{adjustment(`store_id`, 1), "", "it has 1 adjustments, but is not there"},
		} {
			s.exec(broken.breaks)
			var found []string
			for d, err := range inventory.Verify(t.Context(), d) {
				if err != nil {
					t.Fatal(err)
				}
				if d.Store != s.id || !d.Level.IsZero() && d.Level != l && d.Level.UUID != s.id.UUID {
					t.Errorf("%v", d)
				}
				found = append(found, d.What)
			}
			if !strings.Contains(strings.Join(found, "\n"), broken.want) {
				t.Errorf("%s: %q", broken.breaks, found)
			}
			s.exec(broken.mends)
		}
		for _, err := range inventory.Verify(t.Context(), d) {
			if err != nil {
				t.Error(err)
			}
			break // the first is enough
		}
	})
}

// adjustment forges a row of the ledger.
func adjustment(level string, n int) string {
	return fmt.Sprintf(`
		INSERT INTO inventory_adjustment (store_id, id, level_id, n, quantity_change, reserved_change, quantity_after, reserved_after, reason, created_at)
		SELECT store_id, %s, %s, %d, 0, 0, 8, 5, 'correction', created_at FROM inventory_adjustment WHERE n = 1`, level, level, n)
}

// exec runs a statement, if there is one.
func (s *shop) exec(statement string) {
	s.t.Helper()
	if statement == "" {
		return
	}
	s.tx(func(tx *db.Tx) error {
		_, err := db.Exec(s.t.Context(), tx, statement)
		return err
	})
}
