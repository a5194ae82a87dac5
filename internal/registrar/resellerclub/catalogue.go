package resellerclub

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/internal/money"
	"vitrine/internal/registrar"
)

const (
	freshPrices = 10 * time.Minute // for an order
	knownPrices = time.Hour        // for a search
	oldPrices   = 24 * time.Hour   // for a search while the API does not say
)

// good is what names under a TLD cost, and for how many years they are sold.
type good struct {
	price, renewal  money.Amount
	years, renewals [2]int // the fewest and the most
}

// catalogue is what an account sells, by TLDs.
type catalogue struct {
	goods map[string]good
	read  time.Time
}

// keys are the products of the TLDs that are not called after them.
var keys = map[string]string{"com": "domcno", "org": "domorg", "info": "dominfo", "biz": "dombiz", "us": "domus"}

// prices returns the catalogue, which the API wants to be kept: not older than age,
// or, for a search, an older one while the API does not give it.
func (p *Provider) prices(ctx context.Context, age time.Duration) (map[string]good, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Clock.Now()
	if p.goods != nil && now.Sub(p.goods.read) < age {
		return p.goods.goods, nil
	}
	goods, err := p.readCatalogue(ctx)
	if err == nil {
		p.goods = &catalogue{goods, now}
	} else if p.goods != nil && age > freshPrices && now.Sub(p.goods.read) < oldPrices {
		return p.goods.goods, nil
	}
	return goods, err
}

// product is what products/details says of one.
type product struct {
	TLDs       tldList `json:"tldlist"`
	MinYears   scalar  `json:"minregistrationyear"`
	MaxYears   scalar  `json:"maxregistrationyear"`
	MinRenewal scalar  `json:"minrenewalperiod"`
	MaxRenewal scalar  `json:"maxrenewalperiod"`
}

