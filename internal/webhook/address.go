package webhook

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/fault"
	"vitrine/internal/outward"
	"vitrine/internal/text"
)

// ErrPrivate says that a webhook does not go where its name leads.
var ErrPrivate = errors.New("the address is private, loopback or link-local")

const privateMessage = "must not lead to a private, loopback or link-local address"

// checkURL takes an address that may be public, as far as it says itself.
func (s *Service) checkURL(f *fault.Form, raw string) string {
	raw = text.Line(f, "url", raw, maxURL)
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Hostname(), ".") == "" || !portFits(u.Port()) {
		f.Addf("url", nil, "must be an http or https address")
		return raw
	}
	if u.User != nil {
		f.Addf("url", nil, "must not hold a user name or a password")
	}
	u.Fragment = "" // never sent
	host := strings.TrimSuffix(u.Hostname(), ".")
	address, err := netip.ParseAddr(host)
	switch {
	case err != nil && endsInNumber(host):
		f.Addf("url", nil, "must have a host name, or an IP address in its usual form")
	case err == nil && !s.Allows(address), err != nil && !s.allowPrivate && isLocalName(host):
		f.Addf("url", nil, privateMessage)
	}
	return u.String()
}

func portFits(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// endsInNumber finds hosts that some resolvers read as IPv4 ("127.1",
// "2130706433", "0x7f.1").
func endsInNumber(host string) bool {
	last := strings.ToLower(host[strings.LastIndex(host, ".")+1:])
	_, isHex := strings.CutPrefix(last, "0x")
	return isHex || last != "" && strings.Trim(last, "0123456789") == ""
}

func isLocalName(host string) bool {
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// lookupTimeout bounds how long a merchant waits for a name to be looked up.
const lookupTimeout = 2 * time.Second

// CheckHost looks up where a webhook's name leads, and refuses one that leads to a
// private address today. A name that cannot be looked up may be new: it passes. It
// asks the network, so it is called before the transaction; whoever sends asks
// Allows again.
func (s *Service) CheckHost(ctx context.Context, raw string) error {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || s.allowPrivate || u.Hostname() == "" {
		return nil //nolint:nilerr // checkURL says what is wrong with it
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	for _, address := range found {
		if !s.Allows(address) {
			return fault.Invalidf("url", privateMessage)
		}
	}
	return nil
}

// Allows tells whether webhooks may go to an address.
func (s *Service) Allows(a netip.Addr) bool { return s.allowPrivate || outward.Public(a) }
