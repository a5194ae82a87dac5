package purchase

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"vitrine/internal/fault"
	"vitrine/internal/registrar"
	"vitrine/internal/text"
)

// phone is a number as registrars take it: E.164.
var phone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// punctuation is what people write into numbers to read them better.
var punctuation = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "")

// checkContact notes in f what the registrar would not take, at paths that begin with
// prefix, and leaves the rest as registrars want it.
func (s *Service) checkContact(f *fault.Form, prefix string, c *registrar.Contact) {
	var own fault.Form
	checkContact(&own, prefix, c)
	picky, is := s.registrar.(registrar.Picky)
	if err := own.Err(); err != nil || !is {
		_ = f.Include("", err)
		return
	}
	wrong := picky.CheckContact(*c)
	for _, field := range slices.Sorted(maps.Keys(wrong)) {
		f.Addf(prefix+field, nil, "%s", wrong[field])
	}
}

// checkContact notes what no registrar would take.
func checkContact(f *fault.Form, prefix string, c *registrar.Contact) {
	const short, long = 64, 128
	c.FirstName = text.Line(f, prefix+"first_name", c.FirstName, short)
	c.LastName = text.Line(f, prefix+"last_name", c.LastName, short)
	c.Email = text.Email(f, prefix+"email", c.Email)
	c.Address = text.Line(f, prefix+"address", c.Address, long)
	c.City = text.Line(f, prefix+"city", c.City, short)
	c.State = text.Line(f, prefix+"state", c.State, short)
	c.ZIP = text.Line(f, prefix+"zip_code", c.ZIP, 16)
	for _, needed := range []struct{ name, value string }{
		{"first_name", c.FirstName}, {"last_name", c.LastName}, {"address", c.Address}, {"city", c.City}, {"zip_code", c.ZIP},
	} {
		if needed.value == "" {
			f.Addf(prefix+needed.name, needed.value, "must not be empty")
		}
	}
	given := c.Phone
	if c.Phone = punctuation.Replace(strings.TrimSpace(c.Phone)); !phone.MatchString(c.Phone) {
		f.Addf(prefix+"phone", text.Cut(given, 100), "must be a number with its country code, such as +12125550100")
	}
	given = c.Country
	if c.Country = strings.ToUpper(strings.TrimSpace(c.Country)); !text.IsCountry(c.Country) {
		f.Addf(prefix+"country", text.Cut(given, 100), "must be a country's two letters, such as US")
	}
}
