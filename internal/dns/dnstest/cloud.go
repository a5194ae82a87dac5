package dnstest

import (
	"context"
	"testing"

	"vitrine/internal/dns"
)

// Cloud is a provider with public and private zones, several of one name if need be,
// whose changes take a while, and the stand-in that it speaks to.
type Cloud struct {
	Provider dns.Provider
	Name     string                                 // of who answers that a change is on its way; the world, asked next, sees nothing
	NoZone   string                                 // the id of a zone that is not there
	Zone     func(name string, private bool) string // makes one and returns its id
	Slow     func(slow bool)                        // whether changes are on their way
	Exhaust  func()                                 // refuses all from now on, who ask too often
	Wrong    dns.Provider                           // the same with a key that is not ours
	Away     dns.Provider                           // the same where nobody listens
}

// RunCloud tries what such a Provider promises beside what Run tries.
func RunCloud(t *testing.T, fresh func(t *testing.T) Cloud) {
	t.Helper()
	for name, try := range map[string]func(*testing.T, Cloud){
		"a private zone is not taken, nor one of two": theOnlyZone,
		"a change that is on its way is told of":      onItsWay,
		"errors tell what happened":                   whatHappened,
	} {
		t.Run(name, func(t *testing.T) { try(t, fresh(t)) })
	}
}

func theOnlyZone(t *testing.T, c Cloud) {
	c.Zone("shop.example", true)
	c.Zone("z.example", false) // where a list from shop.example on goes on
	if zone, err := c.Provider.ZoneID(t.Context(), "shop.example"); !dns.Is(err, dns.NoZone) {
		t.Errorf("a private zone: %s, %v", zone, err)
	}
	public := c.Zone("shop.example", false)
	if zone, err := c.Provider.ZoneID(t.Context(), "www.shop.example"); err != nil || zone != public {
		t.Errorf("%s, %v, want %s", zone, err, public)
	}
	c.Zone("shop.example", false)
	if zone, err := c.Provider.ZoneID(t.Context(), "shop.example"); !dns.Is(err, dns.Refused) {
		t.Errorf("one of two: %s, %v", zone, err)
	}
}

// address is a record of a zone.
var address = dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}

func onItsWay(t *testing.T, c Cloud) {
	zone := c.Zone("shop.example", false)
	c.Slow(true)
	if _, err := c.Provider.CreateRecord(t.Context(), zone, address); err != nil {
		t.Fatal(err)
	}
	for _, answers := range []int{2, 1} {
		saw, err := c.Provider.VerifyPropagation(t.Context(), address.Name, address.Type, address.Value)
		if err != nil || saw.Done || len(saw.Answers) != answers || (answers == 2) != (saw.Answers[0].Resolver == c.Name) {
			t.Errorf("%+v, %v", saw, err)
		}
		c.Slow(false)
	}
}

func whatHappened(t *testing.T, c Cloud) {
	zone := c.Zone("shop.example", false)
	outside := address
	outside.Name = "a.other.example"
	for _, of := range []struct {
		what     string
		provider dns.Provider
		zone     string
		record   dns.Record
		kind     dns.Kind
	}{
		{"a zone that is not there", c.Provider, c.NoZone, address, dns.NoZone},
		{"outside of the zone", c.Provider, zone, outside, dns.Refused},
		{"a wrong key", c.Wrong, zone, address, dns.Refused},
		{"nobody there", c.Away, zone, address, dns.Unanswered},
	} {
		if _, err := of.provider.CreateRecord(t.Context(), of.zone, of.record); !dns.Is(err, of.kind) {
			t.Errorf("%s: %v", of.what, err)
		}
	}
	c.Exhaust()
	if _, err := c.Provider.ListRecords(t.Context(), zone); !dns.Is(err, dns.Limited) {
		t.Errorf("asked too often: %v", err)
	}
}

// Unseen is a world that does not see a record.
type Unseen struct{}

// VerifyPropagation implements dns.Verifier.
func (Unseen) VerifyPropagation(context.Context, string, dns.Type, string) (dns.Propagation, error) {
	return dns.Propagation{Answers: []dns.Answer{{Resolver: "192.0.2.53", Cause: "It is not there."}}}, nil
}
