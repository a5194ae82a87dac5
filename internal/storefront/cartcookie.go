package storefront

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strconv"

	"vitrine/internal/catalog"
	"vitrine/internal/order"
	"vitrine/internal/web"
)

// What a shopper has gathered is kept by their browser alone: variants and how many of
// each, and nothing about who they are. What it costs is asked anew each time.
const (
	cartCookie  = "cart"
	countCookie = "cart_count" // how many units, for the page's script

	maxLines = 100   // of a cart, so that it fits a cookie
	maxUnits = 9_999 // of a line
	cartLife = 30 * 24 * 60 * 60
)

// encodeCart writes a cart: of each line the variant's 16 bytes and the quantity.
func encodeCart(lines []order.Wanted) string {
	var b []byte
	for _, l := range lines {
		b = append(b, l.Variant.UUID[:]...)
		b = binary.AppendUvarint(b, uint64(l.Quantity)) //nolint:gosec // at least 1
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeCart reads what encodeCart wrote. Anything else is an empty cart.
func decodeCart(s string) []order.Wanted {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil
	}
	var lines []order.Wanted
	seen := map[catalog.VariantID]bool{}
	for len(b) > 0 {
		var l order.Wanted
		id := len(l.Variant.UUID)
		if len(b) <= id || len(lines) == maxLines {
			return nil
		}
		copy(l.Variant.UUID[:], b)
		n, size := binary.Uvarint(b[id:])
		if size <= 0 || n < 1 || n > maxUnits || seen[l.Variant] {
			return nil
		}
		l.Quantity, seen[l.Variant] = int(n), true
		lines, b = append(lines, l), b[id+size:]
	}
	return lines
}

// cart returns what the shopper has gathered.
func (v *visit) cart() []order.Wanted {
	c, err := v.Cookie(cartCookie)
	if err != nil {
		return nil
	}
	return decodeCart(c.Value)
}

// keepCart has the browser keep a cart, or forget it when it is empty.
func (v *visit) keepCart(w http.ResponseWriter, lines []order.Wanted) {
	units := 0
	for _, l := range lines {
		units += l.Quantity
	}
	v.setCookie(w, cartCookie, encodeCart(lines), len(lines) > 0, true)
	v.setCookie(w, countCookie, strconv.Itoa(units), len(lines) > 0, false)
}

func (v *visit) setCookie(w http.ResponseWriter, name, value string, keep, hidden bool) {
	c := &http.Cookie{ //nolint:gosec // Secure wherever there is TLS; the count is for our script
		Name: name, Value: value, Path: or(v.base, "/"), MaxAge: cartLife,
		HttpOnly: hidden, Secure: web.Secured(v.Context()), SameSite: http.SameSiteLaxMode,
	}
	if !keep {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
}

// changed returns a cart with another quantity of a variant: 0 takes it out. A cart
// that is full takes no other variant.
func changed(lines []order.Wanted, variant catalog.VariantID, quantity int) ([]order.Wanted, bool) {
	var out []order.Wanted
	found := false
	for _, l := range lines {
		if l.Variant == variant {
			found = true
			l.Quantity = min(quantity, maxUnits)
		}
		if l.Quantity > 0 {
			out = append(out, l)
		}
	}
	if found || quantity <= 0 {
		return out, true
	}
	if len(out) == maxLines {
		return out, false
	}
	return append(out, order.Wanted{Variant: variant, Quantity: min(quantity, maxUnits)}), true
}

// quantityOf returns how many of a variant a cart has.
func quantityOf(lines []order.Wanted, variant catalog.VariantID) int {
	for _, l := range lines {
		if l.Variant == variant {
			return l.Quantity
		}
	}
	return 0
}
