package order_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/pricing"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

// shop is a store with its services, on a clock that the test moves.
type shop struct {
	t      *testing.T
	db     *db.DB
	clock  *clock.Fixed
	stock  *inventory.Writer
	orders *order.Service
	store  store.Store
}

var opening = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// each runs fn with an empty hybrid store, on both databases.
func each(t *testing.T, fn func(t *testing.T, s *shop)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(opening)
		fn(t, open(t, dbtest.Open(t, address, c), c))
	})
}

// open makes an empty hybrid store.
func open(t *testing.T, d *db.DB, c *clock.Fixed) *shop {
	t.Helper()
	s := &shop{t: t, db: d, clock: c, stock: inventory.NewWriter(d, nil)}
	s.orders = order.New(d, s.stock, order.Settings{HoldFor: time.Hour})
	owner, err := fixture.Account(t.Context(), d)
	s.must(err)
	wanted := store.New("Shop")
	wanted.Type = store.Hybrid
	s.inTx(func(tx *db.Tx) (err error) {
		s.store, err = setup.Open(t.Context(), tx, owner, wanted)
		return err
	})
	return s
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) inTx(fn func(*db.Tx) error) {
	s.t.Helper()
	s.must(s.db.InTx(s.t.Context(), fn))
}

// product makes one with a single variant. quantity is what is in the default
// warehouse; less than 0 makes a variant that is not tracked.
func (s *shop) product(sku string, price money.Amount, quantity int64) catalog.Product {
	s.t.Helper()
	var made catalog.Product
	s.inTx(func(tx *db.Tx) (err error) {
		v := catalog.NewVariant()
		v.SKU, v.Price, v.TrackInventory = &sku, price, quantity >= 0
		p := catalog.NewProduct(sku)
		p.Variants = []catalog.Variant{v}
		if made, err = catalog.Create(s.t.Context(), tx, s.store.ID, p); err != nil || quantity < 0 {
			return err
		}
		_, err = s.stock.Set(s.t.Context(), tx, s.store.ID, made.Variants[0].ID, nil, inventory.Target{Quantity: quantity}, inventory.Note{})
		return err
	})
	return made
}

// want is a request for n of each product.
func want(n int, products ...catalog.Product) order.Request {
	r := order.Request{Email: "Ada@example.com"}
	for _, p := range products {
		r.Items = append(r.Items, order.Wanted{Variant: p.Variants[0].ID, Quantity: n})
	}
	return r
}

func (s *shop) place(r order.Request) order.Order {
	s.t.Helper()
	o, err := s.orders.Place(s.t.Context(), s.store, r, nil)
	s.must(err)
	return o
}

// figures are the numbers of a product's only level.
func (s *shop) figures(p catalog.Product) (quantity, reserved int64) {
	s.t.Helper()
	levels, _, err := inventory.List(s.t.Context(), s.db, s.store.ID, inventory.Filter{Variant: &p.Variants[0].ID}, db.Page{Limit: 10})
	s.must(err)
	if len(levels) != 1 {
		s.t.Fatalf("%d levels", len(levels))
	}
	return levels[0].Quantity, levels[0].Reserved
}

// move is one of Pay, Fulfill, Cancel and Return.
type move func(context.Context, store.ID, order.ID, *string, order.Then) (order.Order, error)

func (s *shop) do(m move, o order.Order) order.Order {
	s.t.Helper()
	moved, err := m(s.t.Context(), s.store.ID, o.ID, nil, nil)
	s.must(err)
	return moved
}

