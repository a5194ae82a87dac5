package order_test

import (
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/pricing"
)

// repaired has the orders mended and returns what was told.
func (s *shop) repaired() (told []string) {
	s.t.Helper()
	s.must(s.orders.Repair(s.t.Context(), func(what string) { told = append(told, what) }))
	return told
}

func TestRepair_countsAnewAndGivesBackWhatNobodyHas(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 10_00, 100)
		s.inTx(func(tx *db.Tx) error {
			_, err := pricing.CreateDiscount(t.Context(), tx, s.store.ID, pricing.Discount{Code: "TEN", Type: pricing.FixedAmount, Amount: 1_00, AppliesTo: pricing.All, Status: pricing.Active})
			return err
		})
		r, code := want(2, mug), "TEN"
		r.DiscountCode = &code
		s.do(s.orders.Pay, s.place(r))
		s.place(r)
		if told := s.repaired(); told != nil {
			t.Errorf("sound orders were mended: %q", told)
		}
		for _, breaks := range []string{
			`UPDATE customer SET spent = spent + 1, orders = 9`, `UPDATE discount SET times_used = 7`,
			`UPDATE shop_order SET status = 'cancelled', hold_until = NULL WHERE status = 'pending'`,
		} {
			s.inTx(func(tx *db.Tx) error { _, err := db.Exec(t.Context(), tx, breaks); return err })
			if s.differences() == nil {
				t.Errorf("%s: nobody sees it", breaks)
			}
			if told := s.repaired(); len(told) == 0 {
				t.Errorf("%s: nothing was mended", breaks)
			}
			if left := s.differences(); left != nil {
				t.Errorf("%s: %q is left", breaks, left)
			}
			if again := s.repaired(); again != nil {
				t.Errorf("%s: mended again: %q", breaks, again)
			}
		}
		if _, reserved := s.figures(mug); reserved != 2 {
			t.Errorf("%d are reserved, 2 are held for the order that is paid", reserved)
		}
		for x, err := range inventory.Verify(t.Context(), s.db) {
			t.Errorf("%v, %v", x, err)
		}
	})
}

// TestRepair_leavesAloneWhatAPersonHasToDecide also sees that a hold which no level
// knows of is not given back twice.
func TestRepair_leavesAloneWhatAPersonHasToDecide(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 10_00, 100)
		s.place(want(2, mug))
		s.inTx(func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `
				INSERT INTO inventory_hold (store_id, holder_id, line, level_id, quantity, created_at)
				SELECT store_id, store_id, 1, level_id, 1, created_at FROM inventory_hold`)
			if err == nil {
				_, err = db.Exec(t.Context(), tx, `UPDATE shop_order SET total = total + 1`)
			}
			return err
		})
		before := len(s.differences())
		if told := s.repaired(); told != nil {
			t.Errorf("mended: %q", told)
		}
		if after := len(s.differences()); before != 2 || after != before {
			t.Errorf("%d differences, then %d", before, after)
		}
	})
}

func TestRepairSearch_indexesAnewWhatIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		if s.db.Engine() != db.SQLite {
			return // PostgreSQL keeps its indexes itself
		}
		mug := s.product("MUG", 10_00, 100)
		s.place(want(1, mug))
		s.place(want(1, mug))
		s.must(order.IndexSearch(t.Context(), s.db, s.store.ID))
		count := func() (n int) {
			for _, err := range order.VerifySearch(t.Context(), s.db) {
				s.must(err)
				n++
			}
			return n
		}
		if n := count(); n != 0 {
			t.Errorf("at first %d differences", n)
		}
		s.inTx(func(tx *db.Tx) error { _, err := db.Exec(t.Context(), tx, `DELETE FROM order_search`); return err })
		if n := count(); n != 1 {
			t.Errorf("%d differences without an index", n)
		}
		s.must(order.RepairSearch(t.Context(), s.db, func(string) {}))
		if n := count(); n != 0 {
			t.Errorf("%d differences are left", n)
		}
	})
}
