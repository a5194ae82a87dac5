// Package registrartest says what every registrar.Provider does: one suite, which runs
// on the mock and on each adapter against a strict stand-in.
package registrartest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/registrar"
)

// Subject is a registrar to be tried, at which nobody has bought anything yet.
type Subject struct {
	Provider registrar.Provider
	Clock    *clock.Fixed // that the registrar goes by
	TLD      string       // that it sells
	Taken    string       // a name that somebody has

	Raise  func()          // makes every name cost more
	Lose   func(late bool) // loses the answer to the next order, before it has had its effect or after
	Hold   func()          // keeps the next order pending
	Settle func()          // is through with what is pending
}

// Contact is whom the suite registers names for.
var Contact = registrar.Contact{
	FirstName: "John", LastName: "Doe", Email: "john@example.com", Phone: "+12125550100", Address: "123 Main St",
	City: "New York", State: "NY", ZIP: "10001", Country: "US",
}

// Servers are the name servers that the suite sets.
var Servers = []string{"ns1.platform.app", "ns2.platform.app"}

// Run tries everything that a Provider promises.
func Run(t *testing.T, fresh func(t *testing.T) Subject) {
	t.Helper()
	for name, try := range map[string]func(*testing.T, *bench){
		"it says what it can do":                      capabilities,
		"a search has an offer for each TLD it sells": search,
		"a name that is free is bought once":          buy,
		"at another price nothing is bought":          drift,
		"a longer term than it sells is refused":      terms,
		"of many at once one buys":                    atOnce,
		"a renewal moves the end once":                renew,
		"a renewal is refused past ten years":         tenYears,
		"name servers are set":                        servers,
		"what is not ours is NotOurs":                 notOurs,
		"an answer that is lost leaves it open":       lost,
		"what is pending is Pending until it is done": pending,
		"an order again under its key is the same":    again,
	} {
		t.Run(name, func(t *testing.T) { try(t, &bench{fresh(t)}) })
	}
}

type bench struct{ Subject }

func (b *bench) name(label string) string { return label + "." + b.TLD }

// order makes an order of a name at the price of today.
func (b *bench) order(t *testing.T, label string) registrar.Purchase {
	t.Helper()
	offer, err := b.Provider.CheckAvailability(t.Context(), b.name(label))
	if err != nil {
		t.Fatal(err)
	}
	return registrar.Purchase{Offer: offer, Years: 1, Contact: Contact, Nameservers: Servers, Key: "key-" + label, Since: b.Clock.Now()}
}

// settled waits for what became of an order.
func (b *bench) settled(t *testing.T, domain string, got registrar.Registration, err error) registrar.Registration {
	t.Helper()
	if registrar.KindOf(err) == registrar.Pending && err != nil && b.Provider.Capabilities().Asynchronous {
		b.Settle()
		got, err = b.Provider.GetDomainInfo(t.Context(), domain)
	}
	if err != nil {
		t.Fatalf("%s: %v", domain, err)
	}
	return got
}

// buy buys a name for a year.
func (b *bench) buy(t *testing.T, label string) registrar.Registration {
	t.Helper()
	p := b.order(t, label)
	got, err := b.Provider.PurchaseDomain(t.Context(), p)
	return b.settled(t, p.Domain, got, err)
}

// is checks the kind of an error.
func is(t *testing.T, err error, want ...registrar.Kind) {
	t.Helper()
	if err == nil || !slices.Contains(want, registrar.KindOf(err)) {
		t.Errorf("the error %v is of kind %d, want one of %v", err, registrar.KindOf(err), want)
	}
}

func capabilities(t *testing.T, b *bench) {
	can := b.Provider.Capabilities()
	if !can.Sells(b.TLD) || can.Sells("nosuchtld") || can.MaxFirstTerm < 1 || can.MaxFirstTerm > registrar.MaxYears || can.Currency.Decimals() < 0 || can.Currency == "" {
		t.Errorf("it can %+v", can)
	}
	for _, tld := range can.TLDs {
		if tld != strings.ToLower(tld) || strings.HasPrefix(tld, ".") {
			t.Errorf("a TLD %q", tld)
		}
	}
}

func search(t *testing.T, b *bench) {
	label, takenTLD, _ := strings.Cut(b.Taken, ".")
	offers, err := b.Provider.SearchDomains(t.Context(), label, []string{"nosuchtld", takenTLD, b.TLD})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range offers {
		names = append(names, o.Domain)
		if o.Price <= 0 || o.Renewal <= 0 || o.Currency != b.Provider.Capabilities().Currency || o.Unknown || o.Available == (o.Domain == b.Taken) {
			t.Errorf("the offer %+v", o)
		}
	}
	if want := []string{b.Taken, b.name(label)}; !slices.Equal(names, want) {
		t.Errorf("offers for %v, want %v", names, want)
	}
	_, err = b.Provider.CheckAvailability(t.Context(), "mystore.nosuchtld")
	is(t, err, registrar.Unsupported)
}

