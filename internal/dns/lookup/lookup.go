// Package lookup asks DNS itself: what the world sees of a record, and why. It asks
// each name server of the zone, and the resolvers that the settings name.
package lookup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/dns"
)

// Client asks DNS servers. It is safe for concurrent use.
type Client struct {
	resolvers []string // host:port
	timeout   time.Duration
	port      string // of the zones' own name servers; 53 but in tests
}

// New returns a Client for resolvers, which are addresses with or without a port.
func New(resolvers []string) (*Client, error) {
	c := &Client{timeout: 3 * time.Second, port: "53"}
	for _, r := range resolvers {
		host, port, err := net.SplitHostPort(r)
		if err != nil {
			host, port = strings.Trim(r, "[]"), "53"
		}
		if net.ParseIP(host) == nil {
			return nil, fmt.Errorf("%q is not the address of a resolver", r)
		}
		c.resolvers = append(c.resolvers, net.JoinHostPort(host, port))
	}
	if len(c.resolvers) == 0 {
		return nil, errors.New("there are no resolvers to ask")
	}
	return c, nil
}

// ask sends a question over UDP, and over TCP where the answer does not fit.
func (c *Client) ask(ctx context.Context, server, name string, kind uint16, recurse bool) (*wire.Msg, error) {
	q := new(wire.Msg)
	q.SetQuestion(wire.Fqdn(name), kind)
	q.RecursionDesired = recurse
	q.SetEdns0(1232, false)
	for _, network := range []string{"udp", "tcp"} {
		client := &wire.Client{Net: network, Timeout: c.timeout}
		answer, _, err := client.ExchangeContext(ctx, q, server)
		if err != nil {
			return nil, fmt.Errorf("ask %s over %s: %w", server, network, err)
		}
		if !answer.Truncated {
			return answer, nil
		}
	}
	return nil, fmt.Errorf("ask %s: the answer is cut short over TCP too", server)
}

// failed tells whether a server could not answer, as against having nothing to say.
func failed(m *wire.Msg) error {
	if m.Rcode == wire.RcodeSuccess || m.Rcode == wire.RcodeNameError {
		return nil
	}
	return fmt.Errorf("it answers %s", wire.RcodeToString[m.Rcode])
}

