package order_test

import (
	"slices"

	"vitrine/internal/order"
)

// beside is the shelf of the same good in the other warehouse.
func (m *model) beside(level int) *shelf { return m.shelves[level^1] }

// expectByHand says what an operation on the stock answers: "" or the code of a
// refusal. When it is accepted, the model has changed.
func (m *model) expectByHand(o op) string {
	s := m.shelves[o.level]
	backorder := s.good == ondemand
	switch o.kind {
	case "reserve":
		if o.units > s.available() && !backorder {
			return "sold_out"
		}
	case "release", "ship":
		switch {
		case o.units > s.reserved():
			return "more_than_reserved"
		case o.units > s.byHand:
			return "held_by_orders"
		case o.kind == "ship" && o.units > s.quantity:
			return "more_than_on_hand"
		}
	case "adjust":
		switch after := s.quantity + o.units; {
		case after < 0:
			return "below_zero"
		case o.units < 0 && after < s.reserved() && !backorder:
			return "below_reserved"
		}
	case "set":
		if o.units < s.reserved() && !backorder {
			return "below_reserved"
		}
		s.quantity = o.units
	case "transfer":
		if o.units > s.available() {
			return "sold_out"
		}
	}
	m.acceptByHand(o)
	return ""
}

// acceptByHand adds what an operation on the stock does, but for "set".
func (m *model) acceptByHand(o op) {
	s := m.shelves[o.level]
	switch o.kind {
	case "reserve":
		s.byHand += o.units
	case "release":
		s.byHand -= o.units
	case "ship":
		s.byHand -= o.units
		s.quantity -= o.units
	case "adjust":
		s.quantity += o.units
	case "transfer":
		s.quantity -= o.units
		m.beside(o.level).quantity += o.units
	}
}

// expectBasket says what a quote or an order is refused with, if it is.
func (m *model) expectBasket(o op) string {
	if o.code == "FEW" && m.used["FEW"] >= fewUses {
		return "discount_unusable"
	}
	wanted := int64(0)
	for _, l := range o.lines {
		if l.good == counted {
			wanted += int64(l.quantity)
		}
	}
	if o.kind == "place" && wanted > m.shelves[0].available()+m.shelves[1].available() {
		return "sold_out"
	}
	return ""
}

// moves are the states that a move leads from, and those in which it has happened.
var moves = map[string]struct {
	from, already []order.Status
	to            order.Status
}{
	"pay":     {[]order.Status{order.Pending}, []order.Status{order.Paid, order.Fulfilled}, order.Paid},
	"fulfill": {[]order.Status{order.Paid}, []order.Status{order.Fulfilled}, order.Fulfilled},
	"cancel":  {[]order.Status{order.Pending, order.Paid}, []order.Status{order.Cancelled}, order.Cancelled},
	"return":  {[]order.Status{order.Fulfilled}, []order.Status{order.Returned}, order.Returned},
}

// expectMove is expectByHand for a move of an order.
func (m *model) expectMove(kind string, o *order.Order) string {
	move := moves[kind]
	if slices.Contains(move.already, o.Status) {
		return ""
	}
	if !slices.Contains(move.from, o.Status) {
		return "order_" + string(o.Status)
	}
	taken := map[*shelf]int64{}
	for s, n := range m.allocations(*o) {
		if taken[s] = n; kind == "fulfill" && n > s.quantity {
			return "more_than_on_hand"
		}
	}
	for s, n := range taken {
		switch kind {
		case "fulfill":
			s.quantity, s.held = s.quantity-n, s.held-n
		case "cancel":
			s.held -= n
		case "return":
			s.quantity += n
		}
	}
	if kind == "cancel" {
		m.used[codeOf(*o)]--
	}
	o.Status = move.to
	return ""
}

func codeOf(o order.Order) string {
	if o.DiscountCode == nil {
		return ""
	}
	return *o.DiscountCode
}

// allocations are what an order was given of each shelf.
func (m *model) allocations(o order.Order) map[*shelf]int64 {
	sums := map[*shelf]int64{}
	for _, item := range o.Items {
		for _, a := range item.Allocations {
			sums[m.shelf(a.Level)] += int64(a.Quantity)
		}
	}
	return sums
}

// placed adds a new order.
func (m *model) placed(o order.Order) {
	for s, n := range m.allocations(o) {
		s.held += n
	}
	m.used[codeOf(o)]++
	m.orders = append(m.orders, o)
}

// expire cancels what has not been paid in time: all that holds something, an hour
// later.
func (m *model) expire() {
	for i := range m.orders {
		if o := &m.orders[i]; o.Status == order.Pending && o.HoldUntil != nil {
			m.expectMove("cancel", o)
		}
	}
}
