package powerdns_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/internal/dns"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/lookup"
	"vitrine/internal/dns/powerdns"
	"vitrine/internal/dns/powerdns/powerdnstest"
	"vitrine/internal/porttest"
)

func provider(t *testing.T, s powerdnstest.Server) dns.Provider {
	t.Helper()
	v, err := lookup.New([]string{s.DNS})
	if err != nil {
		t.Fatal(err)
	}
	return powerdns.New("http://"+s.API, powerdnstest.Key, v)
}

func TestPowerDNS_conforms(t *testing.T) {
	t.Parallel()
	s := powerdnstest.Start(t)
	p := provider(t, s)
	var n atomic.Int64
	dnstest.Run(t, func(t *testing.T) dnstest.Subject {
		name := fmt.Sprintf("shop%d.example", n.Add(1))
		s.Zone(t, name)
		return dnstest.Subject{Provider: p, Domain: name}
	})
}

// What is written over the API is what the server then answers over DNS.
func TestPowerDNS_servesWhatIsWritten(t *testing.T) {
	t.Parallel()
	s := powerdnstest.Start(t)
	s.Zone(t, "shop.example")
	p := provider(t, s)
	v, err := lookup.New([]string{s.DNS})
	if err != nil {
		t.Fatal(err)
	}
	text := `one "two" \ ` + strings.Repeat("é", 300)
	priority := 10
	for _, r := range []dns.Record{
		{Name: "shop.example", Type: dns.TXT, Value: text},
		{Name: "shop.example", Type: dns.MX, Value: "mail.example.net", Priority: &priority},
		{Name: "www.shop.example", Type: dns.CNAME, Value: "proxy.platform.app"},
		{Name: "shop.example", Type: dns.CAA, Value: `0 issue "letsencrypt.org"`},
	} {
		r.TTL = 300
		if _, err := p.CreateRecord(t.Context(), "shop.example.", r); err != nil {
			t.Fatal(err)
		}
		saw, err := v.VerifyPropagation(t.Context(), r.Name, r.Type, r.Data())
		if err != nil {
			t.Fatal(err)
		}
		last := saw.Answers[len(saw.Answers)-1] // of the server itself, which knows no address of ns1
		if !last.Seen {
			t.Errorf("%v: %v", r, saw)
		}
	}
	found, err := v.Text(t.Context(), "shop.example")
	if err != nil || len(found) != 1 || found[0] != text {
		t.Errorf("TXT: %q, %v", found, err)
	}
	if found, err := v.Text(t.Context(), "none.shop.example"); err != nil || len(found) != 0 {
		t.Errorf("TXT of nothing: %q, %v", found, err)
	}
	if _, err := v.Text(t.Context(), "elsewhere.example"); err == nil {
		t.Error("a server that refuses is taken for one that says no")
	}
}

func TestPowerDNS_errorsTellWhatHappened(t *testing.T) {
	t.Parallel()
	s := powerdnstest.Start(t)
	s.Zone(t, "shop.example")
	r := dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
	v, err := lookup.New([]string{s.DNS})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := powerdns.New("http://"+s.API, "wrong", v).CreateRecord(t.Context(), "shop.example.", r); !dns.Is(err, dns.Refused) {
		t.Errorf("a wrong key: %v", err)
	}
	if _, err := provider(t, s).CreateRecord(t.Context(), "none.example.", r); !dns.Is(err, dns.NoZone) {
		t.Errorf("a zone that is not there: %v", err)
	}
	if _, err := powerdns.New("http://127.0.0.1:"+porttest.Free(t), powerdnstest.Key, v).CreateRecord(t.Context(), "shop.example.", r); !dns.Is(err, dns.Unanswered) {
		t.Errorf("nobody there: %v", err)
	}
	outside := dns.Record{Name: "a.other.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
	if _, err := provider(t, s).CreateRecord(t.Context(), "shop.example.", outside); !dns.Is(err, dns.Refused) {
		t.Errorf("outside of the zone: %v", err)
	}
}
