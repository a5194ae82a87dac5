package rfc2136_test

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/dns"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/lookup"
	"vitrine/internal/dns/rfc2136"
	"vitrine/internal/dns/rfc2136/knottest"
)

func settings(server string) rfc2136.Settings {
	return rfc2136.Settings{Server: server, Key: knottest.Key, Secret: knottest.Secret, Algorithm: knottest.Algorithm}
}

func provider(t *testing.T, s rfc2136.Settings) dns.Provider {
	t.Helper()
	v, err := lookup.New([]string{"127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := rfc2136.New(s, v, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRFC2136_conforms(t *testing.T) {
	t.Parallel()
	var zones []string
	for i := range 20 {
		zones = append(zones, fmt.Sprintf("shop%d.example", i+1))
	}
	p := provider(t, settings(knottest.Start(t, zones...)))
	var n atomic.Int64
	dnstest.Run(t, func(t *testing.T) dnstest.Subject {
		t.Helper()
		return dnstest.Subject{Provider: p, Domain: zones[n.Add(1)-1]}
	})
}

// What is written is what the server then answers over DNS, and what somebody else
// has changed meanwhile is not written over.
func TestRFC2136_servesWhatIsWritten(t *testing.T) {
	t.Parallel()
	server := knottest.Start(t, "shop.example")
	p := provider(t, settings(server))
	priority := 10
	for _, r := range []dns.Record{
		{Name: "shop.example", Type: dns.TXT, Value: `one "two" \ ` + strings.Repeat("é", 300)},
		{Name: "shop.example", Type: dns.MX, Value: "mail.example.net", Priority: &priority},
		{Name: "*.shop.example", Type: dns.A, Value: "192.0.2.1"},
		{Name: "www.shop.example", Type: dns.CNAME, Value: "proxy.platform.app"},
		{Name: "shop.example", Type: dns.CAA, Value: `0 issue "letsencrypt.org"`},
		{Name: "any.shop.example", Type: dns.A, Value: "192.0.2.2"}, // beside the wildcard, which answers for it until then
	} {
		r.TTL = 300
		if _, err := p.CreateRecord(t.Context(), "shop.example", r); err != nil {
			t.Fatalf("%v: %v", r, err)
		}
		q := new(wire.Msg)
		q.SetQuestion(wire.Fqdn(strings.Replace(r.Name, "*", "some", 1)), wire.StringToType[string(r.Type)])
		answer, _, err := (&wire.Client{Net: "tcp", Timeout: time.Minute}).ExchangeContext(t.Context(), q, server)
		if err != nil || len(answer.Answer) != 1 {
			t.Fatalf("%v: %v, %v", r, answer, err)
		}
		h := answer.Answer[0].Header()
		got, ok := dns.ParseRData(r.Name, r.Type, int(h.Ttl), strings.TrimPrefix(answer.Answer[0].String(), h.String()))
		if !ok || !got.Equal(r) {
			t.Errorf("serves %v, want %v", got, r)
		}
	}
}

func TestRFC2136_refusesWhatTheServerWouldLeaveOutInSilence(t *testing.T) {
	t.Parallel()
	p := provider(t, settings(knottest.Start(t, "shop.example")))
	create := func(name string, kind dns.Type, value string) error {
		_, err := p.CreateRecord(t.Context(), "shop.example", dns.Record{Name: name, Type: kind, Value: value, TTL: 300})
		return err
	}
	for _, r := range [][2]string{{"a.shop.example", "A"}, {"c.shop.example", "CNAME"}} {
		if err := create(r[0], dns.Type(r[1]), map[string]string{"A": "192.0.2.1", "CNAME": "x.example.net"}[r[1]]); err != nil {
			t.Fatal(err)
		}
	}
	for what, err := range map[string]error{
		"a CNAME beside an address": create("a.shop.example", dns.CNAME, "x.example.net"),
		"an address beside a CNAME": create("c.shop.example", dns.A, "192.0.2.1"),
		"a second CNAME":            create("c.shop.example", dns.CNAME, "y.example.net"),
		"a CNAME at the root":       create("shop.example", dns.CNAME, "x.example.net"),
		"another name server":       create("shop.example", dns.NS, "ns9.example.net"),
		"outside of the zone":       create("a.other.example", dns.A, "192.0.2.1"),
	} {
		if !dns.Is(err, dns.Refused) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestRFC2136_errorsTellWhatHappened(t *testing.T) {
	t.Parallel()
	server := knottest.Start(t, "shop.example")
	r := dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
	for what, c := range map[string]struct {
		change func(*rfc2136.Settings)
		zone   string
		kind   dns.Kind
	}{
		"a zone that is not there": {func(*rfc2136.Settings) {}, "none.example", dns.NoZone},
		"a key that nobody knows":  {func(s *rfc2136.Settings) { s.Key = "other" }, "shop.example", dns.Refused},
		"a wrong secret":           {func(s *rfc2136.Settings) { s.Secret = "d3Jvbmc=" }, "shop.example", dns.Refused},
		"a wrong algorithm":        {func(s *rfc2136.Settings) { s.Algorithm = "hmac-sha512" }, "shop.example", dns.Refused},
		"nobody there":             {func(s *rfc2136.Settings) { s.Server = "127.0.0.1:9" }, "shop.example", dns.Unanswered},
	} {
		s := settings(server)
		c.change(&s)
		if _, err := provider(t, s).CreateRecord(t.Context(), c.zone, r); !dns.Is(err, c.kind) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A server that signs nothing is not believed.
func TestRFC2136_believesSignedAnswersAlone(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &wire.Server{Listener: l, Handler: wire.HandlerFunc(func(w wire.ResponseWriter, q *wire.Msg) {
		m := new(wire.Msg).SetReply(q)
		m.Authoritative = true
		m.Answer = []wire.RR{&wire.SOA{Hdr: wire.RR_Header{Name: "shop.example.", Rrtype: wire.TypeSOA, Class: wire.ClassINET}}}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = l.Close() })
	if zone, err := provider(t, settings(l.Addr().String())).ZoneID(t.Context(), "shop.example"); !dns.Is(err, dns.Unanswered) {
		t.Errorf("%q, %v", zone, err)
	}
}

func TestRFC2136_refusesKeysThatAreNone(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*rfc2136.Settings){
		func(s *rfc2136.Settings) { s.Secret = "" }, func(s *rfc2136.Settings) { s.Secret = "?" }, func(s *rfc2136.Settings) { s.Algorithm = "md5" },
	} {
		s := settings("127.0.0.1")
		change(&s)
		if _, err := rfc2136.New(s, nil, clock.System{}); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}