func TestPlace_holdsTheStockAndKeepsWhatWasAgreed(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug, tea := s.product("MUG", 9_99, 10), s.product("TEA", 4_00, -1)
		o := s.place(want(2, mug, tea))
		if o.Number != 1001 || o.Status != order.Pending || o.Payment != order.Unpaid || o.Total != 27_98 || o.HoldUntil == nil {
			t.Errorf("%+v", o)
		}
		if quantity, reserved := s.figures(mug); quantity != 10 || reserved != 2 {
			t.Errorf("%d on hand, %d reserved", quantity, reserved)
		}
		read, err := order.Get(t.Context(), s.db, s.store.ID, o.ID)
		s.must(err)
		if read.Total != o.Total || len(read.Items) != 2 || read.Items[0].Title != "MUG" || len(read.Items[0].Allocations) != 1 || len(read.Items[1].Allocations) != 0 {
			t.Errorf("read: %+v", read)
		}
		if next := s.place(want(1, tea)); next.Number != 1002 || next.Customer != o.Customer || next.HoldUntil != nil {
			t.Errorf("the next: %+v", next)
		}
		customer, err := order.GetCustomer(t.Context(), s.db, s.store.ID, o.Customer)
		s.must(err)
		if customer.Orders != 2 || customer.Spent != 0 || customer.Email != "Ada@example.com" {
			t.Errorf("%+v", customer)
		}
	})
}

func TestPlace_holdsAllLinesOrNone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug, pot := s.product("MUG", 1_00, 10), s.product("POT", 1_00, 1)
		_, err := s.orders.Place(t.Context(), s.store, want(2, mug, pot), nil)
		fault.AssertCode(t, err, "sold_out")
		if !strings.Contains(err.Error(), "POT") || strings.Contains(err.Error(), "MUG") {
			t.Errorf("what is short: %v", err)
		}
		if _, reserved := s.figures(mug); reserved != 0 {
			t.Errorf("%d are reserved for no order", reserved)
		}
		orders, _, err := order.List(t.Context(), s.db, s.store.ID, order.Filter{}, db.Page{Limit: 10})
		s.must(err)
		if len(orders) != 0 {
			t.Errorf("%d orders", len(orders))
		}
	})
}

func TestPlace_atOnceSellsNoMoreThanThereIs(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 1_00, 20)
		var sold, refused sync.Map
		var shoppers sync.WaitGroup
		for i := range 50 {
			shoppers.Go(func() {
				o, err := s.orders.Place(context.WithoutCancel(t.Context()), s.store, want(1, mug), nil)
				if fault.Code(err) == "sold_out" {
					refused.Store(i, true)
				} else if err != nil {
					t.Errorf("shopper %d: %v", i, err)
				} else {
					sold.Store(o.Number, true)
				}
			})
		}
		shoppers.Wait()
		if n := count(&sold); n != 20 {
			t.Errorf("%d sold, each with a number of its own", n)
		}
		if n := count(&refused); n != 30 {
			t.Errorf("%d refused", n)
		}
		if quantity, reserved := s.figures(mug); quantity != 20 || reserved != 20 {
			t.Errorf("%d on hand, %d reserved", quantity, reserved)
		}
	})
}

func count(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func TestPlace_aDiscountIsUsedNoMoreThanItsLimit(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 10_00, 100)
		limit := 5
		s.inTx(func(tx *db.Tx) error {
			_, err := pricing.CreateDiscount(t.Context(), tx, s.store.ID, pricing.Discount{
				Code: "TEN", Type: pricing.Percentage, Percent: 10_0000, AppliesTo: pricing.All, Status: pricing.Active, UsageLimit: &limit,
			})
			return err
		})
		code := "ten"
		r := want(1, mug)
		r.DiscountCode = &code
		var used sync.Map
		var shoppers sync.WaitGroup
		for range 20 {
			shoppers.Go(func() {
				if o, err := s.orders.Place(context.WithoutCancel(t.Context()), s.store, r, nil); err == nil {
					used.Store(o.ID, o)
				} else if fault.Code(err) != "discount_unusable" {
					t.Error(err)
				}
			})
		}
		shoppers.Wait()
		if n := count(&used); n != limit {
			t.Fatalf("used %d times", n)
		}
		used.Range(func(_, o any) bool {
			if o := o.(order.Order); o.DiscountTotal != 1_00 || o.Total != 9_00 || *o.DiscountCode != "TEN" {
				t.Errorf("%+v", o)
			}
			s.do(s.orders.Cancel, o.(order.Order))
			return false
		})
		s.place(r) // the use that was given back
	})
}

