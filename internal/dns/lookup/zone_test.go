package lookup

import (
	"net"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/dns"
)

// causes are what is said of a CNAME at www.shop.example.
func causes(t *testing.T, c *Client, kind dns.Type, name, value string) (done bool, all string, wait time.Duration) {
	t.Helper()
	saw, err := c.VerifyPropagation(t.Context(), name, kind, value)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range saw.Answers {
		all, wait = all+a.Cause+"\n", max(wait, a.Wait)
	}
	return saw.Done, all, wait
}

func TestVerifyPropagation_asksOverTCPToo(t *testing.T) {
	t.Parallel()
	client, resolver, authority := world(t)
	resolver.records(t, delegation, glue, right)
	authority.records(t, right)
	good := *authority.say.Load()
	old := func(q *wire.Msg, tcp bool) *wire.Msg {
		if !tcp {
			return good(q, tcp)
		}
		return new(wire.Msg).SetReply(q) // as if a stale process had the port
	}
	authority.say.Store(&old)
	if done, said, _ := causes(t, client, dns.CNAME, "www.shop.example", "proxy.platform.app"); done || !strings.Contains(said, "ns1.shop.example over TCP does not have the record.") {
		t.Errorf("%v: %s", done, said)
	}
	refused := func(q *wire.Msg, tcp bool) *wire.Msg {
		if !tcp {
			return good(q, tcp)
		}
		return new(wire.Msg).SetRcode(q, wire.RcodeRefused)
	}
	authority.say.Store(&refused)
	if done, said, _ := causes(t, client, dns.CNAME, "www.shop.example", "proxy.platform.app"); !done || !strings.Contains(said, "over TCP could not be asked") {
		t.Errorf("%v: %s", done, said)
	}
}

func TestVerifyPropagation_saysWhichNameServerIsBehind(t *testing.T) {
	t.Parallel()
	client, resolver, authority := world(t)
	second := net.JoinHostPort("127.0.0.2", client.port)
	packets, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", second)
	if err != nil {
		t.Skip("this machine has one loopback address")
	}
	streams, err := new(net.ListenConfig).Listen(t.Context(), "tcp", second)
	if err != nil {
		t.Fatal(err)
	}
	behind := serveOn(t, packets, streams)
	resolver.records(t, delegation, "shop.example. 300 IN NS ns2.shop.example.", glue, "ns2.shop.example. 300 IN A 127.0.0.2", right)
	authority.records(t, "shop.example. 900 IN SOA ns1.shop.example. host.shop.example. 42 7200 3600 1209600 212", right)
	behind.records(t, soa)
	done, said, wait := causes(t, client, dns.CNAME, "www.shop.example", "proxy.platform.app")
	if done || !strings.Contains(said, "ns2.shop.example still serves serial 41 of the zone, and others have 42.") || wait != 2*time.Hour {
		t.Errorf("%v, %s: %s", done, wait, said)
	}
}

func TestVerifyPropagation_saysThatTheZoneAboveNamesOthers(t *testing.T) {
	t.Parallel()
	client, resolver, authority := world(t)
	resolver.records(t, delegation, glue, right, "example. 300 IN NS a.nic.example.", "a.nic.example. 300 IN A 127.0.0.1", "ns9.old.example. 300 IN A 127.0.0.1")
	authority.records(t, "shop.example. 300 IN NS ns9.old.example.", right)
	done, said, _ := causes(t, client, dns.CNAME, "www.shop.example", "proxy.platform.app")
	if !done || !strings.Contains(said, "shop.example is delegated to ns9.old.example by example, and its own name servers are ns1.shop.example") {
		t.Errorf("%v: %s", done, said)
	}
}

func TestVerifyPropagation_saysThatIPv6LeadsElsewhere(t *testing.T) {
	t.Parallel()
	client, resolver, authority := world(t)
	address := "shop.example. 300 IN A 192.0.2.1"
	resolver.records(t, delegation, glue, address)
	authority.records(t, address, "shop.example. 300 IN AAAA 2001:db8::9")
	done, said, _ := causes(t, client, dns.A, "shop.example", "192.0.2.1")
	if !done || !strings.Contains(said, "leads visitors with IPv6 to 2001:db8::9") {
		t.Errorf("%v: %s", done, said)
	}
}

func TestVerifyPropagation_saysThatDNSSECIsBroken(t *testing.T) {
	t.Parallel()
	client, resolver, authority := world(t)
	resolver.records(t, delegation, glue, right)
	authority.records(t, right)
	good := *resolver.say.Load()
	validating := func(q *wire.Msg, tcp bool) *wire.Msg {
		if q.Question[0].Qtype == wire.TypeCNAME && !q.CheckingDisabled {
			return new(wire.Msg).SetRcode(q, wire.RcodeServerFailure)
		}
		return good(q, tcp)
	}
	resolver.say.Store(&validating)
	if done, said, _ := causes(t, client, dns.CNAME, "www.shop.example", "proxy.platform.app"); done || !strings.Contains(said, "its DNSSEC is broken") {
		t.Errorf("%v: %s", done, said)
	}
}

func TestVerifyPropagation_asksNameServersThatHaveIPv6Alone(t *testing.T) {
	t.Parallel()
	client, resolver, _ := world(t)
	resolver.records(t, delegation, "ns1.shop.example. 300 IN AAAA ::1", right)
	if _, said, _ := causes(t, client, dns.CNAME, "www.shop.example", "proxy.platform.app"); strings.Contains(said, "has an address") {
		t.Errorf("it says %s", said)
	}
}
