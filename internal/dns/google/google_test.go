package google_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/internal/dns"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/google"
	"vitrine/internal/dns/google/googletest"
)

// unseen is a world that does not see a record.
type unseen struct{}

func (unseen) VerifyPropagation(context.Context, string, dns.Type, string) (dns.Propagation, error) {
	return dns.Propagation{Answers: []dns.Answer{{Resolver: "192.0.2.53", Cause: "It is not there."}}}, nil
}

func start(t *testing.T) (*googletest.Server, dns.Provider) {
	t.Helper()
	s := googletest.New()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	return s, at(t, listening.URL, s.Credentials(listening.URL))
}

func at(t *testing.T, endpoint, credentials string) dns.Provider {
	t.Helper()
	p, err := google.New(google.Settings{Endpoint: endpoint, Project: googletest.Project, Credentials: credentials}, unseen{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGoogle_conforms(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	var n atomic.Int64
	dnstest.Run(t, func(*testing.T) dnstest.Subject {
		name := fmt.Sprintf("shop%d.example", n.Add(1))
		s.Zone(name, false)
		return dnstest.Subject{Provider: p, Domain: name}
	})
}

func TestGoogle_readsAllPages(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", false)
	const many = 303
	for i := range many {
		s.Put(zone, googletest.Set{Name: fmt.Sprintf("n%d.shop.example.", i), Type: "A", TTL: 300, RData: []string{"192.0.2.1"}})
	}
	if all, err := p.ListRecords(t.Context(), zone); err != nil || len(all) != many+1 {
		t.Errorf("%d records, want %d: %v", len(all), many+1, err)
	}
}

func TestGoogle_takesNoPrivateZoneAndNoneOfTwo(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	s.Zone("shop.example", true)
	if zone, err := p.ZoneID(t.Context(), "shop.example"); !dns.Is(err, dns.NoZone) {
		t.Errorf("a private zone: %s, %v", zone, err)
	}
	public := s.Zone("shop.example", false)
	if zone, err := p.ZoneID(t.Context(), "www.shop.example"); err != nil || zone != public {
		t.Errorf("%s, %v, want %s", zone, err, public)
	}
	s.Zone("shop.example", false)
	if zone, err := p.ZoneID(t.Context(), "shop.example"); !dns.Is(err, dns.Refused) || !strings.Contains(err.Error(), "2 zones") {
		t.Errorf("one of two: %s, %v", zone, err)
	}
}

// What others have written in their own way is deleted just so, and what answers by
// weight is left alone.
func TestGoogle_leavesWhatOthersHaveWritten(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", false)
	s.Put(zone, googletest.Set{Name: "t.shop.example.", Type: "TXT", TTL: 600, RData: []string{`"a" "b\099"`}})
	s.Put(zone, googletest.Set{Name: "six.shop.example.", Type: "AAAA", TTL: 600, RData: []string{"2001:DB8:0::1"}})
	s.Put(zone, googletest.Set{Name: "w.shop.example.", Type: "A", TTL: 600, Routing: json.RawMessage(`{"wrr": {"items": []}}`)})
	for _, r := range []dns.Record{
		{Name: "t.shop.example", Type: dns.TXT, Value: "second", TTL: 600}, {Name: "six.shop.example", Type: dns.AAAA, Value: "2001:db8::2", TTL: 600},
	} {
		if _, err := p.CreateRecord(t.Context(), zone, r); err != nil {
			t.Fatal(err)
		}
	}
	all, err := p.ListRecords(t.Context(), zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []dns.Record{
		{Name: "t.shop.example", Type: dns.TXT, Value: "second", TTL: 600},
		{Name: "t.shop.example", Type: dns.TXT, Value: "abc", TTL: 600},
		{Name: "six.shop.example", Type: dns.AAAA, Value: "2001:db8::1", TTL: 600},
	} {
		if !slices.ContainsFunc(all, want.Equal) {
			t.Errorf("%v is not in %v", want, all)
		}
	}
	if len(all) != 5 {
		t.Errorf("%d records: %v", len(all), all)
	}
	weighted := dns.Record{Name: "w.shop.example", Type: dns.A, Value: "192.0.2.9", TTL: 600}
	if _, err := p.CreateRecord(t.Context(), zone, weighted); !dns.Is(err, dns.Refused) {
		t.Errorf("beside a weighted set: %v", err)
	}
}

func TestGoogle_tellsThatAChangeIsOnItsWay(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", false)
	s.Slow = true
	r := dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
	if _, err := p.CreateRecord(t.Context(), zone, r); err != nil {
		t.Fatal(err)
	}
	for _, answers := range []int{2, 1} {
		saw, err := p.VerifyPropagation(t.Context(), r.Name, r.Type, r.Value)
		if err != nil || saw.Done || len(saw.Answers) != answers || (answers == 2) != (saw.Answers[0].Resolver == "Google Cloud DNS") {
			t.Errorf("%+v, %v", saw, err)
		}
		s.Slow = false
	}
}

func TestGoogle_errorsTellWhatHappened(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", false)
	r := dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
	if _, err := p.CreateRecord(t.Context(), "zone-none", r); !dns.Is(err, dns.NoZone) {
		t.Errorf("a zone that is not there: %v", err)
	}
	outside := dns.Record{Name: "a.other.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
	if _, err := p.CreateRecord(t.Context(), zone, outside); !dns.Is(err, dns.Refused) {
		t.Errorf("outside of the zone: %v", err)
	}
	listening := httptest.NewServer(s)
	if _, err := at(t, listening.URL, googletest.New().Credentials(listening.URL)).CreateRecord(t.Context(), zone, r); !dns.Is(err, dns.Refused) {
		t.Errorf("a wrong key: %v", err)
	}
	away := at(t, listening.URL, s.Credentials(listening.URL))
	listening.Close()
	if _, err := away.CreateRecord(t.Context(), zone, r); !dns.Is(err, dns.Unanswered) {
		t.Errorf("nobody there: %v", err)
	}
	s.Limit = 1
	if _, err := p.ListRecords(t.Context(), zone); !dns.Is(err, dns.Limited) {
		t.Errorf("asked too often: %v", err)
	}
}

func TestGoogle_refusesCredentialsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "{}", `{"type": "service_account"}`, `{"type": "spaceship"}`} {
		if _, err := google.New(google.Settings{Project: googletest.Project, Credentials: text}, unseen{}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
