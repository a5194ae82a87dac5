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
	return c.send(ctx, server, question(name, kind, recurse), "udp", "tcp")
}

func question(name string, kind uint16, recurse bool) *wire.Msg {
	q := new(wire.Msg)
	q.SetQuestion(wire.Fqdn(name), kind)
	q.RecursionDesired = recurse
	q.SetEdns0(1232, false)
	return q
}

// send sends a question over the first network whose answer is whole.
func (c *Client) send(ctx context.Context, server string, q *wire.Msg, networks ...string) (*wire.Msg, error) {
	for _, network := range networks {
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

// server is one to be asked for a record.
type server struct {
	label, address string
	recurse        bool
	network        string // "" is UDP, and TCP where the answer does not fit
}

// VerifyPropagation implements that of dns.Provider. Each name server of the zone is
// asked over UDP and over TCP; one that cannot be asked over TCP alone does not keep
// the record from being seen.
func (c *Client) VerifyPropagation(ctx context.Context, name string, t dns.Type, value string) (dns.Propagation, error) {
	return c.verify(ctx, name, t, value, c.resolvers)
}

// VerifyServed is the same of the zone's own name servers alone: no resolver hears of
// the name before they have it.
func (c *Client) VerifyServed(ctx context.Context, name string, t dns.Type, value string) (dns.Propagation, error) {
	return c.verify(ctx, name, t, value, nil)
}

func (c *Client) verify(ctx context.Context, name string, t dns.Type, value string, resolvers []string) (dns.Propagation, error) {
	z := c.zone(ctx, name)
	var servers []server
	for _, a := range z.servers {
		servers = append(servers, server{a.label, a.address, false, ""}, server{a.label + " over TCP", a.address, false, "tcp"})
	}
	for _, r := range resolvers {
		servers = append(servers, server{r, r, true, ""})
	}
	answers, unasked := make([]dns.Answer, len(servers)), make([]bool, len(servers))
	var asking sync.WaitGroup
	for i, s := range servers {
		asking.Go(func() { answers[i], unasked[i] = c.see(ctx, s, name, t, value) })
	}
	asking.Wait()
	c.explainAge(ctx, z, answers)
	done := z.problem == ""
	for i, a := range answers {
		done = done && (a.Seen || unasked[i] && servers[i].network == "tcp")
	}
	if z.problem != "" {
		answers = slices.Insert(answers, 0, said("the name servers of the domain", z.problem))
	}
	if z.warning != "" {
		answers = append(answers, said("the zone above", z.warning))
	}
	if hint := c.elsewhere(ctx, z, name, t); hint != "" {
		answers = append(answers, said("IPv6", hint))
	}
	return dns.Propagation{Done: done, Answers: answers}, nil
}

// said is something that is not the answer of one server.
func said(about, cause string) dns.Answer {
	return dns.Answer{Resolver: about, Observed: []string{}, Cause: cause}
}

// see asks one server for a record. unasked tells that it could not be asked, which
// says nothing of the record.
func (c *Client) see(ctx context.Context, s server, name string, t dns.Type, value string) (a dns.Answer, unasked bool) {
	a = dns.Answer{Resolver: s.label, Observed: []string{}}
	q := question(name, wire.StringToType[string(t)], s.recurse)
	networks := []string{"udp", "tcp"}
	if s.network != "" {
		networks = []string{s.network}
	}
	m, err := c.send(ctx, s.address, q, networks...)
	if err == nil {
		err = failed(m)
	}
	if err != nil {
		a.Cause = s.label + " could not be asked: " + reason(err) + "."
		if m != nil && m.Rcode == wire.RcodeServerFailure && s.recurse && c.unsigned(ctx, s.address, q) {
			a.Cause = s.label + " refuses the domain, since its DNSSEC is broken: the DS record at the registrar does not fit the zone's keys."
		}
		return a, true
	}
	a.Observed = data(m, t)
	if a.Seen = dns.Seen(a.Observed, value); a.Seen {
		return a, false
	}
	a.Wait = kept(m, t)
	switch until := fmt.Sprintf(" for %d s more", int(a.Wait.Seconds())); {
	case !s.recurse && len(a.Observed) == 0:
		a.Cause, a.Wait = s.label+" does not have the record.", 0
	case !s.recurse:
		a.Cause, a.Wait = s.label+" serves "+strings.Join(a.Observed, ", ")+".", 0
	case len(a.Observed) == 0:
		a.Cause = s.label + " keeps in mind that there is no such record" + until + "."
	default:
		a.Cause = s.label + " keeps " + strings.Join(a.Observed, ", ") + until + "."
	}
	return a, false
}

// unsigned tells whether a resolver answers once it is told not to check signatures.
func (c *Client) unsigned(ctx context.Context, address string, q *wire.Msg) bool {
	unchecked := q.Copy()
	unchecked.Id, unchecked.CheckingDisabled = wire.Id(), true
	m, err := c.send(ctx, address, unchecked, "udp", "tcp")
	return err == nil && failed(m) == nil
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
