package storefront

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"vitrine/internal/fault"
	"vitrine/internal/order"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/store"
	"vitrine/internal/till"
	"vitrine/internal/web"
)

// Bank is where the payer of a test payment confirms it.
type Bank interface {
	Answer(ctx context.Context, key string, yes bool) error
}

func (s *Storefront) orderRoutes() {
	s.page("GET /orders/{token}", s.showOrder)
	s.page("POST /orders/{token}/pay", s.payOrder)
	s.page("GET /orders/{token}"+sandbox.BankPage, s.showBank)
	s.page("POST /orders/{token}"+sandbox.BankPage, s.askBank)
}

// ShopPath is what the paths of shops' pages on the platform's own host begin with.
const ShopPath = "/s/"

// OrderPage is the address of the page that an order's shopper has, for the merchant.
func (s *Storefront) OrderPage(st store.Store, o order.Order) string {
	return ShopPath + st.Slug + s.orderPath(st.ID, o)
}

// orderPath is the address of an order's page, below the base.
func (s *Storefront) orderPath(st store.ID, o order.Order) string {
	return "/orders/" + s.Links.Token(st, o.ID)
}

// receipt is an order as its shopper sees it.
type receipt struct {
	order.Order
	token  string
	alert  string
	charge till.Charge // the zero Charge: nobody was asked to pay yet
	test   bool        // no money moves
}

// ordered returns the order that an address leads to, and its charge.
func (s *Storefront) ordered(v *visit) (receipt, error) {
	r := receipt{token: v.PathValue("token"), test: s.Bank != nil}
	found, ok := s.Links.Read(v.ID, r.token)
	if !ok {
		return r, fault.Missing("order")
	}
	var err error
	if r.charge, _, err = till.Latest(v.Context(), s.DB, v.ID, found); err != nil {
		return r, err
	}
	r.Order, err = order.Get(v.Context(), s.DB, v.ID, found)
	return r, err
}

// showOrder shows how an order stands. Whoever comes back from the payment provider
// sees what they did there: it is asked.
func (s *Storefront) showOrder(w http.ResponseWriter, v *visit) error {
	r, err := s.ordered(v)
	if err != nil {
		return err
	}
	if r.Status == order.Pending && r.charge.Open() {
		if r.charge, err = s.Till.Look(v.Context(), r.charge); err != nil {
			return err
		}
		if r.Order, err = order.Get(v.Context(), s.DB, v.ID, r.ID); err != nil {
			return err
		}
	}
	return s.orderPage(w, v, http.StatusOK, r)
}

func (s *Storefront) orderPage(w http.ResponseWriter, v *visit, status int, r receipt) error {
	if r.alert == "" && r.Status == order.Pending && r.charge.State == till.Released {
		r.alert = "The payment did not go through, and nothing was charged. " + sentence(r.charge.Reason) + " Try again, or pay another way."
	}
	return s.showOwn(w, v, status, orderPage(v, r))
}

func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// payOrder asks for the money again, of an order that was not paid.
func (s *Storefront) payOrder(w http.ResponseWriter, v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	r, err := s.ordered(v)
	if err != nil {
		return err
	}
	if r.PaidAt != nil && r.Status != order.Cancelled { // the form came again
		return v.lead(w, "/orders/"+r.token, nil)
	}
	c, err := s.charge(v, r.Order)
	if fault.Is(err, fault.Refused) {
		r.alert = err.Error()
		return s.orderPage(w, v, http.StatusConflict, r)
	}
	if err != nil {
		return err
	}
	return s.goOn(w, v, r.Order, c)
}

// charge asks for the money of an order. Of a test payment the shopper says in the form
// how the bank answers.
func (s *Storefront) charge(v *visit, o order.Order) (till.Charge, error) {
	b := till.Bill{Back: v.origin + v.at(s.orderPath(v.ID, o))}
	if s.Bank != nil {
		b.Card = v.PostForm.Get("payment")
	}
	return s.Till.Ask(v.Context(), v.Store, o.ID, b)
}

// goOn leads to where a charge is paid, or to the page of the order.
func (s *Storefront) goOn(w http.ResponseWriter, v *visit, o order.Order, c till.Charge) error {
	path := s.orderPath(v.ID, o)
	switch back := v.origin + v.at(path); {
	case c.State != till.Waiting || c.Page == nil || *c.Page == back:
		return v.lead(w, path, nil)
	case *c.Page == back+sandbox.BankPage:
		return v.lead(w, path+sandbox.BankPage, nil)
	}
	return web.Leave(w, v.Request, *c.Page)
}

// pay asks for the money of an order that was placed. Where that fails the order stands,
// and its page offers to pay it.
func (s *Storefront) pay(w http.ResponseWriter, v *visit, o order.Order) error {
	if o.Status != order.Pending { // the form came again
		return v.lead(w, s.orderPath(v.ID, o), nil)
	}
	c, err := s.charge(v, o)
	if err != nil {
		slog.ErrorContext(v.Context(), "an order was placed and not paid", "order", o.ID, "error", err)
	}
	return s.goOn(w, v, o, c)
}

// showBank is the page of a bank that wants a test payment to be confirmed.
func (s *Storefront) showBank(w http.ResponseWriter, v *visit) error {
	r, err := s.ordered(v)
	switch {
	case err != nil:
		return err
	case !r.test:
		return fault.Missing("page")
	case r.charge.State != till.Waiting:
		return v.lead(w, "/orders/"+r.token, nil)
	}
	return s.showOwn(w, v, http.StatusOK, bankPage(v, r))
}

func (s *Storefront) askBank(w http.ResponseWriter, v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	r, err := s.ordered(v)
	switch {
	case err != nil:
		return err
	case !r.test:
		return fault.Missing("page")
	}
	if r.charge.State == till.Waiting {
		if err := s.Bank.Answer(v.Context(), r.charge.ID.String(), v.PostForm.Get("answer") == "yes"); err != nil {
			slog.WarnContext(v.Context(), "a test payment was answered twice", "charge", r.charge.ID, "error", err)
		}
	}
	return v.lead(w, "/orders/"+r.token, url.Values{})
}
