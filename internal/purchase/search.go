package purchase

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"vitrine/internal/dns"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/registrar"
)

const (
	maxQuery = 63
	maxTLDs  = 30
)

// DefaultTLDs are those that are searched when nobody names any.
var DefaultTLDs = []string{"com", "io", "store"}

// Found is what a search found: an offer for each TLD, and the TLDs that are not
// sold here.
type Found struct {
	Offers      []registrar.Offer
	Unsupported []string
}

// searched maps a label as a browser does.
var searched = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.CheckJoiners(true), idna.StrictDomainName(true), idna.Transitional(false))

// Search makes offers for what is looked for: a label such as mystore, or a name such
// as mystore.com, whose TLD then comes first. A name that a store stands under here
// is not available.
func (s *Service) Search(ctx context.Context, query string, tlds []string) (Found, error) {
	label, tlds, err := s.readSearch(query, tlds)
	if err != nil {
		return Found{}, err
	}
	can := s.registrar.Capabilities()
	found := Found{Unsupported: []string{}}
	var sold []string
	for _, tld := range tlds {
		if can.Sells(tld) {
			sold = append(sold, tld)
		} else {
			found.Unsupported = append(found.Unsupported, tld)
		}
	}
	if len(sold) == 0 {
		return found, nil
	}
	call, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	if found.Offers, err = s.registrar.SearchDomains(call, label, sold); err != nil {
		return Found{}, errUnasked
	}
	names := make([]string, len(found.Offers))
	for i, o := range found.Offers {
		names[i] = o.Domain
	}
	used, err := domain.InUse(ctx, s.db, names)
	for i, o := range found.Offers {
		found.Offers[i].Available = o.Available && !slices.Contains(used, o.Domain)
	}
	return found, err
}

// readSearch returns the label that is looked for, and the TLDs in their order.
func (s *Service) readSearch(query string, given []string) (label string, tlds []string, err error) {
	var f fault.Form
	query = strings.ToLower(strings.TrimSpace(query))
	label, first, _ := strings.Cut(strings.TrimSuffix(query, "."), ".")
	ascii, err := searched.ToASCII(label)
	switch {
	case query == "" || len([]rune(query)) > maxQuery:
		f.Addf("q", nil, "must have 1 to %d characters", maxQuery)
	case err != nil || label == "" || len(ascii) > maxQuery || strings.Contains(ascii, "_") || !dns.Name(ascii):
		f.Addf("q", query, "must be made of letters, digits and hyphens, such as mystore or mystore.com")
	}
	if len(given) == 0 {
		given = DefaultTLDs
	}
	for _, tld := range append([]string{first}, given...) {
		tld = strings.ToLower(strings.Trim(strings.TrimSpace(tld), "."))
		if tld != "" && !slices.Contains(tlds, tld) {
			tlds = append(tlds, tld)
		}
	}
	if len(tlds) == 0 || len(tlds) > maxTLDs {
		f.Addf("tlds", nil, "must name 1 to %d top-level domains, such as com,io,store", maxTLDs)
	}
	return ascii, tlds, f.Err()
}

// Currency is what names are priced in.
func (s *Service) Currency() money.Currency { return s.registrar.Capabilities().Currency }

// MaxFirstTerm is how many years can be bought at once.
func (s *Service) MaxFirstTerm() int { return s.registrar.Capabilities().MaxFirstTerm }

// Offer returns what a name costs that can be bought here. Whether it is still free
// stands in it.
func (s *Service) Offer(ctx context.Context, given string) (registrar.Offer, error) {
	var f fault.Form
	name, _, suffix := s.domains.CheckRegistrable(&f, "domain", given)
	if err := f.Err(); err != nil {
		return registrar.Offer{}, err
	}
	if !s.registrar.Capabilities().Sells(suffix) {
		return registrar.Offer{}, fault.Refusedf(codeUnsupported, "Names under .%s are not sold here.", suffix)
	}
	call, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	o, err := s.registrar.CheckAvailability(call, name)
	if err != nil {
		return registrar.Offer{}, errUnasked
	}
	used, err := domain.InUse(ctx, s.db, []string{name})
	o.Available = o.Available && len(used) == 0
	return o, err
}

var errUnasked = &fault.Error{Kind: fault.Provider, Code: codeRefused, Message: "The registrar could not be asked. Please try again in a moment."}
