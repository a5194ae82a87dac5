package order_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/pricing"
)

func TestMain(m *testing.M) {
	flag.Parse()
	checks := "12"
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		checks = "200"
	}
	_ = flag.Set("rapid.checks", checks)
	_ = flag.Set("rapid.nofailfile", "true") // the seed is in the output
	os.Exit(dbtest.Main(m))
}

// What the model's shop sells, and what it asks for.
const (
	counted  = 0 // lies in two warehouses
	ondemand = 1 // lies there too, and may be ordered back
	supplied = 2 // is shipped by a supplier

	shipping = money.Amount(4_90)
	freeOver = money.Amount(60_00)
	fewUses  = 3 // of the code FEW
	taxRate  = 8_8750
)

var (
	prices = []money.Amount{9_99, 3_33, 25_00}
	codes  = []string{"", "FEW", "OFF", "SHIP"}
)

// shelf is what the model knows of a level.
type shelf struct {
	good             int
	warehouse        inventory.WarehouseID
	id               inventory.LevelID
	quantity, byHand int64
	held             int64 // for orders
}

func (s *shelf) reserved() int64  { return s.byHand + s.held }
func (s *shelf) available() int64 { return max(0, s.quantity-s.reserved()) }

// desk is where orders are taken. A process has one.
type desk struct {
	orders *order.Service
	stock  *inventory.Writer
}

// model is a shop as it should be.
type model struct {
	*shop
	desks   []desk
	goods   []catalog.Product
	shelves []*shelf // of the goods that are counted, by good and warehouse
	used    map[string]int

	mu     sync.Mutex
	orders []order.Order
	told   map[order.ID][]string // the moves that were answered with success
}

func newModel(s *shop, quantities []int64) *model {
	m := &model{shop: s, desks: []desk{{s.orders, s.stock}}, used: map[string]int{}, told: map[order.ID][]string{}}
	second := inventory.NewWriter(s.db, nil) // of another process
	m.desks = append(m.desks, desk{order.New(s.db, second, order.Settings{HoldFor: time.Hour}), second})
	over := freeOver
	m.store.Shipping, m.store.FreeOver = shipping, &over
	m.inTx(m.furnish)
	main, _, err := inventory.ListWarehouses(s.t.Context(), s.db, s.store.ID, db.Page{Limit: 2})
	s.must(err)
	for good := range m.goods[:supplied] {
		for _, w := range main {
			at := &shelf{good: good, warehouse: w.ID, quantity: quantities[len(m.shelves)]}
			m.inTx(func(tx *db.Tx) error {
				l, err := s.stock.Set(s.t.Context(), tx, s.store.ID, m.variant(good), &w.ID, inventory.Target{Quantity: at.quantity}, inventory.Note{})
				at.id = l.ID
				return err
			})
			m.shelves = append(m.shelves, at)
		}
	}
	return m
}

// furnish makes goods, discounts, a tax and a second warehouse.
func (m *model) furnish(tx *db.Tx) error {
	ctx, st := m.t.Context(), m.store.ID
	for good, price := range prices {
		v := catalog.NewVariant()
		v.Price, v.TrackInventory, v.AllowBackorder = price, good != supplied, good == ondemand
		p := catalog.NewProduct(fmt.Sprint("Good ", good))
		p.Variants = []catalog.Variant{v}
		made, err := catalog.Create(ctx, tx, st, p)
		if err != nil {
			return err
		}
		m.goods = append(m.goods, made)
	}
	supplier, err := catalog.CreateSupplier(ctx, tx, st, catalog.NewSupplier("Leaf & Co"))
	if err != nil {
		return err
	}
	if _, err := catalog.Link(ctx, tx, st, m.goods[supplied].ID, catalog.SupplierLink{Supplier: supplier.ID, Primary: true}); err != nil {
		return err
	}
	limit := fewUses
	for _, d := range []pricing.Discount{
		{Code: "FEW", Type: pricing.Percentage, Percent: 15_0000, UsageLimit: &limit},
		{Code: "OFF", Type: pricing.FixedAmount, Amount: 5_00},
		{Code: "SHIP", Type: pricing.FreeShipping},
	} {
		d.AppliesTo, d.Status = pricing.All, pricing.Active
		if _, err := pricing.CreateDiscount(ctx, tx, st, d); err != nil {
			return err
		}
	}
	tax := pricing.NewTaxRule()
	tax.Name, tax.Country, tax.Rate, tax.AppliesToShipping = "Tax", "US", taxRate, true
	if _, err := pricing.CreateTaxRule(ctx, tx, st, tax); err != nil {
		return err
	}
	_, err = inventory.CreateWarehouse(ctx, tx, st, inventory.NewWarehouse("Second"))
	return err
}

