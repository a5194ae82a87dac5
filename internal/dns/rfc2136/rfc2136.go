// Package rfc2136 keeps records at any name server that takes dynamic updates
// (RFC 2136) signed with a shared key (RFC 8945): Knot, BIND and others. It reads
// zones by transfer, since answers to questions also tell of wildcards and aliases.
package rfc2136

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/dns"
)

// Settings are a server and the key that it knows us by.
type Settings struct {
	Server    string // host:port, or a host on port 53
	Key       string // its name
	Secret    string // in base64
	Algorithm string // such as hmac-sha256
}

const (
	timeout = 15 * time.Second
	fudge   = 300 // seconds that the clocks may be apart
)

// backend implements dns.Backend. The id of a zone is its name.
type backend struct {
	dns.Verifier
	server    string
	key       string
	algorithm string
	secrets   map[string]string
	clock     clock.Clock
}

var algorithms = map[string]string{
	"hmac-sha1": wire.HmacSHA1, "hmac-sha224": wire.HmacSHA224, "hmac-sha256": wire.HmacSHA256, "hmac-sha384": wire.HmacSHA384, "hmac-sha512": wire.HmacSHA512,
}

// New returns a provider.
func New(s Settings, v dns.Verifier, c clock.Clock) (dns.Provider, error) {
	b := &backend{Verifier: v, clock: c, server: s.Server, key: wire.CanonicalName(s.Key), algorithm: algorithms[strings.ToLower(s.Algorithm)]}
	if _, _, err := net.SplitHostPort(b.server); err != nil {
		b.server = net.JoinHostPort(strings.Trim(b.server, "[]"), "53")
	}
	if secret, err := base64.StdEncoding.DecodeString(s.Secret); err != nil || len(secret) == 0 {
		return nil, errors.New("the secret of the key must be in base64")
	}
	if b.algorithm == "" {
		return nil, fmt.Errorf("the algorithm of the key must be hmac-sha1, -sha224, -sha256, -sha384 or -sha512, not %q", s.Algorithm)
	}
	b.secrets = map[string]string{b.key: s.Secret}
	return dns.NewOfSets(b), nil
}

// ask sends a signed message over TCP, by which nothing is sent twice.
func (b *backend) ask(ctx context.Context, m *wire.Msg) (*wire.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	m.SetTsig(b.key, b.algorithm, fudge, b.clock.Now().Unix())
	client := &wire.Client{Net: "tcp", Timeout: timeout, TsigSecret: b.secrets}
	answer, _, err := client.ExchangeContext(ctx, m, b.server)
	switch {
	case answer != nil && answer.Rcode != wire.RcodeSuccess:
		return answer, refusal(answer)
	case err != nil:
		return nil, unanswered(err)
	case answer.IsTsig() == nil:
		return nil, dns.Errorf(dns.Unanswered, "the name server does not sign its answer")
	}
	return answer, nil
}

func unanswered(err error) error {
	return dns.Errorf(dns.Unanswered, "the name server does not answer: %w", err)
}

// refusal is an answer that is an error.
func refusal(m *wire.Msg) error {
	code := wire.RcodeToString[m.Rcode]
	signature := m.IsTsig()
	switch {
	case signature != nil && signature.Error != wire.RcodeSuccess:
		return dns.Errorf(dns.Refused, "the name server does not take the key: %s", cmp.Or(wire.RcodeToString[int(signature.Error)], code))
	case m.Rcode == wire.RcodeServerFailure:
		return dns.Errorf(dns.Unanswered, "the name server answers %s", code)
	case m.Rcode == wire.RcodeNotAuth:
		return dns.Errorf(dns.NoZone, "the name server does not have the zone: %s", code)
	case slices.Contains([]int{wire.RcodeNXRrset, wire.RcodeYXRrset, wire.RcodeYXDomain}, m.Rcode):
		return dns.Errorf(dns.Refused, "the name server has other records of this name than before: %s", code)
	}
	return dns.Errorf(dns.Refused, "the name server answers %s", code)
}

// ZoneID implements dns.Backend: it asks for the zones of the domain and of what it
// lies in, the longest first.
func (b *backend) ZoneID(ctx context.Context, domain string) (string, error) {
	for _, name := range dns.Enclosing(domain) {
		has, err := b.hasZone(ctx, name)
		if err != nil {
			return "", err
		}
		if has {
			return name, nil
		}
	}
	return "", dns.Errorf(dns.NoZone, "the name server has no zone for %s", domain)
}

func (b *backend) hasZone(ctx context.Context, name string) (bool, error) {
	q := new(wire.Msg)
	q.SetQuestion(wire.Fqdn(name), wire.TypeSOA)
	q.RecursionDesired = false
	m, err := b.ask(ctx, q)
	switch {
	case err == nil:
		return m.Authoritative && slices.ContainsFunc(m.Answer, func(rr wire.RR) bool {
			return rr.Header().Rrtype == wire.TypeSOA && strings.EqualFold(rr.Header().Name, wire.Fqdn(name))
		}), nil
	case m != nil && slices.Contains([]int{wire.RcodeNameError, wire.RcodeRefused}, m.Rcode), dns.Is(err, dns.NoZone):
		return false, nil
	}
	return false, err
}

