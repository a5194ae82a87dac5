package order_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/order"
)

func checkout(key string, agreed money.Amount, r order.Request) order.Checkout {
	return order.Checkout{Request: r, Key: strings.Repeat(key, 20), Agreed: agreed}
}

// count returns how many orders the store has.
func (s *shop) count() int {
	s.t.Helper()
	n, err := db.One(s.t.Context(), s.db, db.Value[int], `SELECT count(*) FROM shop_order WHERE store_id = $1`, s.store.ID)
	s.must(err)
	return n
}

func TestPlaceOnce_makesOneOrderHoweverOftenItIsSent(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 9_99, 3) // enough for one of them
		var wg sync.WaitGroup
		var mu sync.Mutex
		made := map[order.ID]int{}
		for range 20 {
			wg.Go(func() {
				o, err := s.orders.PlaceOnce(t.Context(), s.store, checkout("a", 2*9_99, want(2, mug)))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				made[o.ID]++
			})
		}
		wg.Wait()
		if len(made) != 1 || s.count() != 1 {
			t.Errorf("%d orders were told, %d are there", len(made), s.count())
		}
		if _, reserved := s.figures(mug); reserved != 2 {
			t.Errorf("%d are held", reserved)
		}
		other, err := s.orders.PlaceOnce(t.Context(), s.store, checkout("b", 9_99, want(1, mug)))
		if err != nil || made[other.ID] != 0 {
			t.Errorf("another form: %v, %v", other.ID, err)
		}
	})
}

func TestPlaceOnce_givesTheOrderAsItIsWhenItIsAskedAgain(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 9_99, 2)
		first, err := s.orders.PlaceOnce(t.Context(), s.store, checkout("a", 2*9_99, want(2, mug)))
		s.must(err)
		s.do(s.orders.Pay, first)
		again, err := s.orders.PlaceOnce(t.Context(), s.store, checkout("a", 1, want(2, mug))) // sold out by now, and another price
		if err != nil || again.ID != first.ID || again.Status != order.Paid || len(again.Items) != 1 {
			t.Errorf("%+v, %v", again, err)
		}
		s.clock.Advance(25 * time.Hour)
		s.must(s.orders.Forget(t.Context()))
		_, err = s.orders.PlaceOnce(t.Context(), s.store, checkout("a", 2*9_99, want(2, mug)))
		fault.AssertCode(t, err, "sold_out")
	})
}

func TestPlaceOnce_sellsForWhatWasAgreedAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 9_99, 5)
		s.inTx(func(tx *db.Tx) error {
			_, err := catalog.UpdateVariant(t.Context(), tx, s.store.ID, mug.ID, mug.Variants[0].ID, func(v *catalog.Variant) { v.Price = 11_00 })
			return err
		})
		_, err := s.orders.PlaceOnce(t.Context(), s.store, checkout("a", 9_99, want(1, mug)))
		fault.AssertCode(t, err, "total_changed")
		if s.count() != 0 {
			t.Error("it was sold all the same")
		}
		o, err := s.orders.PlaceOnce(t.Context(), s.store, checkout("a", 11_00, want(1, mug)))
		if err != nil || o.Total != 11_00 {
			t.Errorf("%v, %v", o.Total, err)
		}
		_, err = s.orders.PlaceOnce(t.Context(), s.store, order.Checkout{Request: want(1, mug), Key: "short", Agreed: 11_00})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a key that could be guessed: %v", err)
		}
		gone := want(1, mug)
		gone.Items[0].Variant = catalog.VariantID{UUID: id.UUID{}}
		_, err = s.orders.PlaceOnce(t.Context(), s.store, checkout("c", 11_00, gone))
		fault.AssertCode(t, err, "not_found")
	})
}
