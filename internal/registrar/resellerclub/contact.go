package resellerclub

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
	"strings"

	"vitrine/internal/registrar"
)

// The API's limits of a contact.
const (
	maxName, maxLine   = 64, 64
	minPhone, maxPhone = 4, 12
)

// nothing is what is written where the API wants something and there is nothing.
const nothing = "Not Applicable"

// twoDigits are the country codes of telephone numbers that have two digits; 1 and 7
// have one, all others three.
var twoDigits = strings.Fields(`20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58
	60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98`)

// splitPhone takes a number in E.164 apart.
func splitPhone(number string) (code, rest string) {
	digits := strings.TrimPrefix(number, "+")
	n := 3
	switch {
	case strings.HasPrefix(digits, "1") || strings.HasPrefix(digits, "7"):
		n = 1
	case len(digits) >= 2 && slices.Contains(twoDigits, digits[:2]):
		n = 2
	}
	n = min(n, len(digits))
	return digits[:n], digits[n:]
}

// CheckContact implements registrar.Picky.
func (p *Provider) CheckContact(c registrar.Contact) map[string]string {
	wrong := map[string]string{}
	if _, rest := splitPhone(c.Phone); len(rest) < minPhone || len(rest) > maxPhone {
		wrong["phone"] = "must have 4 to 12 digits behind the country code for this registrar"
	}
	if len([]rune(c.FirstName+" "+c.LastName)) > maxName {
		wrong["last_name"] = "must be shorter for this registrar: the whole name may have 64 characters"
	}
	if lines := lines(c.Address); len(lines) > 3 {
		wrong["address"] = "must fit on three lines of 64 characters for this registrar"
	}
	return wrong
}

// lines breaks an address between words.
func lines(address string) []string {
	all := []string{""}
	for _, word := range strings.Fields(address) {
		last := &all[len(all)-1]
		switch {
		case *last == "":
			*last = word
		case len([]rune(*last+" "+word)) <= maxLine:
			*last += " " + word
		default:
			all = append(all, word)
		}
	}
	for _, line := range all {
		if len([]rune(line)) > maxLine {
			return make([]string, 4) // a word that fits on no line
		}
	}
	return all
}

// person are the parameters that customers and contacts share.
func person(c registrar.Contact) url.Values {
	code, number := splitPhone(c.Phone)
	name := c.FirstName + " " + c.LastName
	v := url.Values{
		"name": {name}, "company": {name}, "city": {c.City}, "country": {c.Country}, "zipcode": {c.ZIP}, "phone-cc": {code}, "phone": {number},
	}
	for i, line := range lines(c.Address) {
		v.Set("address-line-"+string(rune('1'+i)), line)
	}
	return v
}

// customer returns the customer with the contact's address, and makes one where there
// is none.
func (p *Provider) customer(ctx context.Context, c registrar.Contact) (string, error) {
	id, err := p.findCustomer(ctx, c.Email)
	if err != nil || id != "" {
		return id, err
	}
	params := person(c)
	params.Set("username", c.Email)
	params.Set("passwd", password())
	params.Set("lang-pref", "en")
	params.Set("state", orNothing(c.State))
	r, err := p.post(ctx, "customers/signup", params)
	if err != nil { // somebody may have been faster
		if id, again := p.findCustomer(ctx, c.Email); again == nil && id != "" {
			return id, nil
		}
		return "", badContact(err)
	}
	return made(r)
}

// made is the number of what was made, which is all that the API says.
func made(r reply) (string, error) {
	var id scalar
	err := r.as(&id)
	return string(id), err
}

func (p *Provider) findCustomer(ctx context.Context, email string) (string, error) {
	r, err := p.get(ctx, "customers/details", url.Values{"username": {email}})
	if err != nil {
		if lower := strings.ToLower(err.Error()); strings.Contains(lower, "customer") && strings.Contains(lower, "not found") {
			return "", nil
		}
		return "", err
	}
	var found struct {
		ID scalar `json:"customerid"`
	}
	err = r.as(&found)
	return string(found.ID), err
}

// contact makes a contact of a customer: contacts cannot be changed, so each order has
// its own.
func (p *Provider) contact(ctx context.Context, customer string, c registrar.Contact) (string, error) {
	params := person(c)
	params.Set("email", c.Email)
	params.Set("customer-id", customer)
	params.Set("type", "Contact")
	if c.State != "" {
		params.Set("state", c.State)
	}
	r, err := p.post(ctx, "contacts/add", params)
	if err != nil {
		return "", badContact(err)
	}
	return made(r)
}

// badContact says that it is the contact which was refused.
func badContact(err error) error {
	if registrar.KindOf(err) == strange {
		return registrar.Errorf(registrar.BadContact, "%w", err)
	}
	return err
}

func orNothing(s string) string {
	if s == "" {
		return nothing
	}
	return s
}

// password makes one that the API takes: 9 to 16 characters of several kinds. Nobody
// ever uses it.
func password() string { return "aA1!" + rand.Text()[:12] }
