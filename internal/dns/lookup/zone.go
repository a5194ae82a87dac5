package lookup

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/dns"
)

// zone is what a name lies in, as the world finds it.
type zone struct {
	name    string
	servers []authority
	problem string // why nobody can find the zone, as a sentence
	warning string // what is wrong with how it is delegated, though it is found
}

type authority struct{ label, address string }

// zone finds the zone of a name: by its name servers as the resolvers know them, and
// as the zone above names them, which is where everybody begins.
func (c *Client) zone(ctx context.Context, name string) zone {
	for at := name; at != ""; _, at, _ = strings.Cut(at, ".") {
		m, err := c.ask(ctx, c.resolvers[0], at, wire.TypeNS, true)
		if err == nil {
			err = failed(m)
		}
		if err != nil {
			return zone{problem: "The name servers of " + at + " could not be looked up: " + reason(err) + "."}
		}
		if hosts := data(m, dns.NS); len(hosts) > 0 {
			return c.delegated(ctx, at, slices.Sorted(slices.Values(hosts)))
		}
	}
	return zone{problem: "No name servers are known for " + name + ": it may not be registered."}
}

// delegated compares the name servers of a zone with those that the zone above names.
func (c *Client) delegated(ctx context.Context, name string, own []string) zone {
	z := zone{name: name}
	above, hosts := c.above(ctx, name)
	if len(hosts) > 0 && !slices.Equal(hosts, own) {
		z.warning = fmt.Sprintf("%s is delegated to %s by %s, and its own name servers are %s: set those at the registrar.",
			name, strings.Join(hosts, ", "), above, strings.Join(own, ", "))
	}
	all := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(own), hosts...))))
	for _, host := range all {
		for _, address := range c.addresses(ctx, host) {
			z.servers = append(z.servers, authority{host, net.JoinHostPort(address, c.port)})
		}
	}
	if len(z.servers) == 0 {
		z.problem = "None of the name servers of " + name + " has an address: " + strings.Join(own, ", ") + "."
	}
	return z
}

// above asks the zone above for the name servers of a zone. It returns none where
// that cannot be asked, which says nothing of the zone.
func (c *Client) above(ctx context.Context, name string) (above string, hosts []string) {
	_, above, _ = strings.Cut(name, ".")
	if above == "" {
		return "", nil
	}
	m, err := c.ask(ctx, c.resolvers[0], above, wire.TypeNS, true)
	if err != nil || failed(m) != nil {
		return above, nil
	}
	for _, host := range slices.Sorted(slices.Values(data(m, dns.NS))) {
		for _, address := range c.addresses(ctx, host) {
			referral, err := c.ask(ctx, net.JoinHostPort(address, c.port), name, wire.TypeNS, false)
			if err != nil || failed(referral) != nil {
				continue
			}
			for _, rr := range append(referral.Answer, referral.Ns...) {
				if ns, ok := rr.(*wire.NS); ok && strings.EqualFold(ns.Hdr.Name, wire.Fqdn(name)) {
					hosts = append(hosts, strings.ToLower(strings.TrimSuffix(ns.Ns, ".")))
				}
			}
			return above, slices.Compact(slices.Sorted(slices.Values(hosts)))
		}
	}
	return above, nil
}

// addresses are where a host is: of IPv6 only where it has no other.
func (c *Client) addresses(ctx context.Context, host string) []string {
	for _, t := range []dns.Type{dns.A, dns.AAAA} {
		m, err := c.ask(ctx, c.resolvers[0], host, wire.StringToType[string(t)], true)
		if err != nil {
			continue
		}
		if found := data(m, t); len(found) > 0 {
			return found
		}
	}
	return nil
}

// explainAge says of name servers that do not have a record while others do that they
// are behind, and for how long that may be.
func (c *Client) explainAge(ctx context.Context, z zone, answers []dns.Answer) {
	mixed := false
	for i := range z.servers {
		mixed = mixed || answers[2*i].Seen != answers[0].Seen
	}
	if !mixed {
		return
	}
	serials := make([]*wire.SOA, len(z.servers))
	newest := uint32(0)
	for i, s := range z.servers {
		m, err := c.ask(ctx, s.address, z.name, wire.TypeSOA, false)
		if err != nil || len(m.Answer) == 0 {
			continue
		}
		if soa, ok := m.Answer[0].(*wire.SOA); ok {
			serials[i], newest = soa, max(newest, soa.Serial)
		}
	}
	for i, soa := range serials {
		for _, a := range []*dns.Answer{&answers[2*i], &answers[2*i+1]} {
			if soa != nil && !a.Seen && soa.Serial < newest && strings.HasPrefix(a.Cause, a.Resolver+" ") {
				a.Cause = fmt.Sprintf("%s still serves serial %d of the zone, and others have %d.", a.Resolver, soa.Serial, newest)
				a.Wait = time.Duration(soa.Refresh) * time.Second
			}
		}
	}
}

// elsewhere says of a name with an A record that its AAAA record, if it has one, leads
// visitors with IPv6 elsewhere.
func (c *Client) elsewhere(ctx context.Context, z zone, name string, t dns.Type) string {
	if t != dns.A || len(z.servers) == 0 {
		return ""
	}
	m, err := c.ask(ctx, z.servers[0].address, name, wire.TypeAAAA, false)
	if err != nil || failed(m) != nil || len(data(m, dns.AAAA)) == 0 {
		return ""
	}
	return fmt.Sprintf("The AAAA record of %s leads visitors with IPv6 to %s: delete it, unless the store answers there.", name, strings.Join(data(m, dns.AAAA), ", "))
}
