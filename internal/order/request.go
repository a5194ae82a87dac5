package order

import (
	"fmt"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/fault"
	"vitrine/internal/text"
)

// Request is what a shopper asks for.
type Request struct {
	Email        string
	Name         *string
	Items        []Wanted
	Address      *Address
	DiscountCode *string
	Notes        *string
}

// Wanted is one line of a request. The same variant in two lines stays two lines.
type Wanted struct {
	Variant  catalog.VariantID
	Quantity int
}

const (
	maxItems    = 200
	maxQuantity = 1_000_000
	maxNotes    = 5_000
)

// Check cleans a request and tells all that is malformed in it.
func (r *Request) Check() error {
	var f fault.Form
	r.Email = text.Email(&f, "customer.email", r.Email)
	r.Name = text.OptionalLine(&f, "customer.name", r.Name, text.MaxName)
	r.Notes = text.OptionalLong(&f, "notes", r.Notes, maxNotes)
	r.checkBasket(&f)
	return f.Err()
}

// checkBasket checks what the price depends on.
func (r *Request) checkBasket(f *fault.Form) {
	switch {
	case len(r.Items) == 0:
		f.Addf("items", nil, "must have at least one item")
	case len(r.Items) > maxItems:
		f.Addf("items", nil, "must have at most %d items", maxItems)
	}
	for i, item := range r.Items {
		if item.Quantity < 1 || item.Quantity > maxQuantity {
			f.Addf(fmt.Sprintf("items[%d].quantity", i), item.Quantity, "must be from 1 to %d", maxQuantity)
		}
	}
	r.DiscountCode = text.OptionalLine(f, "discount_code", r.DiscountCode, text.MaxName)
	if r.Address != nil {
		r.Address.check(f)
	}
}

func (a *Address) check(f *fault.Form) {
	a.Name = text.OptionalLine(f, "shipping_address.name", a.Name, text.MaxName)
	a.Street = text.Line(f, "shipping_address.address", a.Street, text.MaxName)
	a.City = text.Line(f, "shipping_address.city", a.City, text.MaxName)
	a.State = text.Line(f, "shipping_address.state", a.State, text.MaxName)
	a.ZipCode = text.Line(f, "shipping_address.zip_code", a.ZipCode, text.MaxName)
	if a.Country = strings.ToUpper(strings.TrimSpace(a.Country)); !text.IsCountry(a.Country) {
		f.Addf("shipping_address.country", a.Country, "must be an ISO 3166 country code such as US")
	}
}
