// Package dnstest says what every dns.Provider does: one suite, which runs on the
// mock and on each adapter against a real server or a strict stand-in.
package dnstest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/dns"
)

// Subject is a provider to be tried, with a domain of which it has an empty zone.
type Subject struct {
	Provider dns.Provider
	Domain   string
	AnyZone  bool // it has every zone that it is asked for
	MaxText  int  // the longest text that it takes, quoted as a zone file does; 0: any
}

// Run tries everything that a Provider promises.
func Run(t *testing.T, fresh func(t *testing.T) Subject) {
	t.Helper()
	for name, try := range map[string]func(*testing.T, *bench){
		"every type is created, listed, changed and deleted": everyType,
		"texts come back as they went":                       texts,
		"a record that is there is refused":                  twice,
		"what is not there is NoRecord":                      missing,
		"records of one name and type share their TTL":       sharedTTL,
		"a change leaves the neighbours alone":               neighbours,
		"a record can get another name":                      renamed,
		"changes at once lose nothing":                       atOnce,
		"a domain's zone is the longest there is":            zones,
	} {
		t.Run(name, func(t *testing.T) {
			s := fresh(t)
			zone, err := s.Provider.ZoneID(t.Context(), s.Domain)
			if err != nil {
				t.Fatal(err)
			}
			try(t, &bench{s, zone})
		})
	}
}

type bench struct {
	Subject
	zone string
}

// record returns one below the domain.
func (b *bench) record(name string, kind dns.Type, value string) dns.Record {
	r := dns.Record{Name: b.Domain, Type: kind, Value: value, TTL: 3600}
	if name != "@" {
		r.Name = name + "." + b.Domain
	}
	if kind.Ranked() {
		priority := 10
		r.Priority = &priority
	}
	return r
}

func (b *bench) create(t *testing.T, r dns.Record) dns.Record {
	t.Helper()
	made, err := b.Provider.CreateRecord(t.Context(), b.zone, r)
	if err != nil {
		t.Fatalf("create %v: %v", r, err)
	}
	if made.ID == "" || !made.Equal(r) {
		t.Fatalf("created %v, want %v", made, r)
	}
	return made
}

// has checks that the zone has exactly the records, whatever name servers it began
// with.
func (b *bench) has(t *testing.T, want ...dns.Record) {
	t.Helper()
	all, err := b.Provider.ListRecords(t.Context(), b.zone)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(r dns.Record) bool { return r.Type == dns.NS && r.Name == b.Domain })
	for _, w := range want {
		if !slices.ContainsFunc(all, func(r dns.Record) bool { return r.ID == w.ID && r.Equal(w) }) {
			t.Errorf("%v is not in the zone", w)
		}
	}
	if len(all) != len(want) {
		t.Errorf("the zone has %d records, want %d: %v", len(all), len(want), all)
	}
}

func everyType(t *testing.T, b *bench) {
	values := map[dns.Type][2]string{
		dns.A: {"192.0.2.1", "192.0.2.2"}, dns.AAAA: {"2001:db8::1", "2001:db8::2"}, dns.CNAME: {"a.example.net", "b.example.net"},
		dns.MX: {"mail.example.net", "mail2.example.net"}, dns.TXT: {"v=spf1 -all", "hello"}, dns.NS: {"ns1.example.net", "ns2.example.net"},
		dns.SRV: {"5 5060 sip.example.net", "0 5061 sip.example.net"}, dns.CAA: {`0 issue "letsencrypt.org"`, `128 iodef "mailto:a@example.net"`},
	}
	var all []dns.Record
	for kind, v := range values {
		all = append(all, b.create(t, b.record("of-"+strings.ToLower(string(kind)), kind, v[0])))
	}
	all = append(all, b.create(t, b.record("*", dns.A, "192.0.2.9")), b.create(t, b.record("_x._domainkey", dns.TXT, "key")))
	b.has(t, all...)
	for i, r := range all[:len(values)] {
		after := r
		after.Value, after.TTL = values[r.Type][1], 300
		if r.Priority != nil {
			priority := 20
			after.Priority = &priority
		}
		changed, err := b.Provider.UpdateRecord(t.Context(), b.zone, r.ID, after)
		if err != nil || !changed.Equal(after) {
			t.Fatalf("change %v: %v, %v", r, changed, err)
		}
		all[i] = changed
	}
	b.has(t, all...)
	for _, r := range all {
		if err := b.Provider.DeleteRecord(t.Context(), b.zone, r.ID); err != nil {
			t.Fatalf("delete %v: %v", r, err)
		}
	}
	b.has(t)
}