func (m *model) variant(good int) catalog.VariantID { return m.goods[good].Variants[0].ID }

func (m *model) shelf(l inventory.LevelID) *shelf {
	return m.shelves[slices.IndexFunc(m.shelves, func(s *shelf) bool { return s.id == l })]
}

// op is one operation with all that was drawn for it.
type op struct {
	kind  string
	code  string
	taxed bool
	lines []line
	order int
	level int
	units int64
}

type line struct{ good, quantity int }

var kinds = []string{
	"quote", "place", "place", "place", "pay", "pay", "fulfill", "cancel", "return", "expire",
	"reserve", "release", "ship", "adjust", "set", "transfer",
}

func drawOp(rt *rapid.T) op {
	o := op{
		kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), code: rapid.SampledFrom(codes).Draw(rt, "code"), taxed: rapid.Bool().Draw(rt, "taxed"),
		order: rapid.IntRange(0, 1000).Draw(rt, "order"), level: rapid.IntRange(0, 3).Draw(rt, "level"), units: rapid.Int64Range(1, 9).Draw(rt, "units"),
	}
	for range rapid.IntRange(1, 3).Draw(rt, "lines") {
		o.lines = append(o.lines, line{rapid.IntRange(counted, supplied).Draw(rt, "good"), rapid.IntRange(1, 6).Draw(rt, "quantity")})
	}
	if o.kind == "adjust" && rapid.Bool().Draw(rt, "less") {
		o.units = -o.units
	}
	return o
}

func (m *model) request(o op) order.Request {
	r := order.Request{Email: fmt.Sprintf("c%d@example.com", o.order%3)}
	for _, l := range o.lines {
		r.Items = append(r.Items, order.Wanted{Variant: m.variant(l.good), Quantity: l.quantity})
	}
	if o.code != "" {
		r.DiscountCode = &o.code
	}
	if o.taxed {
		r.Address = &order.Address{Country: "US"}
	}
	return r
}

// do runs an operation at a desk. on is the order that it moves.
func (m *model) do(ctx context.Context, at desk, o op, on order.ID) (order.Order, error) {
	st := m.store.ID
	switch o.kind {
	case "quote":
		_, err := at.orders.Quote(ctx, m.store, m.request(o))
		return order.Order{}, err
	case "place":
		return at.orders.Place(ctx, m.store, m.request(o), nil)
	case "pay":
		return at.orders.Pay(ctx, st, on, nil, nil)
	case "fulfill":
		return at.orders.Fulfill(ctx, st, on, nil, nil)
	case "cancel":
		return at.orders.Cancel(ctx, st, on, nil, nil)
	case "return":
		return at.orders.Return(ctx, st, on, nil, nil)
	case "expire":
		m.clock.Advance(time.Hour)
		return order.Order{}, at.orders.CancelExpired(ctx)
	}
	return order.Order{}, m.doByHand(ctx, at.stock, o)
}

// doByHand runs an operation on the stock.
func (m *model) doByHand(ctx context.Context, w *inventory.Writer, o op) error {
	st, at := m.store.ID, m.shelves[o.level]
	units := inventory.Move{Units: o.units}
	var err error
	switch o.kind {
	case "reserve":
		_, err = w.Reserve(ctx, st, at.id, units)
	case "release":
		_, err = w.Release(ctx, st, at.id, units)
	case "ship":
		_, err = w.Fulfill(ctx, st, at.id, units)
	case "adjust":
		_, err = w.Adjust(ctx, st, at.id, inventory.Correction, units)
	case "set":
		err = m.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := w.Set(ctx, tx, st, m.variant(at.good), &at.warehouse, inventory.Target{Quantity: o.units}, inventory.Note{})
			return err
		})
	case "transfer":
		err = m.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := w.Transfer(ctx, tx, st, m.variant(at.good), at.warehouse, m.beside(o.level).warehouse, o.units, inventory.Note{})
			return err
		})
	}
	return err
}

