package order_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
)

// settle compares the shop with the model.
func (m *model) settle(rt *rapid.T) {
	for i, s := range m.shelves {
		l, err := inventory.GetLevel(m.t.Context(), m.db, m.store.ID, s.id)
		if err != nil {
			rt.Fatal(err)
		}
		if l.Quantity != s.quantity || l.Reserved != s.reserved() {
			rt.Fatalf("level %d has %d on hand and %d reserved, the model %d and %d", i, l.Quantity, l.Reserved, s.quantity, s.reserved())
		}
		if s.good != ondemand && l.Reserved > l.Quantity {
			rt.Fatalf("level %d is oversold: %d of %d", i, l.Reserved, l.Quantity)
		}
	}
	m.settleOrders(rt)
	m.settleUses(rt)
	m.settleSuppliers(rt)
	m.consult(rt)
}

// settleOrders compares the orders: there are no others, they are numbered without a
// gap, each stands where it should, and its money adds up.
func (m *model) settleOrders(rt *rapid.T) {
	found, more, err := order.List(m.t.Context(), m.db, m.store.ID, order.Filter{}, db.Page{Limit: 200})
	if err != nil || more || len(found) != len(m.orders) {
		rt.Fatalf("%d orders of %d (%v)", len(found), len(m.orders), err)
	}
	var numbers []int64
	for _, o := range found {
		numbers = append(numbers, o.Number)
		if i := slices.IndexFunc(m.orders, func(other order.Order) bool { return other.ID == o.ID }); i < 0 || m.orders[i].Status != o.Status {
			rt.Fatalf("order %d is %s", o.Number, o.Status)
		}
		if wrong := reckon(o); wrong != "" {
			rt.Fatalf("order %d: %s: %+v", o.Number, wrong, o)
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != int64(1001+i) {
			rt.Fatalf("orders are numbered %v", numbers)
		}
	}
}

// reckon computes an order's money anew and says what is wrong with it.
func reckon(o order.Order) string {
	var subtotal, discount, tax money.Amount
	for i, item := range o.Items {
		net := item.Total - item.Discount
		switch {
		case item.Total != item.UnitPrice*money.Amount(item.Quantity):
			return fmt.Sprintf("line %d costs %d", i, item.Total)
		case codeOf(o) == "FEW" && item.Discount != halfUp(item.Total, 15_0000):
			return fmt.Sprintf("line %d is discounted %d", i, item.Discount)
		case item.Discount < 0 || net < 0 || item.Tax != taxOn(o, net):
			return fmt.Sprintf("line %d of %d is taxed %d", i, net, item.Tax)
		}
		subtotal, discount, tax = subtotal+item.Total, discount+item.Discount, tax+item.Tax
	}
	sent := shipping
	if codeOf(o) == "SHIP" || subtotal-discount >= freeOver {
		sent = 0
	}
	switch {
	case codeOf(o) == "OFF" && discount != min(5_00, subtotal), (codeOf(o) == "" || codeOf(o) == "SHIP") && discount != 0:
		return fmt.Sprintf("%d are taken off", discount)
	case o.ShippingTotal != sent || o.ShippingTax != taxOn(o, sent):
		return fmt.Sprintf("shipping costs %d", o.ShippingTotal)
	case o.Subtotal != subtotal || o.DiscountTotal != discount || o.TaxTotal != tax+o.ShippingTax || o.Total != subtotal-discount+o.TaxTotal+sent:
		return "the totals are wrong"
	case (o.Payment == order.Refunded) != (o.PaidAt != nil && (o.Status == order.Cancelled || o.Status == order.Returned)):
		return "the payment is " + string(o.Payment)
	case o.Payment == order.Refunded && o.Refunded != o.Total, o.Payment != order.Refunded && o.Refunded != 0:
		return fmt.Sprintf("%d were paid back", o.Refunded)
	}
	return ""
}

func taxOn(o order.Order, sum money.Amount) money.Amount {
	if o.Address == nil {
		return 0
	}
	return halfUp(sum, taxRate)
}

func halfUp(sum money.Amount, rate int64) money.Amount {
	whole := int64(money.Whole)
	return money.Amount((2*int64(sum)*rate + whole) / (2 * whole))
}

// settleUses compares how often discounts were used.
func (m *model) settleUses(rt *rapid.T) {
	for _, code := range codes[1:] {
		d, err := pricing.DiscountByCode(m.t.Context(), m.db, m.store.ID, code)
		if err != nil {
			rt.Fatal(err)
		}
		if d.TimesUsed != m.used[code] || d.UsageLimit != nil && d.TimesUsed > *d.UsageLimit {
			rt.Fatalf("%s was used %d times, the model says %d", code, d.TimesUsed, m.used[code])
		}
	}
}

// settleSuppliers compares what suppliers have to ship: once for every order with
// such goods that was ever paid.
func (m *model) settleSuppliers(rt *rapid.T) {
	found, more, err := order.ListSupplierOrders(m.t.Context(), m.db, m.store.ID, "", nil, db.Page{Limit: 200})
	if err != nil || more {
		rt.Fatal(err, more)
	}
	states := map[order.ID]order.SupplierStatus{}
	for _, s := range found {
		if states[s.Order] != "" {
			rt.Fatalf("order %d goes to the supplier twice", s.OrderNumber)
		}
		states[s.Order] = s.Status
	}
	for _, o := range m.orders {
		var want order.SupplierStatus
		if o, err = order.Get(m.t.Context(), m.db, m.store.ID, o.ID); err != nil {
			rt.Fatal(err)
		}
		if o.PaidAt != nil && slices.ContainsFunc(o.Items, func(i order.Item) bool { return i.Supplier != nil }) {
			want = map[order.Status]order.SupplierStatus{
				order.Paid: order.ToShip, order.Fulfilled: order.Shipped, order.Returned: order.Shipped, order.Cancelled: order.CalledOff,
			}[o.Status]
		}
		if states[o.ID] != want {
			rt.Fatalf("order %d is %s, its supplier's %q, not %q", o.Number, o.Status, states[o.ID], want)
		}
	}
}

// consult asks what the command doctor asks.
func (m *model) consult(rt *rapid.T) {
	tell := func(st store.ID, difference fmt.Stringer, err error) {
		if err != nil {
			rt.Fatal(err)
		}
		if st == m.store.ID {
			rt.Fatal(difference)
		}
	}
	for d, err := range inventory.Verify(m.t.Context(), m.db) {
		tell(d.Store, d, err)
	}
	for d, err := range order.Verify(m.t.Context(), m.db) {
		tell(d.Store, d, err)
	}
}
