package lookup

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/dns"
)

// answering is a DNS server that says what the test wants.
type answering struct {
	address string
	say     atomic.Pointer[func(q *wire.Msg, tcp bool) *wire.Msg]
}

// listen finds a port that is free for UDP and TCP.
func listen(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	var config net.ListenConfig
	for range 100 {
		packets, err := config.ListenPacket(t.Context(), "udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		streams, err := config.Listen(t.Context(), "tcp", packets.LocalAddr().String())
		if err == nil {
			return packets, streams
		}
		_ = packets.Close()
	}
	t.Fatal("no port is free for both")
	return nil, nil
}

func serve(t *testing.T) *answering {
	t.Helper()
	packets, streams := listen(t)
	return serveOn(t, packets, streams)
}

func serveOn(t *testing.T, packets net.PacketConn, streams net.Listener) *answering {
	t.Helper()
	a := &answering{address: packets.LocalAddr().String()}
	for tcp, server := range map[bool]*wire.Server{false: {PacketConn: packets}, true: {Listener: streams}} {
		server.Handler = wire.HandlerFunc(func(w wire.ResponseWriter, q *wire.Msg) {
			if say := a.say.Load(); say != nil {
				if m := (*say)(q, tcp); m != nil {
					_ = w.WriteMsg(m)
				}
			}
		})
		ready := make(chan struct{})
		server.NotifyStartedFunc = func() { close(ready) }
		go func() { _ = server.ActivateAndServe() }()
		<-ready
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	return a
}

// records lets a server answer from a zone file, and with the SOA record of it
// where it has nothing.
func (a *answering) records(t *testing.T, lines ...string) {
	t.Helper()
	var all []wire.RR
	for _, line := range lines {
		rr, err := wire.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rr)
	}
	say := func(q *wire.Msg, _ bool) *wire.Msg {
		m := new(wire.Msg)
		m.SetReply(q)
		for _, rr := range all {
			h := rr.Header()
			switch {
			case strings.EqualFold(h.Name, q.Question[0].Name) && h.Rrtype == q.Question[0].Qtype:
				m.Answer = append(m.Answer, rr)
			case h.Rrtype == wire.TypeSOA:
				m.Ns = append(m.Ns, rr)
			}
		}
		return m
	}
	a.say.Store(&say)
}

// world is a resolver, and the only name server of shop.example.
func world(t *testing.T) (c *Client, resolver, authority *answering) {
	t.Helper()
	resolver, authority = serve(t), serve(t)
	c, err := New([]string{resolver.address})
	if err != nil {
		t.Fatal(err)
	}
	_, c.port, _ = net.SplitHostPort(authority.address)
	return c, resolver, authority
}

const (
	delegation = "shop.example. 300 IN NS ns1.shop.example."
	glue       = "ns1.shop.example. 300 IN A 127.0.0.1"
	soa        = "shop.example. 900 IN SOA ns1.shop.example. host.shop.example. 41 7200 3600 1209600 212"
	right      = "www.shop.example. 300 IN CNAME proxy.platform.app."
	other      = "www.shop.example. 120 IN CNAME elsewhere.example."
)

func TestVerifyPropagation_saysWhoSeesItAndWhyNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		resolver, authority []string
		done                bool
		cause               string
		wait                time.Duration
	}{
		"everybody sees it":                   {[]string{delegation, glue, right}, []string{right}, true, "", 0},
		"the name server does not have it":    {[]string{delegation, glue, right}, []string{soa}, false, "ns1.shop.example does not have the record.", 0},
		"the name server has another":         {[]string{delegation, glue, right}, []string{other}, false, "ns1.shop.example serves elsewhere.example.", 0},
		"a resolver remembers that it is not": {[]string{delegation, glue, soa}, []string{right}, false, "keeps in mind that there is no such record for 212 s more.", 212 * time.Second},
		"a resolver remembers another":        {[]string{delegation, glue, other}, []string{right}, false, "keeps elsewhere.example for 120 s more.", 120 * time.Second},
		"the domain is not registered":        {[]string{right}, []string{right}, false, "No name servers are known for www.shop.example", 0},
		"a name server without an address":    {[]string{delegation, right}, []string{right}, false, "None of the name servers of shop.example has an address", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, resolver, authority := world(t)
			resolver.records(t, c.resolver...)
			authority.records(t, c.authority...)
			saw, err := client.VerifyPropagation(t.Context(), "www.shop.example", dns.CNAME, "proxy.platform.app")
			if err != nil || saw.Done != c.done {
				t.Fatalf("saw %+v, %v", saw, err)
			}
			cause, wait := "", time.Duration(0)
			for _, a := range saw.Answers {
				cause, wait = cause+a.Cause, max(wait, a.Wait)
				if a.Seen != (a.Cause == "") {
					t.Errorf("%+v", a)
				}
			}
			if !strings.Contains(cause, c.cause) || (c.cause == "") != (cause == "") || wait != c.wait {
				t.Errorf("because %q, for %v", cause, wait)
			}
		})
	}
}