// TestModel_oneAfterTheOther has every answer foretold by the model.
func TestModel_oneAfterTheOther(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(opening)
		d := dbtest.Open(t, address, c)
		rapid.Check(t, func(rt *rapid.T) {
			m := newModel(open(t, d, c), drawQuantities(rt))
			for range rapid.IntRange(1, 30).Draw(rt, "operations") {
				m.foretell(rt, drawOp(rt))
			}
			m.settle(rt)
		})
	})
}

func drawQuantities(rt *rapid.T) []int64 {
	return rapid.SliceOfN(rapid.Int64Range(0, 20), 4, 4).Draw(rt, "quantities")
}

// foretell runs an operation and compares its answer with the model's.
func (m *model) foretell(rt *rapid.T, o op) {
	var on order.ID
	var want string
	switch _, moves := moves[o.kind]; {
	case o.kind == "quote" || o.kind == "place":
		want = m.expectBasket(o)
	case o.kind == "expire":
		m.expire()
	case moves && len(m.orders) == 0:
		return
	case moves:
		moved := &m.orders[o.order%len(m.orders)]
		on, want = moved.ID, m.expectMove(o.kind, moved)
	default:
		want = m.expectByHand(o)
	}
	made, err := m.do(m.t.Context(), m.desks[o.order%2], o, on)
	if got := fault.Code(err); err != nil && got == "" || got != want {
		rt.Fatalf("%+v: %v (%q), want %q", o, err, got, want)
	}
	if o.kind == "place" && err == nil {
		m.placed(made)
	}
}

// TestModel_allAtOnce has many goroutines do what they like, often with the same
// order, in two processes. Whatever order it happened in, what was accepted adds up to what is there.
func TestModel_allAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(opening)
		d := dbtest.Open(t, address, c)
		rapid.Check(t, func(rt *rapid.T) {
			m := newModel(open(t, d, c), drawQuantities(rt))
			ops := rapid.SliceOfN(rapid.Custom(drawOp), 40, 120).Draw(rt, "operations")
			var all sync.WaitGroup
			for part := range slices.Chunk(ops, len(ops)/12+1) {
				at := m.desks[len(part[0].lines)%2]
				all.Go(func() {
					for _, o := range part {
						m.try(context.WithoutCancel(t.Context()), at, o)
					}
				})
			}
			all.Wait()
			m.must(m.shop.orders.CancelExpired(t.Context())) // what was placed while the time ran on
			m.recount(rt)
			m.settle(rt)
		})
	})
}

// try runs an operation and notes what was accepted. A move is of one of the last
// three orders, so that many want the same one.
func (m *model) try(ctx context.Context, at desk, o op) {
	var on order.ID
	if _, moves := moves[o.kind]; moves {
		m.mu.Lock()
		if n := len(m.orders); n > 0 {
			on = m.orders[n-1-o.order%min(n, 3)].ID
		}
		m.mu.Unlock()
		if on.IsZero() {
			return
		}
	}
	if o.kind == "set" {
		return // it overwrites: nobody can add that up
	}
	made, err := m.do(ctx, at, o, on)
	if err != nil {
		if fault.Code(err) == "" {
			m.t.Errorf("%+v: %v", o, err)
		}
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.acceptByHand(o); o.kind == "place" {
		m.orders = append(m.orders, made)
	}
	m.told[on] = append(m.told[on], o.kind)
}

// recount reads the orders as they came to be, and counts what they hold and took.
func (m *model) recount(rt *rapid.T) {
	for i, o := range m.orders {
		now, err := order.Get(m.t.Context(), m.db, m.store.ID, o.ID)
		if err != nil {
			rt.Fatal(err)
		}
		for _, kind := range m.told[o.ID] {
			if !reached(now, kind) {
				rt.Fatalf("order %d is %s, though %q was answered with success", o.Number, now.Status, kind)
			}
		}
		m.orders[i] = now
		for s, n := range m.allocations(now) {
			switch now.Status {
			case order.Pending, order.Paid:
				s.held += n
			case order.Fulfilled:
				s.quantity -= n
			}
		}
		if now.Status != order.Cancelled {
			m.used[codeOf(now)]++
		}
	}
}

// reached tells whether an order stands where it can after a move.
func reached(o order.Order, move string) bool {
	switch move {
	case "pay":
		return o.PaidAt != nil && o.Status != order.Pending
	case "fulfill":
		return o.FulfilledAt != nil && (o.Status == order.Fulfilled || o.Status == order.Returned)
	case "cancel":
		return o.CancelledAt != nil && o.Status == order.Cancelled
	}
	return o.ReturnedAt != nil && o.Status == order.Returned
}
