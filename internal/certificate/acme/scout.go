package acme

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/mholt/acmez/v3"

	"vitrine/internal/certificate"
	"vitrine/internal/dns"
	"vitrine/internal/dns/lookup"
	"vitrine/internal/fault"
	"vitrine/internal/outward"
)

// Scout implements certificate.Scout: it does what an authority will do, with a token
// of our own.
type Scout struct {
	Ways      []certificate.Way // in the order of preference
	Responder *Responder
	World     *lookup.Client
	Address   netip.Addr // the platform's
	Trusting  bool       // takes it that names lead here: the platform does not reach itself

	HTTPPort, TLSPort string // "80" and "443" but in tests
}

// lookFor is how long it may take to reach a name.
const lookFor = 5 * time.Second

// Way implements certificate.Scout.
func (s *Scout) Way(ctx context.Context, name string, identities []string) (certificate.Way, error) {
	ways, err := s.permitted(ctx, name, identities)
	if err != nil {
		return "", err
	}
	var whyNot error
	for _, way := range ways {
		err := s.try(ctx, name, way)
		if err == nil {
			return way, nil
		}
		if whyNot == nil {
			whyNot = err
		}
	}
	if whyNot == nil {
		whyNot = fault.Refusedf(certificate.CodeUnreachable, "There is no way left to prove %s to the authority.", name)
	}
	return "", whyNot
}

// try looks whether a name can be proven in a way.
func (s *Scout) try(ctx context.Context, name string, way certificate.Way) error {
	wild := strings.HasPrefix(name, "*.")
	switch {
	case way == certificate.ByDNS:
		return s.tryDNS(ctx, name)
	case wild:
		return fault.Refusedf(certificate.CodeUnreachable, "A certificate for %s needs its DNS zone at the platform's DNS provider.", name)
	case s.Trusting:
		return nil
	}
	return s.reach(ctx, name, way)
}

// tryDNS looks whether the platform can make records there.
func (s *Scout) tryDNS(ctx context.Context, name string) error {
	unable := fault.Refusedf(certificate.CodeUnreachable, "%s has no DNS zone at the platform's DNS provider.", name)
	if s.Responder.records == nil {
		return unable
	}
	_, err := s.Responder.records.ZoneID(ctx, "_acme-challenge."+strings.TrimPrefix(name, "*."))
	if dns.Is(err, dns.NoZone) {
		return unable
	}
	return atProvider(err)
}

// atProvider says to a merchant that the DNS provider did not do what it was asked for.
func atProvider(err error) error {
	if err == nil {
		return nil
	}
	slog.Warn("certificates: the DNS provider did not do what it was asked for", "error", err)
	f := &fault.Error{Kind: fault.Provider, Code: certificate.CodeUnanswered, Message: "The platform's DNS provider could not be reached. Please try again in a moment."}
	if e, is := errors.AsType[*dns.Error](err); is {
		f.Message, f.RetryAfter = "The platform's DNS provider could not be used for the proof: "+e.Message, e.RetryAfter
	}
	return f
}

// reach looks whether each address of a name leads here.
func (s *Scout) reach(ctx context.Context, name string, way certificate.Way) error {
	addresses, err := s.World.Addresses(ctx, name)
	if err != nil {
		return unanswered(name, err)
	}
	if len(addresses) == 0 {
		return fault.Refusedf(certificate.CodeUnreachable, "%s has no address yet: its DNS records are not seen. Wait until they are, and try again.", name)
	}
	token, done, err := s.mark(ctx, name, way)
	if err != nil {
		return err
	}
	defer done()
	reached := false
	for _, a := range addresses {
		err := s.fetch(ctx, name, way, a, token)
		if errors.Is(err, syscall.ENETUNREACH) { // no IPv6 here: nothing can be said
			continue
		}
		if err != nil {
			return fault.Refusedf(certificate.CodeUnreachable, "%s does not lead here: its %s record says %s, and there %s.", name, kind(a), a, elsewhere(err))
		}
		reached = true
	}
	if !reached {
		return fault.Refusedf(certificate.CodeUnreachable, "%s has no IPv4 address that leads here. Its A record must say %s.", name, s.Address)
	}
	return nil
}

func unanswered(name string, err error) error {
	return &fault.Error{
		Kind: fault.Provider, Code: certificate.CodeUnanswered, RetryAfter: time.Minute,
		Message: fmt.Sprintf("The name servers of %s could not be asked (%s). Please try again in a moment.", name, strings.ReplaceAll(err.Error(), "\n", "; ")),
	}
}

func kind(a netip.Addr) string {
	if a.Is4() {
		return "A"
	}
	return "AAAA"
}