func TestPlace_refusesWhatIsNotForSale(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 1_00, 10)
		s.inTx(func(tx *db.Tx) error {
			_, err := catalog.Update(t.Context(), tx, s.store.ID, mug.ID, func(p *catalog.Product) { p.Status = catalog.Draft })
			return err
		})
		_, err := s.orders.Place(t.Context(), s.store, want(1, mug), nil)
		fault.AssertCode(t, err, "not_for_sale")

		s.store.Status = store.Paused
		_, err = s.orders.Place(t.Context(), s.store, want(1, mug), nil)
		fault.AssertCode(t, err, "store_paused")
		s.store.Status = store.Active

		unknown := want(1, mug)
		unknown.Items[0].Variant.UUID[3]++
		if _, err = s.orders.Place(t.Context(), s.store, unknown, nil); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown variant: %v", err)
		}
		for name, edit := range map[string]func(*order.Request){
			"no address": func(r *order.Request) { r.Email = "ada" },
			"no items":   func(r *order.Request) { r.Items = nil },
			"none":       func(r *order.Request) { r.Items[0].Quantity = 0 },
			"no country": func(r *order.Request) { r.Address = &order.Address{Country: "ZZ"} },
		} {
			r := want(1, mug)
			edit(&r)
			if _, err := s.orders.Place(t.Context(), s.store, r, nil); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestMoves_takeStockAndMoneyThroughEveryState(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 5_00, 10)
		o := s.place(want(3, mug))
		spent := func() money.Amount {
			c, err := order.GetCustomer(t.Context(), s.db, s.store.ID, o.Customer)
			s.must(err)
			return c.Spent
		}
		_, err := s.orders.Fulfill(t.Context(), s.store.ID, o.ID, nil, nil)
		fault.AssertCode(t, err, "order_pending")

		paid := s.do(s.orders.Pay, o)
		if paid.Status != order.Paid || paid.Payment != order.Settled || paid.PaidAt == nil || paid.HoldUntil != nil || spent() != 15_00 {
			t.Errorf("paid: %+v", paid)
		}
		for range 2 { // repeating changes nothing
			if again := s.do(s.orders.Pay, o); again.Status != order.Paid || spent() != 15_00 {
				t.Errorf("paid again: %+v", again)
			}
		}
		for range 2 {
			if shipped := s.do(s.orders.Fulfill, o); shipped.Status != order.Fulfilled {
				t.Errorf("fulfilled: %+v", shipped)
			}
			if quantity, reserved := s.figures(mug); quantity != 7 || reserved != 0 {
				t.Errorf("fulfilled: %d on hand, %d reserved", quantity, reserved)
			}
		}
		_, err = s.orders.Cancel(t.Context(), s.store.ID, o.ID, nil, nil)
		fault.AssertCode(t, err, "order_fulfilled")
		for range 2 {
			if back := s.do(s.orders.Return, o); back.Status != order.Returned || back.Payment != order.Refunded || back.Refunded != 15_00 || spent() != 0 {
				t.Errorf("returned: %+v", back)
			}
			if quantity, reserved := s.figures(mug); quantity != 10 || reserved != 0 {
				t.Errorf("returned: %d on hand, %d reserved", quantity, reserved)
			}
		}
		_, err = s.orders.Pay(t.Context(), s.store.ID, o.ID, nil, nil)
		fault.AssertCode(t, err, "order_returned")
	})
}

func TestCancel_givesBackStockAndMoney(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 5_00, 10)
		for _, paid := range []bool{false, true} {
			o := s.place(want(4, mug))
			if paid {
				s.do(s.orders.Pay, o)
			}
			cancelled := s.do(s.orders.Cancel, o)
			if cancelled.Status != order.Cancelled || (cancelled.Payment == order.Refunded) != paid || (cancelled.Refunded == o.Total) != paid {
				t.Errorf("paid %v: %+v", paid, cancelled)
			}
			if quantity, reserved := s.figures(mug); quantity != 10 || reserved != 0 {
				t.Errorf("%d on hand, %d reserved", quantity, reserved)
			}
		}
	})
}

