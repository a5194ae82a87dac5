package app

import (
	"errors"
	"fmt"

	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/dns/cloudflare"
	"vitrine/internal/dns/google"
	"vitrine/internal/dns/mock"
	"vitrine/internal/dns/powerdns"
	"vitrine/internal/dns/rfc2136"
	"vitrine/internal/dns/route53"
	"vitrine/internal/domain"
)

// dnsModes are the modes in which records are at a real provider.
var dnsModes = map[string]func(c *config.Config, v dns.Verifier) (dns.Provider, error){
	"cloudflare": func(c *config.Config, v dns.Verifier) (dns.Provider, error) {
		return cloudflare.New(c.CloudflareEndpoint, c.CloudflareAPIToken, v), needed("cloudflare_api_token", c.CloudflareAPIToken)
	},
	"google": func(c *config.Config, v dns.Verifier) (dns.Provider, error) {
		s := google.Settings{Endpoint: c.GoogleDNSEndpoint, Project: c.GoogleDNSProjectID, Credentials: c.GoogleDNSCredentials}
		if err := errors.Join(needed("google_dns_project_id", s.Project), needed("google_dns_credentials_json", s.Credentials)); err != nil {
			return nil, err
		}
		p, err := google.New(s, v)
		if err != nil {
			return nil, fmt.Errorf("the setting google_dns_credentials_json: %w", err)
		}
		return p, nil
	},
	"powerdns": func(c *config.Config, v dns.Verifier) (dns.Provider, error) {
		return powerdns.New(c.PowerDNSEndpoint, c.PowerDNSAPIKey, v), nil
	},
	"rfc2136": func(c *config.Config, v dns.Verifier) (dns.Provider, error) {
		s := rfc2136.Settings{Server: c.RFC2136Server, Key: c.RFC2136TSIGKey, Secret: c.RFC2136TSIGSecret, Algorithm: c.RFC2136TSIGAlgorithm}
		if err := errors.Join(needed("rfc2136_server", s.Server), needed("rfc2136_tsig_key", s.Key), needed("rfc2136_tsig_secret", s.Secret)); err != nil {
			return nil, err
		}
		p, err := rfc2136.New(s, v, clock.System{})
		if err != nil {
			return nil, fmt.Errorf("the settings rfc2136_…: %w", err)
		}
		return p, nil
	},
	"route53": func(c *config.Config, v dns.Verifier) (dns.Provider, error) {
		s := route53.Settings{
			Endpoint: c.Route53Endpoint, Region: c.Route53Region, AccessKeyID: c.Route53AccessKeyID, SecretAccessKey: c.Route53SecretAccessKey,
			PerSecond: route53.PerSecond,
		}
		return route53.New(s, v), errors.Join(needed("route53_access_key_id", s.AccessKeyID), needed("route53_secret_access_key", s.SecretAccessKey))
	},
}

// needed refuses a setting that is empty.
func needed(name, value string) error {
	if value == "" {
		return fmt.Errorf("the setting %s is needed in this dns_provider_mode", name)
	}
	return nil
}

// newDNS returns the provider of the settings' mode, and what reads proofs over DNS,
// which is nothing for mock. A mode that nobody knows is mock.
func newDNS(c *config.Config, d *db.DB, s *domain.Settings) (dns.Provider, domain.Resolver, error) {
	start, known := dnsModes[c.DNSProviderMode]
	if !known && c.DNSProviderMode != builtinMode {
		s.Mode, s.OwnZones = "mock", true
		return dns.Observed(mock.New(d, c.MockDNSPropagation), "mock", d.Observer()), nil, onlyMock(c, "dns_provider_mode", c.DNSProviderMode)
	}
	client, err := newLookup(c)
	if err != nil {
		return nil, nil, err
	}
	if s.Mode = c.DNSProviderMode; s.Mode == builtinMode {
		s.OwnZones = true
		return dns.Observed(builtin.New(d, client), builtinMode, d.Observer()), client, nil
	}
	provider, err := start(c, client)
	return dns.Observed(provider, c.DNSProviderMode, d.Observer()), client, err
}