// mark has the name answer with a token of its own until done is called.
func (s *Scout) mark(ctx context.Context, name string, way certificate.Way) (token string, done func(), err error) {
	random := make([]byte, 24)
	_, _ = rand.Read(random) // it never fails
	token = base64.RawURLEncoding.EncodeToString(random)
	return token, func() { _ = s.Responder.forget(ctx, name, way, token) }, s.Responder.prepare(ctx, name, way, token, token)
}

// fetch asks for the token at an address of the name.
func (s *Scout) fetch(ctx context.Context, name string, way certificate.Way, a netip.Addr, token string) error {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	if a != s.Address && !outward.Public(a) {
		return errors.New("nobody is reached from outside")
	}
	if way == certificate.ByTLS {
		return s.shake(ctx, name, a)
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // who redirects to HTTPS has no certificate yet
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			if port == "80" {
				port = s.HTTPPort
			}
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		},
	}, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 2 || r.URL.Hostname() != name {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+name+ChallengePath+token, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1024))
	if err == nil && (res.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != token) {
		err = errOther
	}
	return err
}

// ChallengePath is where authorities look over HTTP (RFC 8555, section 8.3).
const ChallengePath = "/.well-known/acme-challenge/"

// TLSProtocol is what authorities speak that look over TLS (RFC 8737).
const TLSProtocol = acmez.ACMETLS1Protocol

var errOther = errors.New("another server answers")

// shake looks whether the name is shown a certificate for acme-tls/1 at an address.
func (s *Scout) shake(ctx context.Context, name string, a netip.Addr) error {
	d := tls.Dialer{Config: &tls.Config{ServerName: name, NextProtos: []string{acmez.ACMETLS1Protocol}, InsecureSkipVerify: true}} //nolint:gosec // it is self-signed
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), s.TLSPort))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if conn.(*tls.Conn).ConnectionState().NegotiatedProtocol != acmez.ACMETLS1Protocol {
		return errOther
	}
	return nil
}

// elsewhere says in few words why an address is not ours.
func elsewhere(err error) string {
	timeout, isTimeout := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, errOther):
		return errOther.Error()
	case isTimeout && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "nobody answers"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection is refused"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

// permitted are the ways that the CAA records of a name leave to an authority.
func (s *Scout) permitted(ctx context.Context, name string, identities []string) ([]certificate.Way, error) {
	if len(identities) == 0 {
		return s.Ways, nil
	}
	of, all, err := s.World.Restrictions(ctx, strings.TrimPrefix(name, "*."))
	if err != nil {
		return nil, unanswered(name, err)
	}
	ways, blocking := restrict(s.Ways, all, strings.HasPrefix(name, "*."), identities)
	if blocking != "" {
		return nil, fault.Refusedf(certificate.CodeCAA, "The CAA record %s of %s does not allow a certificate from %s. Add the record 0 issue %q, or take the CAA records away.", blocking, of, identities[0], identities[0])
	}
	return ways, nil
}

// restrict leaves of the ways those that CAA properties allow to one of the identities
// (RFC 8659, section 4, and RFC 8657). blocking is what forbids all.
func restrict(ways []certificate.Way, all []lookup.CAA, wild bool, identities []string) (left []certificate.Way, blocking string) {
	tag := "issue"
	if wild && slices.ContainsFunc(all, func(p lookup.CAA) bool { return p.Tag == "issuewild" }) {
		tag = "issuewild"
	}
	for _, p := range all {
		switch p.Tag {
		case "issue", "issuewild", "iodef", "issuemail", "contactemail", "contactphone":
		default:
			if p.Critical {
				return nil, fmt.Sprintf("128 %s %q", p.Tag, p.Value)
			}
		}
		if p.Tag != tag {
			continue
		}
		issuer, parameters, _ := strings.Cut(p.Value, ";")
		if !slices.Contains(identities, strings.ToLower(strings.TrimSpace(issuer))) {
			blocking = fmt.Sprintf("0 %s %q", p.Tag, p.Value)
			continue
		}
		for _, way := range ways {
			if allows(parameters, way) && !slices.Contains(left, way) {
				left = append(left, way)
			}
		}
		if len(left) == 0 {
			blocking = fmt.Sprintf("0 %s %q", p.Tag, p.Value)
		}
	}
	switch {
	case len(left) > 0:
		return left, ""
	case blocking != "":
		return nil, blocking
	}
	return ways, ""
}

// allows tells whether the parameters of a CAA property leave a way.
func allows(parameters string, way certificate.Way) bool {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.TrimSpace(name) == "validationmethods" {
			return slices.Contains(strings.Split(strings.ReplaceAll(value, " ", ""), ","), string(way))
		}
	}
	return true
}
