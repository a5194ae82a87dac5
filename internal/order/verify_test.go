package order_test

import (
	"slices"
	"testing"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/order"
	"vitrine/internal/pricing"
)

// differences are what there is to say of the shop's orders.
func (s *shop) differences() []string {
	s.t.Helper()
	var found []string
	for d, err := range order.Verify(s.t.Context(), s.db) {
		s.must(err)
		if d.Store != s.store.ID || d.ID.IsZero() {
			s.t.Errorf("%v", d)
		}
		found = append(found, d.Subject+": "+d.What)
	}
	return found
}

// TestVerify_namesEachDifference breaks what only somebody with the database's own
// tools can break.
func TestVerify_namesEachDifference(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 10_00, 100)
		s.inTx(func(tx *db.Tx) error {
			_, err := pricing.CreateDiscount(t.Context(), tx, s.store.ID, pricing.Discount{Code: "TEN", Type: pricing.FixedAmount, Amount: 1_00, AppliesTo: pricing.All, Status: pricing.Active})
			return err
		})
		r, code := want(2, mug), "TEN"
		r.DiscountCode = &code
		s.do(s.orders.Pay, s.place(r))
		s.do(s.orders.Cancel, s.place(r))
		s.place(r)
		if found := s.differences(); found != nil {
			t.Fatalf("at first: %q", found)
		}
		for _, broken := range []struct{ breaks, mends, want string }{
			{`UPDATE shop_order SET total = total + 1 WHERE status = 'paid'`, `UPDATE shop_order SET total = total - 1 WHERE status = 'paid'`, "order: its totals do not come to its total"},
			{`UPDATE shop_order SET shipping_tax = 1 WHERE status = 'paid'`, `UPDATE shop_order SET shipping_tax = 0`, "order: its lines do not come to its subtotal, its discount and its tax"},
			{`UPDATE order_line SET total = total + 1`, `UPDATE order_line SET total = total - 1`, "order: its lines do not come to its subtotal, its discount and its tax"},
			{`UPDATE order_allocation SET quantity = 3`, `UPDATE order_allocation SET quantity = 2`, "order: it is open and does not hold what it was given"},
			{`UPDATE shop_order SET status = 'fulfilled' WHERE status = 'paid'`, `UPDATE shop_order SET status = 'paid' WHERE status = 'fulfilled'`, "order: units are held for it, and it is not open"},
			{`UPDATE customer SET spent = spent + 1`, `UPDATE customer SET spent = spent - 1`, "customer: there are other orders of theirs than counted, or they paid something else"},
			{`UPDATE customer SET orders = 2`, `UPDATE customer SET orders = 3`, "customer: there are other orders of theirs than counted, or they paid something else"},
			{`UPDATE discount SET times_used = 3`, `UPDATE discount SET times_used = 2`, "discount: it was used in another number of orders than it counts"},
		} {
			s.exec(broken.breaks)
			if found := s.differences(); !slices.Contains(found, broken.want) {
				t.Errorf("%s: %q", broken.breaks, found)
			}
			s.exec(broken.mends)
			if found := s.differences(); found != nil {
				t.Fatalf("%s: %q", broken.mends, found)
			}
		}
		s.clock.Advance(2 * time.Hour)
		if found := s.differences(); !slices.Equal(found, []string{"order: it holds stock and is overdue by more than an hour"}) {
			t.Errorf("two hours later: %q", found)
		}
	})
}

func (s *shop) exec(statement string) {
	s.t.Helper()
	s.inTx(func(tx *db.Tx) error {
		_, err := db.Exec(s.t.Context(), tx, statement)
		return err
	})
}