func TestVerifyPropagation_aServerThatFailsIsNotOneThatSaysNo(t *testing.T) {
	t.Parallel()
	client, resolver, authority := world(t)
	resolver.records(t, delegation, glue, right)
	refuse := func(q *wire.Msg, _ bool) *wire.Msg { return new(wire.Msg).SetRcode(q, wire.RcodeRefused) }
	authority.say.Store(&refuse)
	saw, err := client.VerifyPropagation(t.Context(), "www.shop.example", dns.CNAME, "proxy.platform.app")
	if err != nil || saw.Done || !strings.Contains(saw.Answers[0].Cause, "could not be asked: it answers REFUSED") {
		t.Errorf("saw %+v, %v", saw, err)
	}
}

func TestText_readsLongAnswersOverTCP(t *testing.T) {
	t.Parallel()
	client, resolver, _ := world(t)
	var asked atomic.Int64
	say := func(q *wire.Msg, tcp bool) *wire.Msg {
		m := new(wire.Msg)
		m.SetReply(q)
		if !tcp {
			m.Truncated = true
			return m
		}
		asked.Add(1)
		m.Answer = append(m.Answer, &wire.TXT{Hdr: wire.RR_Header{Name: q.Question[0].Name, Rrtype: wire.TypeTXT, Class: wire.ClassINET}, Txt: []string{"vitrine-", "token"}})
		return m
	}
	resolver.say.Store(&say)
	found, err := client.Text(t.Context(), "_vitrine-challenge.shop.example")
	if err != nil || len(found) != 1 || found[0] != "vitrine-token" || asked.Load() != 1 {
		t.Errorf("found %q, %v", found, err)
	}
}

func TestText_asksTheNextResolverWhenOneIsAway(t *testing.T) {
	t.Parallel()
	first, second := serve(t), serve(t)
	c, err := New([]string{first.address, second.address})
	if err != nil {
		t.Fatal(err)
	}
	second.records(t, `_vitrine-challenge.shop.example. 60 IN TXT "token"`)
	fail := func(q *wire.Msg, _ bool) *wire.Msg { return new(wire.Msg).SetRcode(q, wire.RcodeServerFailure) }
	first.say.Store(&fail)
	if found, err := c.Text(t.Context(), "_vitrine-challenge.shop.example"); err != nil || len(found) != 1 || found[0] != "token" {
		t.Errorf("found %q, %v", found, err)
	}
	second.say.Store(&fail)
	if found, err := c.Text(t.Context(), "_vitrine-challenge.shop.example"); err == nil {
		t.Errorf("nobody answered, and it found %q", found)
	}
}

func TestNew_takesAddressesAlone(t *testing.T) {
	t.Parallel()
	for _, bad := range [][]string{nil, {"dns.example"}, {""}, {"192.0.2.1", "x"}} {
		if _, err := New(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	c, err := New([]string{"192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53"})
	if err != nil || strings.Join(c.resolvers, " ") != "192.0.2.1:53 192.0.2.1:5353 [2001:db8::1]:53 [2001:db8::1]:53" {
		t.Errorf("%v, %v", c, err)
	}
}