func buy(t *testing.T, b *bench) {
	began := b.Clock.Now()
	got := b.buy(t, "fresh")
	if want := registrar.After(began, 1); got.Domain != b.name("fresh") || got.OrderID == "" || got.Expires.Before(want) || got.Expires.After(want.Add(time.Hour)) {
		t.Errorf("bought %+v, want it until %v", got, want)
	}
	there, err := b.Provider.GetDomainInfo(t.Context(), got.Domain)
	if err != nil || !there.Expires.Equal(got.Expires) || there.OrderID != got.OrderID || !slices.Equal(there.Nameservers, Servers) {
		t.Errorf("it is %+v, %v, and was %+v", there, err, got)
	}
	offer, err := b.Provider.CheckAvailability(t.Context(), got.Domain)
	if err != nil || offer.Available || offer.Renewal <= 0 {
		t.Errorf("once it is bought: %+v, %v", offer, err)
	}
	b.Clock.Advance(time.Hour)
	other := registrar.Purchase{Offer: offer, Years: 1, Contact: Contact, Nameservers: Servers, Key: "another", Since: b.Clock.Now()}
	_, err = b.Provider.PurchaseDomain(t.Context(), other)
	is(t, err, registrar.Taken)
	other.Domain = b.Taken
	_, err = b.Provider.PurchaseDomain(t.Context(), other)
	is(t, err, registrar.Taken)
}

func drift(t *testing.T, b *bench) {
	p := b.order(t, "dear")
	b.Raise()
	b.Clock.Advance(time.Hour)
	_, err := b.Provider.PurchaseDomain(t.Context(), p)
	is(t, err, registrar.PriceChanged)
	_, err = b.Provider.GetDomainInfo(t.Context(), p.Domain)
	is(t, err, registrar.NotOurs)
	if now := b.order(t, "dear"); !now.Available || now.Price <= p.Price {
		t.Errorf("it costs %v by now, and cost %v", now.Price, p.Price)
	}
}

func terms(t *testing.T, b *bench) {
	p := b.order(t, "long")
	p.Years = b.Provider.Capabilities().MaxFirstTerm + 1
	_, err := b.Provider.PurchaseDomain(t.Context(), p)
	is(t, err, registrar.Unsupported, registrar.Refused)
	_, err = b.Provider.GetDomainInfo(t.Context(), p.Domain)
	is(t, err, registrar.NotOurs)
	if p.Years--; p.Years > 1 {
		began := b.Clock.Now()
		got, err := b.Provider.PurchaseDomain(t.Context(), p)
		if got = b.settled(t, p.Domain, got, err); got.Expires.Before(registrar.After(began, p.Years)) {
			t.Errorf("%d years end at %v", p.Years, got.Expires)
		}
	}
}

func atOnce(t *testing.T, b *bench) {
	p := b.order(t, "wanted")
	b.Clock.Advance(time.Second)
	errs := make([]error, 12)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			mine := p
			mine.Key = fmt.Sprintf("key-%d", i)
			mine.Since = b.Clock.Now().Add(time.Hour) // it is never the order of another
			_, errs[i] = b.Provider.PurchaseDomain(t.Context(), mine)
		})
	}
	wg.Wait()
	bought := 0
	for _, err := range errs {
		switch {
		case err == nil || registrar.KindOf(err) == registrar.Pending && b.Provider.Capabilities().Asynchronous:
			bought++
		case registrar.KindOf(err) != registrar.Taken && registrar.KindOf(err) != registrar.Pending:
			t.Errorf("refused as %v", err)
		}
	}
	if bought == 0 || bought > 1 && !b.Provider.Capabilities().Asynchronous {
		t.Errorf("%d of %d bought it", bought, len(errs))
	}
	b.Settle()
	if _, err := b.Provider.GetDomainInfo(t.Context(), p.Domain); err != nil {
		t.Error(err)
	}
}

// ripe lets time pass until a name can be renewed.
func (b *bench) ripe(r registrar.Registration) {
	if !b.Provider.Capabilities().EarlyRenewal {
		b.Clock.Advance(r.Expires.Sub(b.Clock.Now()) + time.Hour)
	}
}

func (b *bench) renewal(t *testing.T, r registrar.Registration) registrar.Renewal {
	t.Helper()
	offer, err := b.Provider.CheckAvailability(t.Context(), r.Domain)
	if err != nil {
		t.Fatal(err)
	}
	return registrar.Renewal{Offer: offer, Years: 1, Expires: r.Expires, Key: "renewal"}
}

