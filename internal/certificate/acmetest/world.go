package acmetest

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	wire "github.com/miekg/dns"

	"vitrine/internal/dns"
	"vitrine/internal/dns/lookup"
)

// World is DNS as it would be if all names led to this machine: the resolver, and the
// only name server. It is a dns.Backend too, whose records are seen at once.
type World struct {
	Address string // of the resolver, over UDP and TCP
	Client  *lookup.Client

	mu      sync.Mutex
	records map[string][]wire.RR // by name and type
	hosted  []string             // the zones that the backend has
	sets    map[string]dns.Set
	servers map[string]string // of zones that others serve
}

// NewWorld starts a World in which every name has the address 127.0.0.1 unless it is
// told otherwise.
func NewWorld(t testing.TB, zones ...string) *World {
	t.Helper()
	w := &World{records: map[string][]wire.RR{}, hosted: zones, sets: map[string]dns.Set{}, servers: map[string]string{}}
	packets, streams := listen(t)
	w.Address = packets.LocalAddr().String()
	for _, server := range []*wire.Server{{PacketConn: packets}, {Listener: streams}} {
		server.Handler = wire.HandlerFunc(w.answer)
		ready := make(chan struct{})
		server.NotifyStartedFunc = func() { close(ready) }
		go func() { _ = server.ActivateAndServe() }()
		<-ready
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	client, err := lookup.New([]string{w.Address})
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(w.Address)
	w.Client = client.AtPort(port)
	return w
}

// listen finds a port that is free for UDP and TCP.
func listen(t testing.TB) (net.PacketConn, net.Listener) {
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

// Say has the world say of a name and type what the lines say, instead of what it says
// otherwise. No line is no record.
func (w *World) Say(t testing.TB, name, kind string, lines ...string) {
	t.Helper()
	all := []wire.RR{}
	for _, line := range lines {
		rr, err := wire.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rr)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.records[key(name, kind)] = all
}

func key(name, kind string) string {
	return strings.ToLower(strings.TrimSuffix(name, ".")) + " " + kind
}

// Delegate has a zone served by the name server at an address, but for what the world
// is told to say.
func (w *World) Delegate(zone, server string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.servers[zone] = server
}

func (w *World) answer(out wire.ResponseWriter, q *wire.Msg) {
	name, kind := q.Question[0].Name, wire.TypeToString[q.Question[0].Qtype]
	if server := w.server(name, kind); server != "" {
		if m, err := wire.Exchange(q, server); err == nil {
			if alias, is := last(m.Answer).(*wire.CNAME); is && kind == "A" { // as resolvers do
				m.Answer = append(m.Answer, w.say(alias.Target, kind)...)
			}
			_ = out.WriteMsg(m)
		}
		return
	}
	m := new(wire.Msg)
	m.SetReply(q)
	m.Answer = w.say(name, kind)
	_ = out.WriteMsg(m)
}

func last(all []wire.RR) wire.RR {
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// server is who else serves a name, or "".
func (w *World) server(name, kind string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, told := w.records[key(name, kind)]; told {
		return ""
	}
	for zone, server := range w.servers {
		if dns.Within(strings.ToLower(strings.TrimSuffix(name, ".")), zone) {
			return server
		}
	}
	return ""
}

func (w *World) say(name, kind string) []wire.RR {
	w.mu.Lock()
	defer w.mu.Unlock()
	if told, ok := w.records[key(name, kind)]; ok {
		return told
	}
	lines := []string{}
	switch kind {
	case "A":
		lines = append(lines, name+" 60 IN A 127.0.0.1")
	case "NS":
		if slices.Contains(w.hosted, strings.TrimSuffix(name, ".")) {
			lines = append(lines, name+" 60 IN NS ns.world.test.")
		}
	default:
		set := w.sets[key(name, kind)]
		for _, data := range set.RData {
			lines = append(lines, name+" 60 IN "+kind+" "+data)
		}
	}
	var all []wire.RR
	for _, line := range lines {
		if rr, err := wire.NewRR(line); err == nil {
			all = append(all, rr)
		}
	}
	return all
}

// Sets implements dns.Backend.
func (w *World) Sets(_ context.Context, zone string) ([]dns.Set, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []dns.Set
	for _, s := range w.sets {
		if dns.Within(s.Name, zone) {
			all = append(all, s)
		}
	}
	return all, nil
}

// Set implements dns.Backend.
func (w *World) Set(_ context.Context, _, name string, t dns.Type) (dns.Set, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s, ok := w.sets[key(name, string(t))]; ok {
		return s, nil
	}
	return dns.Set{Name: name, Type: t}, nil
}

// Replace implements dns.Backend.
func (w *World) Replace(_ context.Context, _ string, _, after dns.Set) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sets[key(after.Name, string(after.Type))] = after
	return nil
}

// ZoneID implements dns.Backend.
func (w *World) ZoneID(_ context.Context, domain string) (string, error) {
	for _, zone := range w.hosted {
		if dns.Within(domain, zone) {
			return zone, nil
		}
	}
	return "", dns.Errorf(dns.NoZone, "there is no zone for %s", domain)
}

// VerifyPropagation implements dns.Verifier.
func (w *World) VerifyPropagation(ctx context.Context, name string, t dns.Type, value string) (dns.Propagation, error) {
	return w.Client.VerifyPropagation(ctx, name, t, value)
}
