package dashboard

import (
	"time"

	"vitrine/internal/order"
	"vitrine/internal/web"
)

// allowedMoves are what can be done with an order as it stands, the next thing first.
func allowedMoves(o order.Order) []orderMove {
	var allowed []orderMove
	for _, m := range orderMoves {
		if o.Allows(m.move) {
			allowed = append(allowed, m)
		}
	}
	return allowed
}

// shipsFrom says where a line comes from: so many of which warehouse, or a supplier.
func shipsFrom(o orderView, item order.Item) []string {
	if item.Supplier != nil {
		return []string{o.suppliers[*item.Supplier]}
	}
	var from []string
	for _, a := range item.Allocations {
		name, known := o.warehouses[a.Warehouse]
		if !known {
			name = "a former warehouse"
		}
		from = append(from, web.Count(a.Quantity)+" from "+name)
	}
	if from == nil {
		return []string{"—"}
	}
	return from
}

// event is something that happened to an order.
type event struct {
	label string
	at    time.Time
}

// events are what happened to an order, newest first.
func events(o order.Order) []event {
	var all []event
	for _, e := range []struct {
		label string
		at    *time.Time
	}{
		{"Returned and refunded", o.ReturnedAt}, {"Cancelled", o.CancelledAt}, {"Fulfilled", o.FulfilledAt}, {"Paid", o.PaidAt}, {"Placed", &o.CreatedAt},
	} {
		if e.at != nil {
			all = append(all, event{e.label, *e.at})
		}
	}
	return all
}
