package route53_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"vitrine/internal/dns"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/route53"
	"vitrine/internal/dns/route53/route53test"
)

func start(t *testing.T) (*route53test.Server, dns.Provider) {
	t.Helper()
	s := route53test.New()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	return s, at(listening.URL, rate.Inf)
}

// nobody is an address where nobody listens, and nobody will.
const nobody = "http://127.0.0.1:1"

func at(endpoint string, pace rate.Limit) dns.Provider {
	return route53.New(route53.Settings{
		Endpoint: endpoint, Region: "us-east-1", AccessKeyID: route53test.AccessKeyID, SecretAccessKey: route53test.SecretAccessKey, PerSecond: pace,
	}, dnstest.Unseen{})
}

func TestRoute53_conforms(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	var n atomic.Int64
	dnstest.Run(t, func(*testing.T) dnstest.Subject {
		name := fmt.Sprintf("shop%d.example", n.Add(1))
		s.Zone(name, false)
		return dnstest.Subject{Provider: p, Domain: name, MaxText: 4000}
	})
}

func TestRoute53_keepsWhatCloudsPromise(t *testing.T) {
	t.Parallel()
	dnstest.RunCloud(t, func(t *testing.T) dnstest.Cloud {
		s, p := start(t)
		listening := httptest.NewServer(s)
		t.Cleanup(listening.Close)
		return dnstest.Cloud{
			Provider: p, Name: "Route 53", NoZone: "Z0000000000000", Zone: s.Zone,
			Slow: func(slow bool) { s.Slow = slow }, Exhaust: func() { s.Limit = 1 },
			Wrong: route53.New(route53.Settings{Endpoint: listening.URL, Region: "us-east-1", AccessKeyID: "x", SecretAccessKey: "x", PerSecond: rate.Inf}, nil),
			Away:  at(nobody, rate.Inf),
		}
	})
}

func TestRoute53_readsAllPages(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", false)
	const many = 703
	for i := range many {
		s.Put(zone, route53test.Set{Name: fmt.Sprintf("n%d.shop.example.", i), Type: "A", TTL: 300, Records: route53test.Values("192.0.2.1")})
	}
	if all, err := p.ListRecords(t.Context(), zone); err != nil || len(all) != many+1 {
		t.Errorf("%d records, want %d: %v", len(all), many+1, err)
	}
}

// What others wrote in their own way is told to Route 53 just so when it is replaced,
// and what it makes up itself is left alone.
func TestRoute53_leavesWhatOthersWroteAsItIs(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", false)
	one := 1
	s.Put(zone, route53test.Set{Name: "t.shop.example.", Type: "TXT", TTL: 600, Records: route53test.Values(`"a\052b" "c"`)})
	s.Put(zone, route53test.Set{Name: `\052.shop.example.`, Type: "A", TTL: 600, Records: route53test.Values("192.0.2.7")})
	s.Put(zone, route53test.Set{Name: "w.shop.example.", Type: "A", TTL: 600, SetIdentifier: "eu", Weight: &one, Records: route53test.Values("192.0.2.8")})
	text := dns.Record{Name: "t.shop.example", Type: dns.TXT, Value: "second", TTL: 600}
	if _, err := p.CreateRecord(t.Context(), zone, text); err != nil {
		t.Fatal(err)
	}
	all, err := p.ListRecords(t.Context(), zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []dns.Record{
		text, {Name: "t.shop.example", Type: dns.TXT, Value: "a*bc", TTL: 600}, {Name: "*.shop.example", Type: dns.A, Value: "192.0.2.7", TTL: 600},
	} {
		if !slices.ContainsFunc(all, want.Equal) {
			t.Errorf("%v is not in %v", want, all)
		}
	}
	if len(all) != 4 {
		t.Errorf("%d records: %v", len(all), all)
	}
	weighted := dns.Record{Name: "w.shop.example", Type: dns.A, Value: "192.0.2.9", TTL: 600}
	if _, err := p.CreateRecord(t.Context(), zone, weighted); !dns.Is(err, dns.Refused) {
		t.Errorf("beside a weighted set: %v", err)
	}
}

// Requests wait for their turn, and are not made where it would come too late.
func TestRoute53_keepsToThePaceOfTheAccount(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	listening := httptest.NewServer(s)
	defer listening.Close()
	p := at(listening.URL, rate.Every(time.Hour))
	zone := s.Zone("shop.example", false)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := p.ListRecords(ctx, zone); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ListRecords(ctx, zone); !dns.Is(err, dns.Limited) {
		t.Errorf("the second within an hour: %v", err)
	}
}
