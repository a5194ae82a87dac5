package builtin_test

import (
	"fmt"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/nameserver"
)

var servers = []string{"ns1.platform.example", "ns2.platform.example"}

// follow returns a name server that answers for the zones in a database.
func follow(t *testing.T, d *db.DB) *nameserver.Server {
	t.Helper()
	s := nameserver.New(nameserver.Options{Clock: clock.System{}})
	f := builtin.NewFollower(d, s, servers, nil)
	if err := f.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.Run(t.Context()) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

func ask(t *testing.T, s *nameserver.Server, name string, kind uint16) *wire.Msg {
	t.Helper()
	q := new(wire.Msg)
	q.SetQuestion(name, kind)
	raw, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m := new(wire.Msg)
	if err := m.Unpack(s.Answer(raw, false)); err != nil {
		t.Fatal(err)
	}
	return m
}

func create(t *testing.T, p dns.Provider, zone string, r dns.Record) dns.Record {
	t.Helper()
	made, err := p.CreateRecord(t.Context(), zone, r)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestBuiltin_conforms(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := 0
		dnstest.Run(t, func(*testing.T) dnstest.Subject {
			n++
			return dnstest.Subject{Provider: builtin.New(d, nil), Domain: fmt.Sprintf("shop%d.example", n), AnyZone: true}
		})
	})
}

// eventually waits for what another process does within a second, unless the machine is
// busy.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for began := time.Now(); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("it never happens: %s", what)
		}
	}
}

// What this process changes is served when the call returns, and what another one
// changes soon after.
func TestFollower_servesWhatIsKept(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d, other := dbtest.Open(t, address, clock.System{}), dbtest.Open(t, address, clock.System{})
		p := builtin.New(d, nil)
		here, there := follow(t, d), follow(t, other)
		zone, err := p.ZoneID(t.Context(), "shop.example")
		if err != nil {
			t.Fatal(err)
		}
		if m := ask(t, here, "shop.example.", wire.TypeNS); len(m.Answer) != 2 || m.Answer[0].(*wire.NS).Ns != "ns1.platform.example." {
			t.Errorf("the name servers: %v", m)
		}
		serial := here.Zone("shop.example").Serial()
		made := create(t, p, zone, dns.Record{Name: "www.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300})
		if m := ask(t, here, "www.shop.example.", wire.TypeA); len(m.Answer) != 1 {
			t.Errorf("a record just made: %v", m)
		}
		if now := here.Zone("shop.example").Serial(); now != serial+1 && now <= serial {
			t.Errorf("the serial goes from %d to %d", serial, now)
		}
		eventually(t, "another process serves it", func() bool {
			return ask(t, there, "www.shop.example.", wire.TypeA).Rcode == wire.RcodeSuccess
		})
		if err := p.DeleteRecord(t.Context(), zone, made.ID); err != nil {
			t.Fatal(err)
		}
		if m := ask(t, here, "www.shop.example.", wire.TypeA); m.Rcode != wire.RcodeNameError {
			t.Errorf("a record just deleted: %v", m)
		}
	})
}

func TestBuiltin_refusesWhatAZoneCannotHold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := builtin.New(d, nil)
		zone, err := p.ZoneID(t.Context(), "shop.example")
		if err != nil {
			t.Fatal(err)
		}
		create(t, p, zone, dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300})
		create(t, p, zone, dns.Record{Name: "c.shop.example", Type: dns.CNAME, Value: "x.example", TTL: 300})
		for _, r := range []dns.Record{
			{Name: "a.shop.example", Type: dns.CNAME, Value: "x.example"},
			{Name: "c.shop.example", Type: dns.A, Value: "192.0.2.1"},
			{Name: "c.shop.example", Type: dns.CNAME, Value: "y.example"},
			{Name: "shop.example", Type: dns.CNAME, Value: "x.example"},
			{Name: "a.other.example", Type: dns.A, Value: "192.0.2.1"},
			{Name: "b.shop.example", Type: dns.A, Value: "2001:db8::1"},
		} {
			r.TTL = 300
			if _, err := p.CreateRecord(t.Context(), zone, r); !dns.Is(err, dns.Refused) {
				t.Errorf("%v: %v", r, err)
			}
		}
		r := dns.Record{Name: "a.none.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
		if _, err := p.CreateRecord(t.Context(), "none.example", r); !dns.Is(err, dns.NoZone) {
			t.Errorf("a zone that is not there: %v", err)
		}
	})
}

// What goes with a domain is not answered for any more, here and in other processes,
// until it is made again.
func TestDropZone_takesAnEmptyZoneAway(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d, other := dbtest.Open(t, address, clock.System{}), dbtest.Open(t, address, clock.System{})
		p := builtin.New(d, nil)
		here, there := follow(t, d), follow(t, other)
		zone, err := p.ZoneID(t.Context(), "shop.example")
		if err != nil {
			t.Fatal(err)
		}
		record := dns.Record{Name: "www.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
		made := create(t, p, zone, record)
		drop := func(want int) {
			t.Helper()
			if err := p.DropZone(t.Context(), zone); err != nil {
				t.Fatal(err)
			}
			if m := ask(t, here, "shop.example.", wire.TypeSOA); m.Rcode != want {
				t.Errorf("it answers %s", wire.RcodeToString[m.Rcode])
			}
		}
		drop(wire.RcodeSuccess) // it has a record
		serial := here.Zone("shop.example").Serial()
		if err := p.DeleteRecord(t.Context(), zone, made.ID); err != nil {
			t.Fatal(err)
		}
		drop(wire.RcodeRefused)
		drop(wire.RcodeRefused)
		eventually(t, "another process answers for it no longer", func() bool { return there.Zone("shop.example") == nil })
		create(t, p, zone, record)
		if m := ask(t, here, "www.shop.example.", wire.TypeA); len(m.Answer) != 1 || here.Zone("shop.example").Serial() <= serial {
			t.Errorf("made again: %v", m)
		}
	})
}
