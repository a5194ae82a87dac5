package cloudflare_test

import (
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/dns"
	"vitrine/internal/dns/cloudflare"
	"vitrine/internal/dns/cloudflare/cloudflaretest"
	"vitrine/internal/dns/dnstest"
)

func start(t *testing.T) (*cloudflaretest.Server, dns.Provider) {
	t.Helper()
	s := cloudflaretest.New()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	return s, cloudflare.New(listening.URL, cloudflaretest.Token, nil)
}

func TestCloudflare_conforms(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	var n atomic.Int64
	dnstest.Run(t, func(*testing.T) dnstest.Subject {
		name := fmt.Sprintf("shop%d.example", n.Add(1))
		s.Zone(name, "active")
		return dnstest.Subject{Provider: p, Domain: name}
	})
}

func TestCloudflare_readsAllPages(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", "active")
	const many = 1203
	for i := range many {
		s.Put(zone, cloudflaretest.Record{Name: fmt.Sprintf("n%d.shop.example", i), Type: "A", Content: "192.0.2.1", TTL: 300})
	}
	if all, err := p.ListRecords(t.Context(), zone); err != nil || len(all) != many {
		t.Errorf("%d records, want %d: %v", len(all), many, err)
	}
}

func TestCloudflare_ofTwoZonesTakesTheDelegatedOne(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	s.Zone("shop.example", "pending")
	active := s.Zone("shop.example", "active")
	s.Zone("shop.example", "pending")
	if zone, err := p.ZoneID(t.Context(), "www.shop.example"); err != nil || zone != active {
		t.Errorf("%s, %v, want %s", zone, err, active)
	}
}

// What merchants made at Cloudflare by hand: an automatic TTL, names in capitals,
// texts without quotes, types that we do not know, records that are proxied.
func TestCloudflare_readsWhatOthersMade(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", "active")
	s.Put(zone, cloudflaretest.Record{Name: "A.shop.example", Type: "A", Content: "192.0.2.1", TTL: 1})
	s.Put(zone, cloudflaretest.Record{Name: "t.shop.example", Type: "TXT", Content: `say "hi"`, TTL: 600})
	s.Put(zone, cloudflaretest.Record{Name: "h.shop.example", Type: "HTTPS", Content: "1 . alpn=h2", TTL: 600})
	all, err := p.ListRecords(t.Context(), zone)
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if want := (dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}); !all[0].Equal(want) {
		t.Errorf("%v, want %v", all[0], want)
	}
	if want := (dns.Record{Name: "t.shop.example", Type: dns.TXT, Value: `say "hi"`, TTL: 600}); !all[1].Equal(want) {
		t.Errorf("%v, want %v", all[1], want)
	}
}

func TestCloudflare_leavesWhatIsProxiedProxied(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", "active")
	id := s.Put(zone, cloudflaretest.Record{Name: "a.shop.example", Type: "A", Content: "192.0.2.1", TTL: 1, Proxied: true})
	r := dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.2", TTL: 300}
	changed, err := p.UpdateRecord(t.Context(), zone, id, r)
	if err != nil || !changed.Equal(r) {
		t.Errorf("changed to %v: %v", changed, err)
	}
	if is := s.Records(zone)[0]; !is.Proxied || is.Content != "192.0.2.2" {
		t.Errorf("it is %+v", is)
	}
	r.TTL = 600
	if _, err := p.UpdateRecord(t.Context(), zone, id, r); !dns.Is(err, dns.Refused) {
		t.Errorf("a TTL that it cannot have: %v", err)
	}
}

func TestCloudflare_errorsTellWhatHappened(t *testing.T) {
	t.Parallel()
	s, p := start(t)
	zone := s.Zone("shop.example", "active")
	r := dns.Record{Name: "a.shop.example", Type: dns.CNAME, Value: "b.example.net", TTL: 300}
	if _, err := p.CreateRecord(t.Context(), "0123456789abcdef", r); !dns.Is(err, dns.NoZone) {
		t.Errorf("a zone that is not there: %v", err)
	}
	if _, err := p.CreateRecord(t.Context(), zone, r); err != nil {
		t.Fatal(err)
	}
	r.Type, r.Value = dns.A, "192.0.2.1"
	if _, err := p.CreateRecord(t.Context(), zone, r); !dns.Is(err, dns.Refused) || err.Error() != "Cloudflare: A CNAME record with that host already exists." {
		t.Errorf("beside a CNAME: %v", err)
	}
	listening := httptest.NewServer(s)
	wrong := cloudflare.New(listening.URL, "wrong", nil)
	if _, err := wrong.ZoneID(t.Context(), "shop.example"); !dns.Is(err, dns.Refused) {
		t.Errorf("a wrong token: %v", err)
	}
	listening.Close()
	if _, err := wrong.CreateRecord(t.Context(), zone, r); !dns.Is(err, dns.Unanswered) {
		t.Errorf("nobody there: %v", err)
	}
	s.Limit = 1
	_, err := p.ListRecords(t.Context(), zone)
	if e, ok := err.(*dns.Error); !ok || e.Kind != dns.Limited || e.RetryAfter != 5*time.Minute { //nolint:errorlint // the very one
		t.Errorf("asked too often: %v", err)
	}
}