// tldList is a list, or a text with commas.
type tldList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *tldList) UnmarshalJSON(raw []byte) error {
	*l = strings.FieldsFunc(strings.ToLower(string(raw)), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' })
	return nil
}

// tariff is a price by actions and years.
type tariff map[string]map[string]scalar

func (p *Provider) readCatalogue(ctx context.Context) (map[string]good, error) {
	r, err := p.get(ctx, "products/customer-price", url.Values{})
	if err != nil {
		return nil, err
	}
	prices := map[string]lenient[tariff]{}
	if err := r.as(&prices); err != nil {
		return nil, err
	}
	if r, err = p.get(ctx, "products/details", url.Values{}); err != nil {
		return nil, err
	}
	products := map[string]lenient[product]{}
	if err := r.as(&products); err != nil {
		return nil, err
	}
	goods := map[string]good{}
	for key, product := range products {
		for _, tld := range product.v.TLDs {
			if g, ok := p.good(product.v, prices[key].v); ok {
				goods[tld] = g
			}
		}
	}
	for _, tld := range sold { // those that no product names
		key := keys[tld]
		if key == "" {
			key = "dot" + tld
		}
		if _, named := goods[tld]; !named {
			if g, ok := p.good(products[key].v, prices[key].v); ok {
				goods[tld] = g
			}
		}
	}
	return goods, nil
}

// good reads what a product costs. One without a price, or with one that is not money,
// is not sold.
func (p *Provider) good(about product, costs tariff) (g good, ok bool) {
	price, err := p.Currency.Parse(string(costs["addnewdomain"]["1"]))
	renewal, renewalErr := p.Currency.Parse(string(costs["renewdomain"]["1"]))
	if err != nil || renewalErr != nil || price <= 0 || renewal <= 0 {
		return good{}, false
	}
	return good{price, renewal, [2]int{about.MinYears.or(1), about.MaxYears.or(registrar.MaxYears)}, [2]int{about.MinRenewal.or(1), about.MaxRenewal.or(registrar.MaxYears)}}, true
}

// or reads a number, or takes another one where there is none.
func (s scalar) or(other int) int {
	if n, err := strconv.Atoi(string(s)); err == nil && n > 0 {
		return n
	}
	return other
}

// offering is an offer, and whether the name is in the account already.
type offering struct {
	registrar.Offer
	ours bool
}

// offer makes an offer for one name, with prices not older than age.
func (p *Provider) offer(ctx context.Context, domain string, age time.Duration) (offering, good, error) {
	label, tld, _ := strings.Cut(domain, ".")
	goods, err := p.prices(ctx, age)
	if err != nil {
		return offering{}, good{}, err
	}
	g, known := goods[tld]
	if !known || !slices.Contains(sold, tld) || foreign(label) {
		return offering{}, good{}, registrar.Errorf(registrar.Unsupported, "%s is not sold here.", domain)
	}
	found, err := p.available(ctx, label, []string{tld})
	if err != nil {
		return offering{}, good{}, err
	}
	o := offering{g.offer(domain, found[domain], p.Currency), found[domain] == "regthroughus"}
	if o.Available || o.ours {
		err = p.checkPremium(ctx, &o.Offer)
	}
	return o, g, err
}

// foreign tells whether a label has letters of other scripts, for which the API wants
// to know the language, which nobody has said.
func foreign(label string) bool { return strings.HasPrefix(label, "xn--") }

func (g good) offer(domain, status string, c money.Currency) registrar.Offer {
	return registrar.Offer{
		Domain: domain, Price: g.price, Renewal: g.renewal, Currency: c,
		Available: status == "available", Unknown: status == "" || status == "unknown",
	}
}

// checkPremium takes over what a name costs that costs more than others.
func (p *Provider) checkPremium(ctx context.Context, o *registrar.Offer) error {
	r, err := p.get(ctx, "domains/premium-check", url.Values{"domain-name": {o.Domain}})
	if err != nil {
		return err
	}
	var said struct {
		Premium scalar `json:"premium"`
		Cost    lenient[struct {
			Create, Renew scalar
			Currency      scalar `json:"sellingCurrencySymbol"`
		}] `json:"costHash"`
	}
	if err := r.as(&said); err != nil || said.Premium != "true" {
		return err
	}
	cost := said.Cost.v
	price, err := p.Currency.Parse(string(cost.Create))
	renewal, renewalErr := p.Currency.Parse(string(cost.Renew))
	if err != nil || renewalErr != nil || price <= 0 || renewal <= 0 || cost.Currency != "" && string(cost.Currency) != string(p.Currency) {
		return registrar.Errorf(registrar.Unsupported, "%s is a premium name and is not sold here.", o.Domain)
	}
	o.Premium, o.Price, o.Renewal = true, price, renewal
	return nil
}

// CheckAvailability implements registrar.Provider.
func (p *Provider) CheckAvailability(ctx context.Context, domain string) (registrar.Offer, error) {
	o, _, err := p.offer(ctx, domain, freshPrices)
	return o.Offer, err
}

// perCall is how many TLDs are asked for at once: of more, some registries say nothing.
const perCall = 5

// SearchDomains implements registrar.Provider. It asks for a few TLDs at a time, all at
// once, so that a slow registry holds up only its neighbours.
func (p *Provider) SearchDomains(ctx context.Context, label string, tlds []string) ([]registrar.Offer, error) {
	goods, err := p.prices(ctx, knownPrices)
	if err != nil || foreign(label) {
		return nil, err
	}
	tlds = slices.DeleteFunc(slices.Clone(tlds), func(tld string) bool {
		_, known := goods[tld]
		return !known || !slices.Contains(sold, tld)
	})
	var wg sync.WaitGroup
	parts := slices.Collect(slices.Chunk(tlds, perCall))
	found, errs := make([]map[string]string, len(parts)), make([]error, len(parts))
	for i, part := range parts {
		wg.Go(func() { found[i], errs[i] = p.available(ctx, label, part) })
	}
	wg.Wait()
	var offers []registrar.Offer
	heard := len(parts) == 0
	for i, part := range parts {
		heard = heard || errs[i] == nil
		for _, tld := range part {
			name := label + "." + tld
			offers = append(offers, goods[tld].offer(name, found[i][name], p.Currency))
		}
	}
	if !heard {
		return nil, errs[0]
	}
	return offers, nil
}

// available asks for the status of a label under TLDs. What it says nothing of is not
// in the answer.
func (p *Provider) available(ctx context.Context, label string, tlds []string) (map[string]string, error) {
	r, err := p.get(ctx, "domains/available", url.Values{"domain-name": {label}, "tlds": tlds})
	if err != nil {
		return nil, err
	}
	said := map[string]lenient[struct{ Status scalar }]{}
	if err := r.as(&said); err != nil {
		return nil, err
	}
	found := map[string]string{}
	for name, s := range said {
		found[strings.ToLower(name)] = strings.ToLower(string(s.v.Status))
	}
	return found, nil
}

// mostSuggested is how many other names are looked at.
const mostSuggested = 10

// Suggest implements registrar.Suggester.
func (p *Provider) Suggest(ctx context.Context, label string, tlds []string) ([]registrar.Offer, error) {
	goods, err := p.prices(ctx, knownPrices)
	if err != nil || foreign(label) {
		return nil, err
	}
	r, err := p.get(ctx, "domains/v5/suggest-names", url.Values{"keyword": {label}, "tld-only": tlds, "exact-match": {"false"}, "adult": {"false"}})
	if err != nil {
		return nil, err
	}
	said := map[string]lenient[struct{ Status, Score scalar }]{}
	if err := r.as(&said); err != nil {
		return nil, err
	}
	names := slices.SortedFunc(maps.Keys(said), func(a, b string) int {
		if c := strings.Compare(string(said[b].v.Score), string(said[a].v.Score)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	var offers []registrar.Offer
	for _, name := range names {
		_, tld, _ := strings.Cut(name, ".")
		g, known := goods[tld]
		if o := g.offer(name, string(said[name].v.Status), p.Currency); known && o.Available && len(offers) < mostSuggested {
			offers = append(offers, o)
		}
	}
	return offers, nil
}
