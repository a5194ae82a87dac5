package purchase

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

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
// sold here; other names that are free, where the registrar can think of some; and
// what is strange about the name, if anything is.
type Found struct {
	Offers      []registrar.Offer
	Suggestions []registrar.Offer
	Unsupported []string
	Warning     string
}

// searchLimit is how long a search takes at most: what a registry has not said by then
// is unknown.
const searchLimit = 6 * time.Second

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
	found := Found{Unsupported: []string{}, Warning: Warning(label)}
	sold := slices.DeleteFunc(slices.Clone(tlds), func(tld string) bool { return !can.Sells(tld) })
	if len(sold) > 0 {
		if err := s.offers(ctx, label, sold, &found); err != nil {
			return Found{}, err
		}
	}
	for _, tld := range tlds {
		if !slices.ContainsFunc(found.Offers, func(o registrar.Offer) bool { return o.Domain == label+"."+tld }) {
			found.Unsupported = append(found.Unsupported, tld)
		}
	}
	return found, s.dropUsed(ctx, &found)
}

// offers asks the registrar for offers and for other names, at once.
func (s *Service) offers(ctx context.Context, label string, tlds []string, found *Found) error {
	ctx, cancel := context.WithTimeout(ctx, searchLimit)
	defer cancel()
	var other []registrar.Offer
	var thinking sync.WaitGroup
	if thinker, can := s.registrar.(registrar.Suggester); can {
		thinking.Go(func() {
			var err error
			if other, err = thinker.Suggest(ctx, label, tlds); err != nil { // they are only nice to have
				slog.InfoContext(ctx, "purchases: the registrar suggests nothing", "error", err)
			}
		})
	}
	var err error
	found.Offers, err = s.registrar.SearchDomains(ctx, label, tlds)
	thinking.Wait()
	if err != nil {
		slog.WarnContext(ctx, "purchases: the registrar could not be searched", "error", err)
		return errUnasked
	}
	found.Suggestions = slices.DeleteFunc(other, func(o registrar.Offer) bool {
		return slices.ContainsFunc(found.Offers, func(f registrar.Offer) bool { return f.Domain == o.Domain })
	})
	return nil
}

// dropUsed takes account of the names that stores stand under here.
func (s *Service) dropUsed(ctx context.Context, found *Found) error {
	var names []string
	for _, o := range slices.Concat(found.Offers, found.Suggestions) {
		names = append(names, o.Domain)
	}
	if len(names) == 0 {
		return nil
	}
	used, err := domain.InUse(ctx, s.db, names)
	for i, o := range found.Offers {
		found.Offers[i].Available = o.Available && !slices.Contains(used, o.Domain)
	}
	found.Suggestions = slices.DeleteFunc(found.Suggestions, func(o registrar.Offer) bool { return slices.Contains(used, o.Domain) })
	return err
}

// readSearch returns the label that is looked for, and the TLDs in their order.
func (s *Service) readSearch(query string, given []string) (label string, tlds []string, err error) {
	var f fault.Form
	query = strings.ToLower(strings.TrimSpace(query))
	if bare, found := strings.CutPrefix(query, "www."); found && strings.Contains(bare, ".") {
		query = bare // a shop's address, as it is pasted
	}
	label, first, _ := strings.Cut(strings.TrimSuffix(query, "."), ".")
	ascii, err := searched.ToASCII(label)
	switch {
	case query == "" || len([]rune(query)) > maxQuery:
		f.Addf("q", nil, "must have 1 to %d characters", maxQuery)
	case err != nil || label == "" || len(ascii) > maxQuery || strings.Contains(ascii, "_") || strings.Contains(query, "..") || !dns.Name(ascii):
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
