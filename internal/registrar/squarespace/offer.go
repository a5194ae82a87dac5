package squarespace

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/domains/v1"

	"vitrine/internal/money"
	"vitrine/internal/registrar"
)

// What the API says of a name.
const (
	available   = "AVAILABLE"
	unavailable = "UNAVAILABLE"
	unsupported = "UNSUPPORTED"
)

const (
	freshPrices = 10 * time.Minute // for an order
	knownPrices = 24 * time.Hour   // for a search
)

// price is what a year costs under a TLD, where no name costs more than another.
type price struct {
	amount money.Amount
	read   time.Time
}

func (p *Provider) parameters(ctx context.Context, domain string) (*domains.RegisterParameters, error) {
	r, err := p.registrations.RetrieveRegisterParameters(p.parent).DomainName(domain).Context(ctx).Do()
	if err != nil {
		return nil, told(err)
	}
	if r.RegisterParameters == nil {
		return nil, registrar.Errorf(registrar.Unanswered, "Google says nothing of %s.", domain)
	}
	if amount, err := p.amount(r.RegisterParameters.YearlyPrice); err == nil {
		p.keep(domain, amount)
	}
	return r.RegisterParameters, nil
}

func (p *Provider) keep(domain string, amount money.Amount) {
	_, tld, _ := strings.Cut(domain, ".")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prices[tld] = price{amount, p.Clock.Now()}
}

// amount reads money exactly.
func (p *Provider) amount(m *domains.Money) (money.Amount, error) {
	if m == nil || m.CurrencyCode != string(p.Currency) || m.Units < 0 || m.Units > 1_000_000 || m.Nanos < 0 {
		return 0, registrar.Errorf(registrar.Unsupported, "The price is not one in %s.", p.Currency)
	}
	unit, nano := money.Amount(1), int64(1_000_000_000)
	for range p.Currency.Decimals() {
		unit, nano = unit*10, nano/10
	}
	if m.Nanos%nano != 0 {
		return 0, registrar.Errorf(registrar.Unsupported, "The price is not one in %s.", p.Currency)
	}
	return money.Amount(m.Units)*unit + money.Amount(m.Nanos/nano), nil
}

func (p *Provider) money(a money.Amount) *domains.Money {
	unit, nano := money.Amount(1), int64(1_000_000_000)
	for range p.Currency.Decimals() {
		unit, nano = unit*10, nano/10
	}
	return &domains.Money{CurrencyCode: string(p.Currency), Units: int64(a / unit), Nanos: int64(a%unit) * nano}
}

// costs is what a year of a name costs that may be taken: of such a name the API says
// nothing, so it is asked for one of the same TLD that nobody can have.
func (p *Provider) costs(ctx context.Context, domain string, age time.Duration) (money.Amount, error) {
	_, tld, _ := strings.Cut(domain, ".")
	p.mu.Lock()
	known, found := p.prices[tld]
	p.mu.Unlock()
	if found && p.Clock.Now().Sub(known.read) < age {
		return known.amount, nil
	}
	r, err := p.parameters(ctx, "v"+strings.ToLower(rand.Text())+"."+tld)
	if err != nil {
		return 0, err
	}
	return p.amount(r.YearlyPrice)
}

// CheckAvailability implements registrar.Provider.
func (p *Provider) CheckAvailability(ctx context.Context, domain string) (registrar.Offer, error) {
	return p.offer(ctx, domain, freshPrices)
}

func (p *Provider) offer(ctx context.Context, domain string, age time.Duration) (registrar.Offer, error) {
	r, err := p.parameters(ctx, domain)
	if err != nil {
		return registrar.Offer{}, err
	}
	if r.Availability == unsupported {
		return registrar.Offer{}, registrar.Errorf(registrar.Unsupported, "%s is not sold here.", domain)
	}
	amount, err := p.amount(r.YearlyPrice)
	if err != nil {
		amount, err = p.costs(ctx, domain, age)
	}
	return registrar.Offer{
		Domain: domain, Price: amount, Renewal: amount, Currency: p.Currency,
		Available: r.Availability == available, Unknown: r.Availability != available && r.Availability != unavailable,
	}, err
}

// SearchDomains implements registrar.Provider. It asks for all TLDs at once.
func (p *Provider) SearchDomains(ctx context.Context, label string, tlds []string) ([]registrar.Offer, error) {
	found, errs := make([]registrar.Offer, len(tlds)), make([]error, len(tlds))
	var wg sync.WaitGroup
	for i, tld := range tlds {
		if p.Capabilities().Sells(tld) {
			wg.Go(func() { found[i], errs[i] = p.offer(ctx, label+"."+tld, knownPrices) })
		} else {
			errs[i] = registrar.Errorf(registrar.Unsupported, "Names under .%s are not sold here.", tld)
		}
	}
	wg.Wait()
	var offers []registrar.Offer
	var failure error
	heard := false
	for i, tld := range tlds {
		switch {
		case errs[i] == nil:
			heard, offers = true, append(offers, found[i])
		case registrar.KindOf(errs[i]) != registrar.Unsupported:
			failure = errs[i]
			offers = append(offers, p.unknown(label, tld))
		}
	}
	if !heard && failure != nil {
		return nil, failure
	}
	return offers, nil
}

// unknown is the offer of a name of which nothing was said, at the price that was last
// heard.
func (p *Provider) unknown(label, tld string) registrar.Offer {
	p.mu.Lock()
	defer p.mu.Unlock()
	amount := p.prices[tld].amount
	return registrar.Offer{Domain: label + "." + tld, Unknown: true, Price: amount, Renewal: amount, Currency: p.Currency}
}