// Text returns the texts of a name's TXT records, from the first resolver that
// answers. A name without any has none; an error means that nobody could be asked.
func (c *Client) Text(ctx context.Context, name string) ([]string, error) {
	var errs []error
	for _, server := range c.resolvers {
		m, err := c.ask(ctx, server, name, wire.TypeTXT, true)
		if err == nil {
			err = failed(m)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		return data(m, dns.TXT), nil
	}
	return nil, errors.Join(errs...)
}

// data returns what an answer says of a type, as dns.Record.Data writes it.
func data(m *wire.Msg, t dns.Type) []string {
	all := []string{}
	for _, rr := range m.Answer {
		if wire.TypeToString[rr.Header().Rrtype] != string(t) {
			continue
		}
		rdata := strings.TrimPrefix(rr.String(), rr.Header().String())
		if r, ok := dns.ParseRData("", t, 0, rdata); ok {
			all = append(all, r.Data())
		}
	}
	return all
}

// VerifyPropagation implements that of dns.Provider.
func (c *Client) VerifyPropagation(ctx context.Context, name string, t dns.Type, value string) (dns.Propagation, error) {
	return c.verify(ctx, name, t, value, c.resolvers)
}

// VerifyServed is the same of the zone's own name servers alone: no resolver hears of
// the name before they have it.
func (c *Client) VerifyServed(ctx context.Context, name string, t dns.Type, value string) (dns.Propagation, error) {
	return c.verify(ctx, name, t, value, nil)
}

func (c *Client) verify(ctx context.Context, name string, t dns.Type, value string, resolvers []string) (dns.Propagation, error) {
	type server struct {
		label, address string
		recurse        bool
	}
	var servers []server
	authorities, problem := c.authorities(ctx, name)
	for _, a := range authorities {
		servers = append(servers, server{a.label, a.address, false})
	}
	for _, r := range resolvers {
		servers = append(servers, server{r, r, true})
	}
	answers := make([]dns.Answer, len(servers))
	var asking sync.WaitGroup
	for i, s := range servers {
		asking.Go(func() { answers[i] = c.see(ctx, s.label, s.address, s.recurse, name, t, value) })
	}
	asking.Wait()
	if problem != "" {
		answers = append([]dns.Answer{{Resolver: "the name servers of the domain", Observed: []string{}, Cause: problem}}, answers...)
	}
	done := !slices.ContainsFunc(answers, func(a dns.Answer) bool { return !a.Seen })
	return dns.Propagation{Done: done, Answers: answers}, nil
}

// see asks one server for a record.
func (c *Client) see(ctx context.Context, label, address string, recurse bool, name string, t dns.Type, value string) dns.Answer {
	a := dns.Answer{Resolver: label, Observed: []string{}}
	m, err := c.ask(ctx, address, name, wire.StringToType[string(t)], recurse)
	if err == nil {
		err = failed(m)
	}
	if err != nil {
		a.Cause = label + " could not be asked: " + reason(err) + "."
		return a
	}
	a.Observed = data(m, t)
	if a.Seen = dns.Seen(a.Observed, value); a.Seen {
		return a
	}
	a.Wait = kept(m, t)
	switch until := fmt.Sprintf(" for %d s more", int(a.Wait.Seconds())); {
	case !recurse && len(a.Observed) == 0:
		a.Cause, a.Wait = label+" does not have the record.", 0
	case !recurse:
		a.Cause, a.Wait = label+" serves "+strings.Join(a.Observed, ", ")+".", 0
	case len(a.Observed) == 0:
		a.Cause = label + " keeps in mind that there is no such record" + until + "."
	default:
		a.Cause = label + " keeps " + strings.Join(a.Observed, ", ") + until + "."
	}
	return a
}

// reason says an error in few words.
func reason(err error) string {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return "it does not answer"
	}
	return cmp.Or(errors.Unwrap(err), err).Error()
}

// kept is how long a resolver keeps an answer: the TTL of what it has, or of the SOA
// record by which it knows that there is nothing (RFC 2308, section 5).
func kept(m *wire.Msg, t dns.Type) time.Duration {
	longest := uint32(0)
	for _, rr := range m.Answer {
		if wire.TypeToString[rr.Header().Rrtype] == string(t) {
			longest = max(longest, rr.Header().Ttl)
		}
	}
	for _, rr := range m.Ns {
		if soa, ok := rr.(*wire.SOA); ok && longest == 0 {
			longest = min(soa.Hdr.Ttl, soa.Minttl)
		}
	}
	return time.Duration(longest) * time.Second
}

type authority struct{ label, address string }

// authorities returns the addresses of the name servers of the zone that a name is
// in, as the resolvers know them, or a sentence about why there are none.
func (c *Client) authorities(ctx context.Context, name string) ([]authority, string) {
	for zone := name; zone != ""; _, zone, _ = strings.Cut(zone, ".") {
		m, err := c.ask(ctx, c.resolvers[0], zone, wire.TypeNS, true)
		if err == nil {
			err = failed(m)
		}
		if err != nil {
			return nil, "The name servers of " + zone + " could not be looked up: " + reason(err) + "."
		}
		if hosts := data(m, dns.NS); len(hosts) > 0 {
			return c.addresses(ctx, zone, hosts)
		}
	}
	return nil, "No name servers are known for " + name + ": it may not be registered."
}

func (c *Client) addresses(ctx context.Context, zone string, hosts []string) ([]authority, string) {
	var all []authority
	for _, host := range slices.Sorted(slices.Values(hosts)) {
		m, err := c.ask(ctx, c.resolvers[0], host, wire.TypeA, true)
		if err != nil {
			continue
		}
		for _, address := range data(m, dns.A) {
			all = append(all, authority{host, net.JoinHostPort(address, c.port)})
		}
	}
	if len(all) == 0 {
		return nil, "None of the name servers of " + zone + " has an address: " + strings.Join(hosts, ", ") + "."
	}
	return all, ""
}
