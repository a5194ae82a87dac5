package registrar

import (
	"context"

	"vitrine/internal/observe"
)

// Observed returns the registrar with its calls counted under a name. It can do what the
// registrar can. Without an observer it is the registrar itself.
func Observed(p Provider, name string, o *observe.Observer) Provider {
	if o == nil {
		return p
	}
	all := observed{p, name, o}
	thinker, thinks := p.(Suggester)
	picky, picks := p.(Picky)
	suggests := observedSuggester{all, thinker}
	switch {
	case thinks && picks:
		return struct {
			observedSuggester
			Picky
		}{suggests, picky}
	case thinks:
		return suggests
	case picks:
		return struct {
			observed
			Picky
		}{all, picky}
	}
	return all
}

type observed struct {
	Provider
	name string
	by   *observe.Observer
}

type observedSuggester struct {
	observed
	thinker Suggester
}

// outcomes are how calls end, in a word.
var outcomes = map[Kind]string{
	Refused: "refused", Taken: "taken", NotOurs: "not_ours", Unsupported: "unsupported", BadContact: "bad_contact", PriceChanged: "price_changed",
	Limited: "limited", Unreachable: "unreachable", Pending: "pending", Unanswered: "unanswered",
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return outcomes[KindOf(err)]
}

func (p observed) SearchDomains(ctx context.Context, label string, tlds []string) ([]Offer, error) {
	ctx, call := p.by.RegistrarCall(ctx, p.name, "search")
	offers, err := p.Provider.SearchDomains(ctx, label, tlds)
	call.End(outcome(err))
	return offers, err
}

func (p observed) CheckAvailability(ctx context.Context, domain string) (Offer, error) {
	ctx, call := p.by.RegistrarCall(ctx, p.name, "check")
	offer, err := p.Provider.CheckAvailability(ctx, domain)
	call.End(outcome(err))
	return offer, err
}

func (p observed) PurchaseDomain(ctx context.Context, what Purchase) (Registration, error) {
	ctx, call := p.by.RegistrarCall(ctx, p.name, "purchase")
	bought, err := p.Provider.PurchaseDomain(ctx, what)
	call.End(outcome(err))
	return bought, err
}

func (p observed) RenewDomain(ctx context.Context, r Renewal) (Registration, error) {
	ctx, call := p.by.RegistrarCall(ctx, p.name, "renew")
	renewed, err := p.Provider.RenewDomain(ctx, r)
	call.End(outcome(err))
	return renewed, err
}

func (p observed) SetNameservers(ctx context.Context, domain string, nameservers []string) error {
	ctx, call := p.by.RegistrarCall(ctx, p.name, "set_nameservers")
	err := p.Provider.SetNameservers(ctx, domain, nameservers)
	call.End(outcome(err))
	return err
}

func (p observed) GetDomainInfo(ctx context.Context, domain string) (Registration, error) {
	ctx, call := p.by.RegistrarCall(ctx, p.name, "info")
	found, err := p.Provider.GetDomainInfo(ctx, domain)
	call.End(outcome(err))
	return found, err
}

func (p observedSuggester) Suggest(ctx context.Context, label string, tlds []string) ([]Offer, error) {
	ctx, call := p.by.RegistrarCall(ctx, p.name, "suggest")
	offers, err := p.thinker.Suggest(ctx, label, tlds)
	call.End(outcome(err))
	return offers, err
}