func texts(t *testing.T, b *bench) {
	var all []dns.Record
	for i, text := range []string{
		`with "quotes" and \ and ; and \032`, "Grüße, 世界", strings.Repeat("x", 255), strings.Repeat("y", 256), strings.Repeat("é", 700), `"`, "a b  c",
	} {
		r := b.record(fmt.Sprintf("t%d", i), dns.TXT, text)
		if b.MaxText > 0 && len(r.RData()) > b.MaxText {
			if _, err := b.Provider.CreateRecord(t.Context(), b.zone, r); !dns.Is(err, dns.Refused) {
				t.Errorf("a text that is too long: %v", err)
			}
			continue
		}
		all = append(all, b.create(t, r))
	}
	b.has(t, all...)
}

func twice(t *testing.T, b *bench) {
	first, second := b.create(t, b.record("api", dns.A, "192.0.2.1")), b.create(t, b.record("api", dns.A, "192.0.2.2"))
	if _, err := b.Provider.CreateRecord(t.Context(), b.zone, b.record("api", dns.A, "192.0.2.1")); !dns.Is(err, dns.Refused) {
		t.Errorf("the same again: %v", err)
	}
	if _, err := b.Provider.UpdateRecord(t.Context(), b.zone, second.ID, b.record("api", dns.A, "192.0.2.1")); !dns.Is(err, dns.Refused) {
		t.Errorf("changed to the same: %v", err)
	}
	b.has(t, first, second)
}

func missing(t *testing.T, b *bench) {
	r := b.create(t, b.record("api", dns.A, "192.0.2.1"))
	if err := b.Provider.DeleteRecord(t.Context(), b.zone, r.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.Provider.DeleteRecord(t.Context(), b.zone, r.ID); !dns.Is(err, dns.NoRecord) {
		t.Errorf("deleted twice: %v", err)
	}
	if _, err := b.Provider.UpdateRecord(t.Context(), b.zone, r.ID, b.record("api", dns.A, "192.0.2.2")); !dns.Is(err, dns.NoRecord) {
		t.Errorf("changed after it was deleted: %v", err)
	}
	b.has(t)
}

func sharedTTL(t *testing.T, b *bench) {
	first := b.create(t, b.record("api", dns.A, "192.0.2.1"))
	other := b.create(t, b.record("api", dns.AAAA, "2001:db8::1"))
	r := b.record("api", dns.A, "192.0.2.2")
	r.TTL = 120
	second := b.create(t, r)
	first.TTL = 120
	b.has(t, first, second, other)
	second.TTL = 600
	if _, err := b.Provider.UpdateRecord(t.Context(), b.zone, second.ID, second); err != nil {
		t.Fatal(err)
	}
	first.TTL = 600
	b.has(t, first, second, other)
}

func neighbours(t *testing.T, b *bench) {
	one, two, three := b.create(t, b.record("@", dns.TXT, "one")), b.create(t, b.record("@", dns.TXT, "two")), b.create(t, b.record("@", dns.TXT, "three"))
	mail := b.create(t, b.record("@", dns.MX, "mail.example.net"))
	after := two
	after.Value = "zwei"
	changed, err := b.Provider.UpdateRecord(t.Context(), b.zone, two.ID, after)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Provider.DeleteRecord(t.Context(), b.zone, three.ID); err != nil {
		t.Fatal(err)
	}
	b.has(t, one, changed, mail)
}

func renamed(t *testing.T, b *bench) {
	stays, goes := b.create(t, b.record("api", dns.A, "192.0.2.1")), b.create(t, b.record("api", dns.A, "192.0.2.2"))
	moved, err := b.Provider.UpdateRecord(t.Context(), b.zone, goes.ID, b.record("web", dns.A, "192.0.2.2"))
	if err != nil {
		t.Fatal(err)
	}
	b.has(t, stays, moved)
}

func atOnce(t *testing.T, b *bench) {
	const n = 12
	made, errs := make([]dns.Record, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			made[i], errs[i] = b.Provider.CreateRecord(t.Context(), b.zone, b.record("many", dns.A, fmt.Sprintf("192.0.2.%d", i+1)))
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Errorf("create: %v", err)
		}
	}
	b.has(t, made...)
}

func zones(t *testing.T, b *bench) {
	if b.AnyZone {
		return // each domain has its own
	}
	zone, err := b.Provider.ZoneID(t.Context(), "deep.shop."+b.Domain)
	if err != nil || zone != b.zone {
		t.Errorf("below the domain: %q, %v, want %q", zone, err, b.zone)
	}
	for _, name := range []string{"nobody-has-this.example", "x" + b.Domain} {
		if zone, err := b.Provider.ZoneID(t.Context(), name); !dns.Is(err, dns.NoZone) {
			t.Errorf("%s is in the zone %q: %v", name, zone, err)
		}
	}
}
