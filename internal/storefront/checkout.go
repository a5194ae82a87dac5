package storefront

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/web"
)

func (s *Storefront) checkoutRoutes() {
	s.page("GET /checkout", s.showCheckout)
	s.page("POST /checkout", s.checkOut)
}

// counter is the checkout as its pages show it: the cart, and what the shopper has
// said so far. It goes from page to page in the form itself.
type counter struct {
	cart  basket
	form  web.Form
	key   string // one for an order, however often the form is sent
	alert string // what is wrong with the whole

	test bool // no money moves
}

func (s *Storefront) showCheckout(w http.ResponseWriter, v *visit) error {
	lines := v.cart()
	if len(lines) == 0 {
		return v.lead(w, "/cart", nil)
	}
	form := web.Form{Values: url.Values{"discount_code": {v.URL.Query().Get("discount_code")}, "shipping_address.country": {homeOf(v.Header.Get("Accept-Language"))}}}
	c, err := s.look(v, order.Request{Items: lines, DiscountCode: filled(form.Value("discount_code"))}, form)
	if err != nil {
		return err
	}
	if !c.cart.Ready() {
		return v.lead(w, "/cart", url.Values{"discount_code": {c.cart.code}})
	}
	return s.showOwn(w, v, http.StatusOK, detailsPage(v, c))
}

// look returns how a request stands, with the form that it came from.
func (s *Storefront) look(v *visit, r order.Request, form web.Form) (counter, error) {
	c := counter{form: form, key: form.Value("key"), test: s.Bank != nil}
	if c.key == "" {
		c.key = rand.Text()
	}
	if r.DiscountCode != nil {
		c.cart.code = *r.DiscountCode
	}
	var err error
	c.cart.Cart, err = s.Orders.Look(v.Context(), v.Store, r)
	if c.cart.Discount != nil {
		c.form = c.form.With("discount_code", c.cart.Discount.Message)
	}
	return c, err
}

// checkOut takes the shopper's details, and then the order.
func (s *Storefront) checkOut(w http.ResponseWriter, v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	r, wrong := readRequest(v)
	switch {
	case v.PostForm.Get("do") == "place":
		return s.place(w, v, r)
	case len(r.Items) == 0:
		return v.lead(w, "/cart", nil)
	case v.PostForm.Get("do") == "edit":
		return s.details(w, v, r, http.StatusOK, nil)
	case wrong != nil:
		return s.details(w, v, r, http.StatusUnprocessableEntity, wrong)
	}
	return s.review(w, v, r, http.StatusOK, "")
}

// readRequest returns what the form asks for, and what is missing in it. A parcel
// needs an address; all else is checked where orders are placed.
func readRequest(v *visit) (order.Request, error) {
	value := func(name string) string { return strings.TrimSpace(v.PostForm.Get(name)) }
	var f fault.Form
	for _, needed := range []struct{ name, what string }{
		{"customer.email", "your e-mail address"},
		{"customer.name", "your name"},
		{"shipping_address.address", "the street and number"},
		{"shipping_address.city", "the city"},
		{"shipping_address.country", "the country"},
	} {
		if value(needed.name) == "" {
			f.Addf(needed.name, nil, "enter %s", needed.what)
		}
	}
	name := filled(value("customer.name"))
	return order.Request{
		Email: value("customer.email"), Name: name, Items: v.cart(), DiscountCode: filled(value("discount_code")), Notes: filled(v.PostForm.Get("notes")),
		Address: &order.Address{
			Name: name, Street: value("shipping_address.address"), City: value("shipping_address.city"), State: value("shipping_address.state"),
			ZipCode: value("shipping_address.zip_code"), Country: value("shipping_address.country"),
		},
	}, f.Err()
}

func filled(s string) *string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return &s
}

// details answers with the form for the shopper's details.
func (s *Storefront) details(w http.ResponseWriter, v *visit, r order.Request, status int, wrong error) error {
	form := web.Form{Values: v.PostForm, Errors: map[string]string{}}
	var err error
	if wrong != nil {
		if form, err = web.Refill(v.Request, wrong); err != nil {
			return err
		}
	}
	c, err := s.look(v, order.Request{Items: r.Items, DiscountCode: r.DiscountCode}, form)
	if fault.Is(err, fault.Invalid) { // nothing but the code can be malformed
		c, err = s.look(v, order.Request{Items: r.Items}, form.With("discount_code", "There is no such discount code."))
	}
	if err != nil {
		return err
	}
	c.alert = form.Message
	return s.showOwn(w, v, status, detailsPage(v, c))
}

// review answers with what the order comes to, for the shopper to agree.
func (s *Storefront) review(w http.ResponseWriter, v *visit, r order.Request, status int, alert string) error {
	if err := r.Check(); err != nil {
		return s.details(w, v, r, http.StatusUnprocessableEntity, err)
	}
	c, err := s.look(v, r, web.Form{Values: v.PostForm})
	if err != nil {
		return err
	}
	if c.cart.Discount != nil {
		return s.details(w, v, r, http.StatusUnprocessableEntity, nil)
	}
	if c.alert = alert; !c.cart.Ready() {
		status = http.StatusConflict
	}
	return s.showOwn(w, v, status, reviewPage(v, c))
}

// place makes the order that the shopper agreed to, and asks for the money.
func (s *Storefront) place(w http.ResponseWriter, v *visit, r order.Request) error {
	agreed, _ := strconv.ParseInt(v.PostForm.Get("total"), 10, 64)
	o, err := s.Orders.PlaceOnce(v.Context(), v.Store, order.Checkout{Request: r, Key: v.PostForm.Get("key"), Agreed: money.Amount(agreed)})
	if err != nil {
		return s.refuse(w, v, r, err)
	}
	if slices.EqualFunc(r.Items, o.Items, func(a order.Wanted, b order.Item) bool { return a.Variant == b.Variant && a.Quantity == b.Quantity }) {
		v.keepCart(w, nil)
	}
	return s.pay(w, v, o)
}

// refuse tells why there is no order. The cart stays as it is.
func (s *Storefront) refuse(w http.ResponseWriter, v *visit, r order.Request, err error) error {
	switch code := fault.Code(err); {
	case len(r.Items) == 0:
		return v.lead(w, "/cart", nil)
	case code == "total_changed":
		return s.review(w, v, r, http.StatusConflict, "Something changed while you were here. "+err.Error()+" Nothing was ordered yet.")
	case code == "sold_out", code == "not_for_sale", code == "not_found":
		return s.review(w, v, r, http.StatusConflict, "Something in your cart went while you were here. Nothing was ordered, and the rest is still in your cart.")
	case strings.HasPrefix(code, "discount_"), fault.Is(err, fault.Invalid):
		return s.details(w, v, r, http.StatusUnprocessableEntity, err)
	}
	return err
}
