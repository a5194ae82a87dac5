package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pires/go-proxyproto"

	"vitrine/internal/certificate"
	"vitrine/internal/certificate/acme"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/lookup"
	"vitrine/internal/domain"
	"vitrine/internal/edge"
	"vitrine/internal/seal"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

// authorities are what certificates come from in the mode acme.
type authorities struct {
	issuer    *certificate.Issuer
	responder *acme.Responder
	platform  []string // the names of the platform's own certificate
}

// newCertifier returns who issues certificates in the mode that the settings name.
func (a *App) newCertifier(c *config.Config, d *db.DB, sealer *seal.Sealer, provider dns.Provider, dnsMode string) (domain.Certifier, error) {
	if c.SSLProviderMode != "acme" {
		return certificate.NewMock(clock.System{}), onlyMock(c, "ssl_provider_mode", c.SSLProviderMode)
	}
	world, err := newLookup(c)
	if err != nil {
		return nil, err
	}
	if dnsMode == "mock" || dnsMode == builtinMode { // nobody sees the records of the one; the other makes a zone of whatever it is asked about
		provider = nil
	}
	ways, err := challenges(c.ACMEChallenges)
	if err != nil {
		return nil, err
	}
	address, err := netip.ParseAddr(c.PlatformIPAddress)
	if err != nil {
		return nil, err
	}
	responder := acme.NewResponder(d, provider, world)
	all, err := newAuthorities(c, d, sealer, responder)
	if err != nil {
		return nil, err
	}
	scout := &acme.Scout{
		Ways: ways, Responder: responder, World: world, Address: address, Trusting: !c.ACMEPreflight, HTTPPort: "80", TLSPort: "443",
	}
	limits := certificate.Limits{Orders: c.ACMEOrdersPer3Hours, Domain: c.ACMEPerDomainAndWeek}
	a.acme = &authorities{issuer: certificate.NewIssuer(d, sealer, scout, limits, all...), responder: responder}
	if strings.Contains(c.PlatformDomain, ".") && !strings.HasSuffix(c.PlatformDomain, ".localhost") && c.TLSCertificateFile == "" {
		a.acme.platform = []string{strings.ToLower(c.PlatformDomain), "*." + strings.ToLower(c.PlatformDomain)}
	}
	return a.acme.issuer, nil
}

// challenges reads the ways of proving names.
func challenges(s string) ([]certificate.Way, error) {
	var ways []certificate.Way
	for part := range strings.SplitSeq(s, ",") {
		way := certificate.Way(strings.TrimSpace(part))
		if !slices.Contains([]certificate.Way{certificate.ByHTTP, certificate.ByTLS, certificate.ByDNS}, way) {
			return nil, fmt.Errorf("the setting acme_challenges: %q is none of http-01, tls-alpn-01 and dns-01", part)
		}
		ways = append(ways, way)
	}
	return ways, nil
}

func newAuthorities(c *config.Config, d *db.DB, sealer *seal.Sealer, responder *acme.Responder) ([]certificate.Authority, error) {
	var roots *x509.CertPool
	if c.ACMERootFile != "" {
		pem, err := os.ReadFile(c.ACMERootFile)
		if err != nil {
			return nil, fmt.Errorf("the setting acme_root_file: %w", err)
		}
		if roots = x509.NewCertPool(); !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the setting acme_root_file: %s has no certificate", c.ACMERootFile)
		}
	}
	all := []certificate.Authority{acme.New(d, sealer, responder, acme.Settings{
		Directory: c.ACMEDirectory, Email: c.ACMEEmail, KeyID: c.ACMEKeyID, HMAC: c.ACMEHMACKey, Roots: roots,
	})}
	if c.ACMEFallback != "" {
		all = append(all, acme.New(d, sealer, responder, acme.Settings{
			Directory: c.ACMEFallback, Email: c.ACMEEmail, KeyID: c.ACMEFallbackKeyID, HMAC: c.ACMEFallbackHMACKey, Roots: roots,
		}))
	}
	for i, name := range []string{"main", "fallback"}[:len(all)] {
		all[i] = certificate.Observed(all[i], name, d.Observer())
	}
	return all, nil
}

func newLookup(c *config.Config) (*lookup.Client, error) {
	client, err := lookup.New(strings.FieldsFunc(c.DNSResolvers, func(r rune) bool { return r == ',' || r == ' ' }))
	if err != nil {
		return nil, fmt.Errorf("the setting dns_resolvers: %w", err)
	}
	return client, nil
}

// newSecure sets up what finds the certificates of connections, where the settings say
// to listen for them.
func (a *App) newSecure(c *config.Config, proxies web.Proxies) error {
	a.proxies = proxies
	if c.HTTPSListenAddr == "" {
		return nil
	}
	from := edge.Certificates{
		Names: a.names, Clock: clock.System{}, PlatformDomain: c.PlatformDomain, PublicPort: c.HTTPSPort,
		Load: func(context.Context, string) (*tls.Certificate, error) { return nil, nil }, //nolint:nilnil // there is none
	}
	if c.TLSCertificateFile != "" {
		own, err := tls.LoadX509KeyPair(c.TLSCertificateFile, c.TLSKeyFile)
		if err != nil {
			return fmt.Errorf("the settings tls_certificate_file and tls_key_file: %w", err)
		}
		from.Own = &own
	}
	if a.acme != nil {
		from.Load, from.Challenge = a.acme.issuer.Load, a.acme.responder.Certificate
		from.Issue = func(ctx context.Context, st store.ID) error {
			_, err := a.Domains.Certify(ctx, st, nil)
			return err
		}
	}
	a.secure = edge.NewSecure(from)
	return nil
}

// answer is what authorities are answered over HTTP.
func (a *App) answer() func(ctx context.Context, name, token string) (string, bool, error) {
	if a.acme == nil {
		return nil
	}
	return a.acme.responder.Answer
}

// handleCertificates has certificates got and renewed before they run out.
func (a *App) handleCertificates() {
	if a.acme == nil {
		return
	}
	a.Jobs.Every("ask when certificates are to be renewed", time.Minute, a.acme.issuer.AskAuthorities)
	a.Jobs.Every("get certificates that are due", time.Minute, a.Domains.RenewCertificates)
	a.Jobs.Every("forget old certificates", time.Hour, a.acme.issuer.Clean)
	if a.acme.platform != nil {
		a.Jobs.Every("get the platform's certificate", 10*time.Minute, func(ctx context.Context) error {
			_, err := a.acme.issuer.Issue(ctx, a.acme.platform, certificate.Certificate{})
			if err != nil {
				slog.WarnContext(ctx, "the platform has no certificate of its own", "error", err)
			}
			return nil
		})
	}
}

// told has proxies of ours tell whose connection it is. Others are not asked.
func (a *App) told(l net.Listener) net.Listener {
	if !a.config.ProxyProtocol {
		return l
	}
	return &proxyproto.Listener{Listener: l, ConnPolicy: func(o proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) {
		from, err := netip.ParseAddrPort(o.Upstream.String())
		switch {
		case err != nil:
			return proxyproto.REJECT, errors.New("a connection from no address")
		case a.proxies.Trust(from.Addr()):
			return proxyproto.USE, nil
		}
		return proxyproto.SKIP, nil
	}}
}
