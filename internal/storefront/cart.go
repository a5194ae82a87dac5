package storefront

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/order"
)

func (s *Storefront) cartRoutes() {
	s.page("GET /cart", s.showCart)
	s.page("POST /cart", s.changeCart)
}

// basket is a cart as its page shows it.
type basket struct {
	order.Cart
	code   string            // the discount code that was tried
	added  string            // the variant that was just put in
	wrong  map[string]string // by variant: what is wrong with the quantity that was sent
	typed  map[string]string // by variant: that quantity
	notice string            // what is wrong with the whole
}

func (s *Storefront) showCart(w http.ResponseWriter, v *visit) error {
	b := basket{added: v.URL.Query().Get("added")}
	return s.cartPage(w, v, http.StatusOK, v.cart(), v.URL.Query().Get("discount_code"), b)
}

// cartPage answers with the page of a cart that holds lines.
func (s *Storefront) cartPage(w http.ResponseWriter, v *visit, status int, lines []order.Wanted, code string, b basket) error {
	b.code = strings.TrimSpace(code)
	if len(lines) > 0 {
		r := order.Request{Items: lines}
		if b.code != "" {
			r.DiscountCode = &b.code
		}
		var err error
		b.Cart, err = s.Orders.Look(v.Context(), v.Store, r)
		if fault.Is(err, fault.Invalid) { // nothing but the code can be malformed
			b.Cart, err = s.Orders.Look(v.Context(), v.Store, order.Request{Items: lines})
			b.Discount = fault.Refusedf("discount_unknown", "There is no such discount code.")
		}
		if err != nil {
			return err
		}
	}
	return s.showOwn(w, v, status, cartPage(v, b))
}

// changeCart puts something into the cart, changes how many there are of it, or takes
// it out.
func (s *Storefront) changeCart(w http.ResponseWriter, v *visit) error {
	if err := readForm(v); err != nil {
		return err
	}
	lines, code := v.cart(), v.PostForm.Get("discount_code")
	if v.PostForm.Get("do") == "tidy" {
		return s.tidyCart(w, v, lines, code)
	}
	variant, err := id.Parse(v.PostForm.Get("variant"))
	if err != nil {
		return fault.Missing("variant")
	}
	line := order.Wanted{Variant: catalog.VariantID{UUID: variant}}
	if line.Quantity, err = wantedQuantity(v); err != nil {
		b := basket{wrong: map[string]string{variant.String(): errQuantity.Message}, typed: map[string]string{variant.String(): v.PostForm.Get("quantity")}}
		if quantityOf(lines, line.Variant) == 0 {
			b.notice = errQuantity.Message
		}
		return s.cartPage(w, v, http.StatusUnprocessableEntity, lines, code, b)
	}
	added := ""
	if v.PostForm.Get("do") == "add" {
		line.Quantity += quantityOf(lines, line.Variant)
		added = variant.String()
	}
	lines, fits := changed(lines, line.Variant, line.Quantity)
	if !fits {
		notice := "Your cart is full: it holds " + strconv.Itoa(maxLines) + " different items. Order these first, or take some out."
		return s.cartPage(w, v, http.StatusUnprocessableEntity, lines, code, basket{notice: notice})
	}
	v.keepCart(w, lines)
	return v.lead(w, "/cart", url.Values{"added": {added}, "discount_code": {code}})
}

var errQuantity = fault.Invalidf("quantity", "must be a whole number from 1 to %d", maxUnits)

// wantedQuantity reads how many the form asks for: without a word, one.
func wantedQuantity(v *visit) (int, error) {
	typed := strings.TrimSpace(v.PostForm.Get("quantity"))
	if v.PostForm.Get("do") == "remove" {
		return 0, nil
	}
	if typed == "" && v.PostForm.Get("do") == "add" {
		return 1, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 || n > maxUnits || n == 0 && v.PostForm.Get("do") == "add" {
		return 0, errQuantity
	}
	return n, nil
}

// tidyCart takes out what cannot be had at all.
func (s *Storefront) tidyCart(w http.ResponseWriter, v *visit, lines []order.Wanted, code string) error {
	if len(lines) == 0 {
		return v.lead(w, "/cart", nil)
	}
	c, err := s.Orders.Look(v.Context(), v.Store, order.Request{Items: lines})
	if err != nil {
		return err
	}
	var kept []order.Wanted
	for _, l := range c.Lines {
		if l.State == order.Ready || l.State == order.TooMany {
			kept = append(kept, l.Wanted)
		}
	}
	v.keepCart(w, kept)
	return v.lead(w, "/cart", url.Values{"discount_code": {code}})
}

// lead leads the browser to another page of the shop after a form was taken. Blank
// parameters are left out.
func (v *visit) lead(w http.ResponseWriter, path string, query url.Values) error {
	given := url.Values{}
	for name, values := range query {
		if values[0] != "" {
			given[name] = values
		}
	}
	to := v.at(path)
	if len(given) > 0 {
		to += "?" + given.Encode()
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// maxForm is more than any form of a shop has.
const maxForm = 64 << 10

func readForm(v *visit) error {
	v.Body = http.MaxBytesReader(nil, v.Body, maxForm)
	if err := v.ParseForm(); err != nil {
		return fault.Invalidf("form", "could not be read")
	}
	return nil
}

// problem is what a shopper reads at a line that cannot be ordered.
func problem(l order.CartLine) string {
	switch l.State {
	case order.Gone:
		return "This is not sold any more."
	case order.SoldOut:
		return "This is sold out."
	case order.TooMany:
		return "There are fewer than " + strconv.Itoa(l.Quantity) + " left. Lower the quantity."
	default:
		return ""
	}
}

// hasLost tells whether something in the cart cannot be had at all.
func (b basket) hasLost() bool {
	for _, l := range b.Lines {
		if l.State == order.Gone || l.State == order.SoldOut {
			return true
		}
	}
	return false
}

// quantity is what the field of a line holds.
func (b basket) quantity(l order.CartLine) string {
	if typed, ok := b.typed[l.Variant.String()]; ok {
		return typed
	}
	return strconv.Itoa(l.Quantity)
}

// units is how many things are in the cart.
func (b basket) units() int {
	n := 0
	for _, l := range b.Lines {
		n += l.Quantity
	}
	return n
}
