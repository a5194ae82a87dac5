package dashboard

import (
	"cmp"
	"strconv"

	"vitrine/internal/account"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
)

// history is a page of what became of a level.
type history struct {
	at          string // where the store's pages begin
	user        account.User
	adjustments []inventory.Adjustment
	orders      map[order.ID]int64 // the numbers of those that are referred to
	actors      map[string]string
	first, next string
}

// nameReferences looks up the orders and the people that adjustments name.
func (d *Dashboard) nameReferences(v *visit, h *history) error {
	var orders []order.ID
	h.actors = map[string]string{v.user.ID.String(): "you"}
	for _, a := range h.adjustments {
		if u, err := id.Parse(text(a.Reference)); err == nil {
			orders = append(orders, order.ID{UUID: u})
		}
		if a.Actor == nil || h.actors[*a.Actor] != "" {
			continue
		}
		name, err := d.personName(v, *a.Actor)
		if err != nil {
			return err
		}
		h.actors[*a.Actor] = name
	}
	var err error
	h.orders, err = order.Numbers(v.Context(), d.DB, v.store.ID, orders)
	return err
}

// personName is what a user is called; one who is gone has no name.
func (d *Dashboard) personName(v *visit, user string) (string, error) {
	const gone = "somebody who has left"
	u, err := id.Parse(user)
	if err != nil {
		return gone, nil
	}
	found, err := account.Get(v.Context(), d.DB, account.ID{UUID: u})
	if fault.Is(err, fault.NotFound) {
		return gone, nil
	}
	return cmp.Or(found.Name, found.Email), err
}

// by says who did it.
func (h history) by(a inventory.Adjustment) string {
	if a.Actor == nil {
		return "the store"
	}
	return h.actors[*a.Actor]
}

// orderOf is the order that an adjustment refers to: its label and its page, or "".
func (h history) orderOf(a inventory.Adjustment) (label, href string) {
	u, err := id.Parse(text(a.Reference))
	if err != nil {
		return "", ""
	}
	n, known := h.orders[order.ID{UUID: u}]
	if !known {
		return "", ""
	}
	return "#" + strconv.FormatInt(n, 10), h.at + "/orders/" + u.String()
}

// reasons are the reasons of adjustments as a merchant reads them.
var reasons = map[inventory.Reason]string{
	inventory.Received: "Received", inventory.Sold: "Sold", inventory.Returned: "Returned",
	inventory.Damaged: "Damaged", inventory.Correction: "Correction", inventory.Reserved: "Reserved",
	inventory.Unreserved: "Released", inventory.Transfer: "Transfer",
}

// delta is the number that an adjustment is about, and how it looks: what changed on
// hand, or else what is held.
func delta(a inventory.Adjustment) (n int64, tone string) {
	switch {
	case a.QuantityChange > 0:
		return a.QuantityChange, "pos"
	case a.QuantityChange < 0:
		return a.QuantityChange, "neg"
	}
	return a.ReservedChange, "muted"
}