func renew(t *testing.T, b *bench) {
	first := b.buy(t, "lasting")
	if !b.Provider.Capabilities().EarlyRenewal {
		_, err := b.Provider.RenewDomain(t.Context(), b.renewal(t, first))
		is(t, err, registrar.Unsupported)
		if now, err := b.Provider.GetDomainInfo(t.Context(), first.Domain); err != nil || !now.Expires.Equal(first.Expires) {
			t.Errorf("it ends at %v, %v", now.Expires, err)
		}
	}
	b.ripe(first)
	order := b.renewal(t, first)
	b.Raise()
	b.Clock.Advance(time.Hour)
	_, err := b.Provider.RenewDomain(t.Context(), order)
	is(t, err, registrar.PriceChanged)
	order = b.renewal(t, first)
	got, err := b.Provider.RenewDomain(t.Context(), order)
	got = b.settled(t, first.Domain, got, err)
	if want := registrar.After(first.Expires, 1); !got.Expires.Equal(want) || got.OrderID == "" {
		t.Errorf("renewed %+v, want it until %v", got, want)
	}
	_, err = b.Provider.RenewDomain(t.Context(), order) // its end is not what it was
	is(t, err, registrar.Refused)
	if now, err := b.Provider.GetDomainInfo(t.Context(), first.Domain); err != nil || !now.Expires.Equal(got.Expires) {
		t.Errorf("it ends at %v, %v, want %v", now.Expires, err, got.Expires)
	}
}

func tenYears(t *testing.T, b *bench) {
	first := b.buy(t, "ancient")
	b.ripe(first)
	order := b.renewal(t, first)
	order.Years = registrar.MaxYears + 1
	_, err := b.Provider.RenewDomain(t.Context(), order)
	is(t, err, registrar.Refused, registrar.Unsupported)
	if now, err := b.Provider.GetDomainInfo(t.Context(), first.Domain); err != nil || !now.Expires.Equal(first.Expires) {
		t.Errorf("it ends at %v, %v", now.Expires, err)
	}
}

func servers(t *testing.T, b *bench) {
	r := b.buy(t, "pointed")
	for _, want := range [][]string{{"ns3.platform.app", "ns4.platform.app"}, {"ns3.platform.app", "ns4.platform.app"}, Servers} {
		if err := b.Provider.SetNameservers(t.Context(), r.Domain, want); err != nil {
			t.Fatal(err)
		}
		if now, err := b.Provider.GetDomainInfo(t.Context(), r.Domain); err != nil || !slices.Equal(now.Nameservers, want) {
			t.Errorf("its name servers are %v, %v, want %v", now.Nameservers, err, want)
		}
	}
}

func notOurs(t *testing.T, b *bench) {
	for _, domain := range []string{b.name("nobodys"), b.Taken} {
		_, err := b.Provider.GetDomainInfo(t.Context(), domain)
		is(t, err, registrar.NotOurs)
		is(t, b.Provider.SetNameservers(t.Context(), domain, Servers), registrar.NotOurs)
		_, err = b.Provider.RenewDomain(t.Context(), registrar.Renewal{Offer: registrar.Offer{Domain: domain}, Years: 1, Expires: b.Clock.Now()})
		is(t, err, registrar.NotOurs)
	}
}

func lost(t *testing.T, b *bench) {
	for _, late := range []bool{false, true} {
		p := b.order(t, fmt.Sprintf("lost-%v", late))
		b.Lose(late)
		_, err := b.Provider.PurchaseDomain(t.Context(), p)
		is(t, err, registrar.Unanswered)
		b.Settle()
		got, err := b.Provider.GetDomainInfo(t.Context(), p.Domain)
		if !late {
			is(t, err, registrar.NotOurs)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		b.ripe(got)
		for _, late := range []bool{false, true} {
			order := b.renewal(t, got)
			b.Lose(late)
			_, err := b.Provider.RenewDomain(t.Context(), order)
			is(t, err, registrar.Unanswered)
			b.Settle()
			now, err := b.Provider.GetDomainInfo(t.Context(), p.Domain)
			if err != nil || now.Expires.After(got.Expires) != late {
				t.Errorf("renewed, the answer lost: %+v, %v", now, err)
			}
		}
	}
}

func pending(t *testing.T, b *bench) {
	p := b.order(t, "slow")
	b.Hold()
	_, err := b.Provider.PurchaseDomain(t.Context(), p)
	is(t, err, registrar.Pending)
	_, err = b.Provider.GetDomainInfo(t.Context(), p.Domain)
	is(t, err, registrar.Pending)
	b.Settle()
	if got, err := b.Provider.GetDomainInfo(t.Context(), p.Domain); err != nil || got.Domain != p.Domain {
		t.Errorf("%+v, %v", got, err)
	}
}

func again(t *testing.T, b *bench) {
	p := b.order(t, "twice")
	got, err := b.Provider.PurchaseDomain(t.Context(), p)
	first := b.settled(t, p.Domain, got, err)
	b.Clock.Advance(time.Minute)
	got, err = b.Provider.PurchaseDomain(t.Context(), p)
	if err != nil || got.OrderID != first.OrderID || !got.Expires.Equal(first.Expires) {
		t.Errorf("%+v, %v, want %+v", got, err, first)
	}
}
