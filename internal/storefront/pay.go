package storefront

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/mail"
	"vitrine/internal/order"
)

func (s *Storefront) orderRoutes() {
	s.page("GET /orders/{token}", s.showOrder)
	s.page("POST /orders/{token}/pay", s.payOrder)
}

// orderPath is the address of an order's page, below the base.
func (s *Storefront) orderPath(v *visit, o order.Order) string {
	return "/orders/" + s.Links.Token(v.ID, o.ID)
}

// receipt is an order as its shopper sees it.
type receipt struct {
	order.Order
	token  string
	alert  string
	byHand bool // nobody can pay it on the page
}

func (s *Storefront) showOrder(w http.ResponseWriter, v *visit) error {
	alert := ""
	if v.URL.Query().Has("declined") {
		alert = "The payment was declined, and nothing was charged. Try again, or pay another way."
	}
	return s.orderPage(w, v, http.StatusOK, alert)
}

func (s *Storefront) orderPage(w http.ResponseWriter, v *visit, status int, alert string) error {
	token := v.PathValue("token")
	found, ok := s.Links.Read(v.ID, token)
	if !ok {
		return fault.Missing("order")
	}
	o, err := order.Get(v.Context(), s.DB, v.ID, found)
	if err != nil {
		return err
	}
	if o.Status != order.Pending {
		if status == http.StatusOK {
			alert = ""
		}
	}
	return s.showOwn(w, v, status, orderPage(v, receipt{o, token, alert, s.PaidByHand}))
}

// payOrder asks for the money again, of an order that was not paid.
func (s *Storefront) payOrder(w http.ResponseWriter, v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	found, ok := s.Links.Read(v.ID, v.PathValue("token"))
	if !ok {
		return fault.Missing("order")
	}
	paid, err := s.charge(v, order.Order{ID: found})
	if fault.Is(err, fault.Refused) {
		return s.orderPage(w, v, http.StatusConflict, err.Error())
	}
	if err != nil {
		return err
	}
	return v.lead(w, "/orders/"+v.PathValue("token"), declined(paid))
}

// charge asks for the money of an order. In test mode no money moves: the shopper says
// in the form how the bank answers, and false is a bank that declines. Where orders are
// paid by hand nobody is asked.
func (s *Storefront) charge(v *visit, o order.Order) (bool, error) {
	if s.PaidByHand {
		return true, nil
	}
	if v.PostForm.Get("payment") == "decline" {
		return false, nil
	}
	_, err := s.Orders.Pay(v.Context(), v.ID, o.ID, nil, func(ctx context.Context, tx *db.Tx, paid order.Order) error {
		return s.confirm(ctx, tx, v, paid)
	})
	return err == nil, err
}

// confirm mails the shopper what they have bought, once.
func (s *Storefront) confirm(ctx context.Context, tx *db.Tx, v *visit, o order.Order) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Hello,\n\nthank you for your order %s at %s.\n\n", o.Label(), v.Name)
	for _, item := range o.Items {
		fmt.Fprintf(&b, "%d × %s: %s %s\n", item.Quantity, item.Title, o.Currency.Format(item.Total), o.Currency)
	}
	fmt.Fprintf(&b, "\nTotal: %s %s, paid.\n\nHow it stands: %s\n", o.Currency.Format(o.Total), o.Currency, v.origin+v.at(s.orderPath(v, o)))
	return mail.Queue(ctx, tx, mail.Message{To: o.Email, Subject: "Your order " + o.Label() + " at " + v.Name, Text: b.String(), Key: "order-paid/" + o.ID.String()})
}

func declined(paid bool) url.Values {
	if paid {
		return nil
	}
	return url.Values{"declined": {"1"}}
}
