package order

import (
	"context"
	"fmt"
	"slices"

	"vitrine/internal/analytics"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// step is a move of an order from one state to the next.
type step struct {
	name    string // what a merchant calls it: "pay"
	from    []Status
	to      Status
	already []Status // the states in which it has happened
	stock   func(*inventory.Stock, *Order, inventory.Note) error
	apply   func(*Order, *db.Time)
}

var (
	pay = step{
		name: "paid", from: []Status{Pending}, to: Paid, already: []Status{Paid, Fulfilled},
		apply: func(o *Order, now *db.Time) { o.Payment, o.PaidAt = Settled, &now.Time },
	}
	fulfill = step{
		name: "fulfilled", from: []Status{Paid}, to: Fulfilled, already: []Status{Fulfilled},
		stock: func(s *inventory.Stock, o *Order, note inventory.Note) error { return s.FulfillHolds(o.ID.UUID, note) },
		apply: func(o *Order, now *db.Time) { o.FulfilledAt = &now.Time },
	}
	cancel = step{
		name: "cancelled", from: []Status{Pending, Paid}, to: Cancelled, already: []Status{Cancelled},
		stock: func(s *inventory.Stock, o *Order, note inventory.Note) error { return s.ReleaseHolds(o.ID.UUID, note) },
		apply: func(o *Order, now *db.Time) { o.CancelledAt = &now.Time; o.refund() },
	}
	takeBack = step{
		name: "returned", from: []Status{Fulfilled}, to: Returned, already: []Status{Returned},
		stock: putBack,
		apply: func(o *Order, now *db.Time) { o.ReturnedAt = &now.Time; o.refund() },
	}
)

// Move is something that is done with an order.
type Move string

// The moves.
const (
	ToPay     Move = "pay"
	ToFulfill Move = "fulfill"
	ToCancel  Move = "cancel"
	ToReturn  Move = "return"
)

// Allows tells whether an order, as it stands, can be moved so.
func (o Order) Allows(m Move) bool {
	steps := map[Move]step{ToPay: pay, ToFulfill: fulfill, ToCancel: cancel, ToReturn: takeBack}
	return slices.Contains(steps[m].from, o.Status)
}

// expire cancels an order that was not paid in time. One that was meanwhile is left
// as it is.
var expire = step{
	name: "expired", from: []Status{Pending}, to: Cancelled, already: []Status{Paid, Fulfilled, Cancelled, Returned},
	stock: cancel.stock, apply: cancel.apply,
}

// refund gives back what was paid.
func (o *Order) refund() {
	if o.Payment == Settled {
		o.Payment, o.Refunded = Refunded, o.Total
	}
}

// putBack returns units to the levels that they were taken from.
func putBack(s *inventory.Stock, o *Order, note inventory.Note) error {
	for _, item := range o.Items {
		for _, a := range item.Allocations {
			if err := s.Return(item.Variant, a.Level, int64(a.Quantity), note); err != nil {
				return err
			}
		}
	}
	return nil
}

// Then runs in the transaction of a move after it was written. Its error takes the
// move back.
type Then func(context.Context, *db.Tx, Order) error

// Pay marks a pending order as paid: its stock stays held, and suppliers get to know
// what to ship. Paying twice changes nothing.
func (s *Service) Pay(ctx context.Context, st store.ID, o ID, by *string, then Then) (Order, error) {
	return s.move(ctx, st, o, pay, by, then)
}

// Fulfill ships a paid order: what it holds leaves the warehouses. Fulfilling twice
// changes nothing.
func (s *Service) Fulfill(ctx context.Context, st store.ID, o ID, by *string, then Then) (Order, error) {
	return s.move(ctx, st, o, fulfill, by, then)
}

// Cancel gives back what an order that was not shipped holds, its use of a discount
// and what was paid. Cancelling twice changes nothing.
func (s *Service) Cancel(ctx context.Context, st store.ID, o ID, by *string, then Then) (Order, error) {
	return s.move(ctx, st, o, cancel, by, then)
}

// Return takes a shipped order back: its units go back to where they came from, and
// the money to the customer. Returning twice changes nothing.
func (s *Service) Return(ctx context.Context, st store.ID, o ID, by *string, then Then) (Order, error) {
	return s.move(ctx, st, o, takeBack, by, then)
}

func (s *Service) move(ctx context.Context, st store.ID, o ID, step step, by *string, then Then) (Order, error) {
	// What an order is made of never changes; where it stands is read again below.
	known, err := Get(ctx, s.db, st, o)
	if err != nil {
		return Order{}, err
	}
	var moved Order
	request := inventory.Request{
		Prepare: func(stock *inventory.Stock) { movingIn(stock).need(st, known, step, stock) },
		Decide: func(stock *inventory.Stock) (err error) {
			moved, err = movingIn(stock).decide(st, known, step, by, stock)
			return err
		},
		Size: 400 + 200*len(known.Items),
	}
	if then != nil {
		request.Then = func(ctx context.Context, tx *db.Tx) error { return then(ctx, tx, moved) }
	}
	if err := s.stock.Do(ctx, st, request); err != nil {
		return Order{}, err
	}
	return moved, nil
}

// moving is what orders share that are moved in one transaction.
type moving struct {
	books  *books
	orders map[orderKey]*Order
	moved  []moved
}

type orderKey struct{ store, order id.UUID }

// moved is an order that was moved.
type moved struct {
	store store.ID
	order Order
	paid  money.Amount // by the customer; less than 0 for what was paid back
	step  Status
}

func movingIn(stock *inventory.Stock) *moving {
	shared := booksIn(stock)
	return inventory.Join(stock, func() *moving { return &moving{books: shared, orders: map[orderKey]*Order{}} })
}

func (m *moving) need(st store.ID, o Order, step step, stock *inventory.Stock) {
	var unused *id.UUID
	if step.to == Cancelled {
		unused = o.DiscountID
	}
	m.books.need(st, unused)
	m.orders[orderKey{st.UUID, o.ID.UUID}] = nil
	if !o.holds() {
		return
	}
	if step.to != Returned {
		stock.NeedHolder(o.ID.UUID)
		return
	}
	for _, item := range o.Items {
		stock.NeedVariant(item.Variant)
	}
}

// decide moves an order, or tells why it cannot be.
func (m *moving) decide(st store.ID, known Order, step step, by *string, stock *inventory.Stock) (Order, error) {
	now := m.orders[orderKey{st.UUID, known.ID.UUID}]
	if now == nil {
		return Order{}, fault.Missing("order")
	}
	o := *now
	o.Items = known.Items
	if slices.Contains(step.already, o.Status) {
		return o, nil
	}
	if !slices.Contains(step.from, o.Status) {
		return Order{}, fault.Refusedf("order_"+string(o.Status), "Order %s is %s and cannot be %s.", o.Label(), o.Status, step.name)
	}
	if step.stock != nil && o.holds() {
		reference := o.ID.String()
		if err := step.stock(stock, &o, inventory.Note{Reference: &reference, Actor: by}); err != nil {
			return Order{}, err
		}
	}
	before := o.Refunded
	at := db.Time{Time: stock.Now()}
	step.apply(&o, &at)
	o.Status, o.HoldUntil, o.UpdatedAt = step.to, nil, stock.Now()
	done := moved{store: st, order: o, paid: before - o.Refunded, step: step.to}
	switch step.to {
	case Paid:
		done.paid = o.Total
	case Cancelled:
		m.books.giveBack(st, o.DiscountID)
	}
	*now = o
	m.moved = append(m.moved, done)
	return o, nil
}

// Open reads and locks the orders, in the order of their keys.
func (m *moving) Open(ctx context.Context, tx *db.Tx) error {
	given := discountColumns.Set()
	for key := range m.orders {
		given.Add(key.store, key.order)
	}
	type found struct {
		store id.UUID
		order Order
	}
	orders, err := db.QuerySet(ctx, tx, given, func(row db.Row) (found, error) {
		var f found
		o, err := scan(prefixed{row, &f.store})
		f.order = o
		return f, err
	}, `WITH @given SELECT o.store_id, `+qualified("o")+` FROM given CROSS JOIN shop_order o
		WHERE o.store_id = given.store_id AND o.id = given.id`+tx.Engine().ForUpdate("o", "o.store_id, o.id"))
	if err != nil {
		return fmt.Errorf("lock the orders: %w", err)
	}
	for _, f := range orders {
		m.orders[orderKey{f.store, f.order.ID.UUID}] = &f.order
	}
	return nil
}

var (
	movedRows = db.NewColumns("store_id uuid, id uuid, status text, payment_status text, refunded bigint, paid_at timestamptz, fulfilled_at timestamptz, cancelled_at timestamptz, returned_at timestamptz")
	spentRows = db.NewColumns("store_id uuid, id uuid, n bigint")
	takenRows = db.NewColumns("store_id uuid, id uuid")
)

const (
	updateOrders = `
		WITH @given UPDATE shop_order SET status = given.status, payment_status = given.payment_status, refunded = given.refunded, hold_until = NULL,
			updated_at = $1, paid_at = given.paid_at, fulfilled_at = given.fulfilled_at, cancelled_at = given.cancelled_at, returned_at = given.returned_at
		FROM given WHERE shop_order.store_id = given.store_id AND shop_order.id = given.id`

	updateSpent = `
		WITH @given UPDATE customer SET spent = spent + given.n FROM given WHERE customer.store_id = given.store_id AND customer.id = given.id`

	insertSupplierOrders = `
		WITH @given INSERT INTO supplier_order (store_id, id, order_id, supplier_id, supplier_name, status, created_at, updated_at)
		SELECT given.store_id, given.id, given.order_id, given.supplier_id, p.name, 'open', $1, $1
		FROM given LEFT JOIN supplier p ON p.store_id = given.store_id AND p.id = given.supplier_id WHERE TRUE
		ON CONFLICT (store_id, order_id, supplier_id) DO NOTHING`

	updateSupplierOrders = `
		WITH @given UPDATE supplier_order SET status = given.status, updated_at = $1
		FROM given WHERE supplier_order.store_id = given.store_id AND supplier_order.order_id = given.order_id`
)

// wakeCharges has the charges of orders looked at: package till gives them back.
const wakeCharges = `
	WITH @given UPDATE charge SET next_at = $1, version = version + 1
	FROM given WHERE charge.store_id = given.store_id AND charge.order_id = given.id AND charge.state NOT IN ('released', 'refunded')`

// takenBack are the orders that were cancelled or returned.
func (m *moving) takenBack() *db.Set {
	rows := takenRows.Set()
	for _, done := range m.moved {
		if done.step == Cancelled || done.step == Returned {
			rows.Add(done.store, done.order.ID)
		}
	}
	return rows
}

// Write writes the moves: orders, what customers have spent and what suppliers have
// to ship.
func (m *moving) Write(ctx context.Context, tx *db.Tx) error {
	now, undone := db.Time{Time: tx.Now()}, m.undone()
	if err := undone.TakeOut(ctx, tx); err != nil {
		return err
	}
	for _, step := range []struct {
		what, statement string
		rows            *db.Set
		args            []any
	}{
		{"move orders", updateOrders, m.orderSet(), []any{now}},
		{"count what customers spend", updateSpent, m.spentSet(), nil},
		{"tell suppliers what to ship", insertSupplierOrders, m.suppliedSet(tx), []any{now}},
		{"tell suppliers what became of it", updateSupplierOrders, m.supplierStates(), []any{now}},
		{"have what was charged given back", wakeCharges, m.takenBack(), []any{now}},
	} {
		if _, err := step.rows.Exec(ctx, tx, step.statement, step.args...); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if err := undone.PutIn(ctx, tx); err != nil {
		return err
	}
	messages := make([]webhook.Message, len(m.moved))
	for i, done := range m.moved {
		messages[i] = done.order.message(done.store)
	}
	return webhook.EmitAll(ctx, tx, messages)
}

// undone are the orders that no longer count as sold, or not as they did.
func (m *moving) undone() analytics.Orders {
	orders := analytics.NewOrders()
	for _, done := range m.moved {
		if done.step == Cancelled || done.step == Returned {
			orders.Add(done.store, done.order.ID.UUID)
		}
	}
	return orders
}

// orderSet are the orders as they are in the end: each once, also one that was moved
// several times.
func (m *moving) orderSet() *db.Set {
	rows, last := movedRows.Set(), map[ID]int{}
	for i, done := range m.moved {
		last[done.order.ID] = i
	}
	for i, done := range m.moved {
		o := done.order
		if last[o.ID] != i {
			continue
		}
		rows.Add(done.store, o.ID, string(o.Status), string(o.Payment), o.Refunded,
			db.NullTime{Time: o.PaidAt}, db.NullTime{Time: o.FulfilledAt}, db.NullTime{Time: o.CancelledAt}, db.NullTime{Time: o.ReturnedAt})
	}
	return rows
}

// spentSet are what customers have spent more, or less.
func (m *moving) spentSet() *db.Set {
	spent := map[orderKey]money.Amount{} // by customer
	for _, done := range m.moved {
		spent[orderKey{done.store.UUID, done.order.Customer.UUID}] += done.paid
	}
	rows := spentRows.Set()
	for key, n := range spent {
		if n != 0 {
			rows.Add(key.store, key.order, n)
		}
	}
	return rows
}