func TestMoves_atOnceHappenOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 5_00, 10)
		o := s.do(s.orders.Pay, s.place(want(4, mug)))
		var fulfilled, cancelled sync.Map
		var clerks sync.WaitGroup
		for i := range 16 {
			m, done := move(s.orders.Fulfill), &fulfilled
			if i%2 == 0 {
				m, done = s.orders.Cancel, &cancelled
			}
			clerks.Go(func() {
				_, err := m(context.WithoutCancel(t.Context()), s.store.ID, o.ID, nil, nil)
				if err == nil {
					done.Store(i, true)
				} else if !fault.Is(err, fault.Refused) {
					t.Error(err)
				}
			})
		}
		clerks.Wait()
		quantity, reserved := s.figures(mug)
		if shipped := quantity == 6; reserved != 0 || !shipped && quantity != 10 || shipped != (count(&fulfilled) > 0) || shipped == (count(&cancelled) > 0) {
			t.Errorf("%d on hand, %d reserved; fulfilled %d times, cancelled %d times", quantity, reserved, count(&fulfilled), count(&cancelled))
		}
	})
}

func TestCancelExpired_givesUpOrdersThatWereNotPaidInTime(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 5_00, 10)
		late, paid := s.place(want(1, mug)), s.place(want(2, mug))
		s.do(s.orders.Pay, paid)
		s.clock.Advance(59 * time.Minute)
		s.must(s.orders.CancelExpired(t.Context()))
		if _, reserved := s.figures(mug); reserved != 3 {
			t.Errorf("%d reserved before the time", reserved)
		}
		s.clock.Advance(time.Minute)
		for range 2 {
			s.must(s.orders.CancelExpired(t.Context()))
		}
		if _, reserved := s.figures(mug); reserved != 2 {
			t.Errorf("%d reserved", reserved)
		}
		if o, err := order.Get(t.Context(), s.db, s.store.ID, late.ID); err != nil || o.Status != order.Cancelled || o.HoldUntil != nil {
			t.Errorf("%+v, %v", o, err)
		}
		if o, err := order.Get(t.Context(), s.db, s.store.ID, paid.ID); err != nil || o.Status != order.Paid {
			t.Errorf("%+v, %v", o, err)
		}
	})
}

func TestCancelExpired_leavesOrdersThatKeepTheirStockForEver(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.orders = order.New(s.db, s.stock, order.Settings{HoldFor: 0})
		mug := s.product("MUG", 5_00, 10)
		o := s.place(want(1, mug))
		s.clock.Advance(10 * 365 * 24 * time.Hour)
		s.must(s.orders.CancelExpired(t.Context()))
		if now, err := order.Get(t.Context(), s.db, s.store.ID, o.ID); err != nil || now.Status != order.Pending || now.HoldUntil != nil {
			t.Errorf("%+v, %v", now, err)
		}
		if found := s.differences(); found != nil {
			t.Errorf("%q", found)
		}
	})
}

