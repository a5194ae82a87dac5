package storefront

import (
	"net/http"
	"net/url"

	"vitrine/internal/fault"
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
	token string
	alert string
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
	return s.showOwn(w, v, status, orderPage(v, receipt{o, token, alert}))
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
// in the form how the bank answers, and false is a bank that declines.
func (s *Storefront) charge(v *visit, o order.Order) (bool, error) {
	if v.PostForm.Get("payment") == "decline" {
		return false, nil
	}
	_, err := s.Orders.Pay(v.Context(), v.ID, o.ID, nil, nil)
	return err == nil, err
}

func declined(paid bool) url.Values {
	if paid {
		return nil
	}
	return url.Values{"declined": {"1"}}
}
