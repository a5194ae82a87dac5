package order_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
)

// On a Citus cluster no statement is about the rows of several stores, though requests of
// several share a transaction. What is sold is the same.
func TestPlace_onAClusterSellsOfManyStoresAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.EachFrom(t, opening, func(t *testing.T, d *db.DB, c *clock.Fixed) {
		if d.Engine() != db.Postgres {
			t.Skip("only PostgreSQL can be a cluster")
		}
		dbtest.AsCluster(t, d)
		first := open(t, d, c)
		shops := []*shop{first, open(t, d, c), open(t, d, c)}
		var shoppers sync.WaitGroup
		var pay, look []func()
		for _, s := range shops {
			s.stock, s.orders = first.stock, first.orders
			mug := s.product("MUG", 1_00, 10)
			var sold, refused sync.Map
			for i := range 15 {
				shoppers.Go(func() {
					o, err := s.orders.Place(context.WithoutCancel(t.Context()), s.store, want(1, mug), nil)
					if fault.Code(err) == "sold_out" {
						refused.Store(i, true)
					} else if err != nil {
						t.Errorf("shopper %d: %v", i, err)
					} else {
						sold.Store(o.Number, o)
					}
				})
			}
			pay = append(pay, func() {
				if m, n := count(&sold), count(&refused); m != 10 || n != 5 {
					t.Errorf("%d sold, %d refused", m, n)
				}
				var paid []order.Order
				sold.Range(func(_, o any) bool {
					paid = append(paid, o.(order.Order))
					return len(paid) < 4
				})
				for _, o := range paid {
					s.do(s.orders.Pay, o)
				}
			})
			look = append(look, func() {
				if quantity, reserved := s.figures(mug); quantity != 10 || reserved != 4 {
					t.Errorf("%d on hand, %d reserved", quantity, reserved)
				}
			})
		}
		shoppers.Wait()
		for _, pay := range pay {
			pay()
		}
		c.Advance(2 * time.Hour)
		first.must(first.orders.CancelExpired(t.Context()))
		for _, look := range look {
			look()
		}
		for what, err := range inventory.Verify(t.Context(), d) {
			t.Errorf("%v, %v", what, err)
		}
		for what, err := range order.Verify(t.Context(), d) {
			t.Errorf("%v, %v", what, err)
		}
	})
}