func TestSupplierOrders_comeWithThePaymentAndFollowTheOrder(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		tea, mug := s.product("TEA", 4_00, -1), s.product("MUG", 5_00, 10)
		cost, sku := money.Amount(1_50), "LEAF-1"
		var supplier catalog.Supplier
		s.inTx(func(tx *db.Tx) (err error) {
			if supplier, err = catalog.CreateSupplier(t.Context(), tx, s.store.ID, catalog.NewSupplier("Leaf & Co")); err != nil {
				return err
			}
			_, err = catalog.Link(t.Context(), tx, s.store.ID, tea.ID, catalog.SupplierLink{Supplier: supplier.ID, SupplierSKU: &sku, Cost: &cost, Primary: true})
			return err
		})
		list := func() []order.SupplierOrder {
			found, _, err := order.ListSupplierOrders(t.Context(), s.db, s.store.ID, "", nil, db.Page{Limit: 10})
			s.must(err)
			return found
		}
		o := s.place(want(3, tea, mug))
		if o.Items[0].Supplier == nil || o.Items[1].Supplier != nil || len(list()) != 0 {
			t.Errorf("before it is paid: %+v", o)
		}
		s.do(s.orders.Pay, o)
		s.do(s.orders.Pay, o)
		found := list()
		if len(found) != 1 || found[0].SupplierName != "Leaf & Co" || found[0].Status != order.ToShip || found[0].Cost != 4_50 ||
			len(found[0].Items) != 1 || *found[0].Items[0].SupplierSKU != "LEAF-1" || found[0].Items[0].Quantity != 3 {
			t.Errorf("paid: %+v", found)
		}
		if ofOrder, err := order.SupplierOrders(t.Context(), s.db, s.store.ID, o.ID); err != nil || !reflect.DeepEqual(ofOrder, found) {
			t.Errorf("of the order: %+v, %v", ofOrder, err)
		}
		s.do(s.orders.Fulfill, o)
		if found := list(); found[0].Status != order.Shipped {
			t.Errorf("fulfilled: %+v", found)
		}
		other := s.do(s.orders.Pay, s.place(want(1, tea)))
		s.do(s.orders.Cancel, other)
		if found := list(); len(found) != 2 || found[0].Status != order.CalledOff {
			t.Errorf("cancelled: %+v", found)
		}
	})
}

func TestPlace_takesBackAnOrderWhoseThenFails(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.product("MUG", 5_00, 10)
		boom := errors.New("boom")
		var failing, placed sync.WaitGroup
		for range 8 {
			placed.Go(func() {
				if _, err := s.orders.Place(context.WithoutCancel(t.Context()), s.store, want(1, mug), nil); err != nil {
					t.Error(err)
				}
			})
			failing.Go(func() {
				_, err := s.orders.Place(context.WithoutCancel(t.Context()), s.store, want(1, mug), func(context.Context, *db.Tx, order.Order) error { return boom })
				if !errors.Is(err, boom) {
					t.Error(err)
				}
			})
		}
		placed.Wait()
		failing.Wait()
		if _, reserved := s.figures(mug); reserved != 8 {
			t.Errorf("%d reserved", reserved)
		}
	})
}

func TestAllows_tellsWhatCanBeDoneInEachState(t *testing.T) {
	t.Parallel()
	for status, want := range map[order.Status][]order.Move{
		order.Pending: {order.ToPay, order.ToCancel}, order.Paid: {order.ToFulfill, order.ToCancel},
		order.Fulfilled: {order.ToReturn}, order.Cancelled: nil, order.Returned: nil,
	} {
		var allowed []order.Move
		for _, m := range []order.Move{order.ToPay, order.ToFulfill, order.ToReturn, order.ToCancel} {
			if (order.Order{Status: status}).Allows(m) {
				allowed = append(allowed, m)
			}
		}
		if !slices.Equal(allowed, want) {
			t.Errorf("%s allows %v, want %v", status, allowed, want)
		}
	}
}

func TestNumbers_areThoseOfTheStoresOwnOrders(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		o := s.place(want(1, s.product("MUG", 5_00, 10)))
		stranger := order.ID{UUID: s.db.NewID()}
		numbers, err := order.Numbers(t.Context(), s.db, s.store.ID, []order.ID{o.ID, stranger})
		if err != nil || len(numbers) != 1 || numbers[o.ID] != o.Number {
			t.Errorf("found %v, %v", numbers, err)
		}
		if none, err := order.Numbers(t.Context(), s.db, store.ID{UUID: s.db.NewID()}, []order.ID{o.ID}); err != nil || len(none) != 0 {
			t.Errorf("another store found %v, %v", none, err)
		}
	})
}
