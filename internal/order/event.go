package order

import (
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// events are what webhooks are told of a move, by the state that it leads to.
var events = map[Status]webhook.Event{
	Pending: webhook.OrderCreated, Paid: webhook.OrderPaid, Fulfilled: webhook.OrderFulfilled,
	Cancelled: webhook.OrderCancelled, Returned: webhook.OrderReturned,
}

// message is what webhooks are told of an order that has come to where it is.
func (o Order) message(st store.ID) webhook.Message {
	m := o.Currency.Format
	return webhook.Message{Store: st, Event: events[o.Status], Data: webhook.Data{
		"id": o.ID.String(), "store_id": st.String(), "number": o.Number, "status": string(o.Status), "payment_status": string(o.Payment),
		"customer": map[string]any{"id": o.Customer.String(), "email": o.Email, "name": o.Name},
		"subtotal": m(o.Subtotal), "discount_total": m(o.DiscountTotal), "tax_total": m(o.TaxTotal), "shipping_total": m(o.ShippingTotal),
		"total": m(o.Total), "refunded_total": m(o.Refunded), "currency": string(o.Currency), "created_at": webhook.Time(o.CreatedAt),
	}}
}