// Sets implements dns.Backend.
func (b *backend) Sets(ctx context.Context, zone string) ([]dns.Set, error) {
	records, err := b.transfer(ctx, zone)
	if err != nil {
		return nil, b.explain(ctx, zone, err)
	}
	var all []dns.Set
	at := map[string]int{}
	for _, rr := range records {
		h := rr.Header()
		t := dns.Type(wire.TypeToString[h.Rrtype])
		if !slices.Contains(dns.Types, t) {
			continue
		}
		name := strings.ToLower(strings.TrimSuffix(h.Name, "."))
		i, known := at[name+" "+string(t)]
		if !known {
			i, all = len(all), append(all, dns.Set{Name: name, Type: t, TTL: int(h.Ttl)})
			at[name+" "+string(t)] = i
		}
		all[i].RData = append(all[i].RData, strings.TrimPrefix(rr.String(), h.String()))
	}
	return all, nil
}

// transfer reads a zone (RFC 5936).
func (b *backend) transfer(ctx context.Context, zone string) ([]wire.RR, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", b.server)
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	q := new(wire.Msg)
	q.SetAxfr(wire.Fqdn(zone))
	q.SetTsig(b.key, b.algorithm, fudge, b.clock.Now().Unix())
	t := &wire.Transfer{Conn: &wire.Conn{Conn: connection}, ReadTimeout: timeout, WriteTimeout: timeout, TsigSecret: b.secrets}
	parts, err := t.In(q, b.server)
	if err != nil {
		return nil, err
	}
	var all []wire.RR
	for part := range parts {
		if part.Error != nil {
			return nil, part.Error
		}
		all = append(all, part.RR...)
	}
	return all, nil
}

// explain says why a zone cannot be read, which the transfer itself does not tell.
func (b *backend) explain(ctx context.Context, zone string, failed error) error {
	has, err := b.hasZone(ctx, zone)
	switch {
	case err != nil:
		return err
	case !has:
		return dns.Errorf(dns.NoZone, "the name server does not have the zone %s", zone)
	}
	return unanswered(failed)
}

// Set implements dns.Backend.
func (b *backend) Set(ctx context.Context, zone, name string, t dns.Type) (dns.Set, error) {
	all, err := b.Sets(ctx, zone)
	if err != nil {
		return dns.Set{}, err
	}
	i := slices.IndexFunc(all, func(s dns.Set) bool { return s.Name == name && s.Type == t })
	if i < 0 {
		return dns.Set{Name: name, Type: t}, nil
	}
	return all[i], nil
}

// Replace implements dns.Backend. The set as it was is a prerequisite, so that
// another's change in between makes the server refuse. What it would leave out in
// silence (RFC 2136, section 3.4.2) is refused before, or by a prerequisite too.
func (b *backend) Replace(ctx context.Context, zone string, before, after dns.Set) error {
	switch {
	case after.Type == dns.NS && after.Name == zone:
		return dns.Errorf(dns.Refused, "the name servers of the zone itself are set at the name server")
	case after.Type == dns.CNAME && len(after.RData) > 1:
		return dns.Errorf(dns.Refused, "a name has one CNAME record at most")
	}
	was, err := write(before)
	if err != nil {
		return err
	}
	will, err := write(after)
	if err != nil {
		return err
	}
	m := new(wire.Msg)
	m.SetUpdate(wire.Fqdn(zone))
	set := &wire.ANY{Hdr: wire.RR_Header{Name: wire.Fqdn(after.Name), Rrtype: wire.StringToType[string(after.Type)], Class: wire.ClassINET}}
	switch {
	case len(was) > 0:
		m.Used(was)
	case after.Type == dns.CNAME:
		m.NameNotUsed([]wire.RR{set})
	default:
		alias := *set
		alias.Hdr.Rrtype = wire.TypeCNAME
		m.RRsetNotUsed([]wire.RR{set, &alias})
	}
	if len(was) > 0 {
		m.RemoveRRset([]wire.RR{set})
	}
	m.Insert(will)
	_, err = b.ask(ctx, m)
	return err
}

// write makes the records of a set.
func write(s dns.Set) ([]wire.RR, error) {
	var all []wire.RR
	for _, rdata := range s.RData {
		rr, err := wire.NewRR(fmt.Sprintf("%s. %d IN %s %s", s.Name, s.TTL, s.Type, rdata))
		if err != nil || rr == nil {
			return nil, dns.Errorf(dns.Refused, "the record %s %s %s cannot be written", s.Name, s.Type, rdata)
		}
		all = append(all, rr)
	}
	return all, nil
}
