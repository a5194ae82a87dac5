package google_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"vitrine/internal/dns"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/google"
	"vitrine/internal/dns/google/googletest"
)

func start(t *testing.T) (*googletest.Server, dns.Provider) {
	t.Helper()
	s := googletest.New()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	return s, at(t, listening.URL, s.Credentials(listening.URL))
}

// nobody is an address where nobody listens, and nobody will.
const nobody = "http://127.0.0.1:1"

func at(t *testing.T, endpoint, credentials string) dns.Provider {
	t.Helper()
	p, err := google.New(google.Settings{Endpoint: endpoint, Project: googletest.Project, Credentials: credentials}, dnstest.Unseen{})
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

func TestGoogle_keepsWhatCloudsPromise(t *testing.T) {
	t.Parallel()
	dnstest.RunCloud(t, func(t *testing.T) dnstest.Cloud {
		s, p := start(t)
		listening := httptest.NewServer(s)
		t.Cleanup(listening.Close)
		return dnstest.Cloud{
			Provider: p, Name: "Google Cloud DNS", NoZone: "zone-none", Zone: s.Zone,
			Slow: func(slow bool) { s.Slow = slow }, Exhaust: func() { s.Limit = 1 },
			Wrong: at(t, listening.URL, googletest.New().Credentials(listening.URL)), Away: at(t, nobody, s.Credentials(nobody)),
		}
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

func TestGoogle_refusesCredentialsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "{}", `{"type": "service_account"}`, `{"type": "spaceship"}`} {
		if _, err := google.New(google.Settings{Project: googletest.Project, Credentials: text}, dnstest.Unseen{}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
