package domain_test

import (
	"net/http/httputil"
	"net/url"
	"testing"

	"golang.org/x/time/rate"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/dns/cloudflare"
	"vitrine/internal/dns/cloudflare/cloudflaretest"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/google"
	"vitrine/internal/dns/google/googletest"
	"vitrine/internal/dns/lookup"
	"vitrine/internal/dns/mock"
	"vitrine/internal/dns/powerdns"
	"vitrine/internal/dns/powerdns/powerdnstest"
	"vitrine/internal/dns/rfc2136"
	"vitrine/internal/dns/rfc2136/knottest"
	"vitrine/internal/dns/route53"
	"vitrine/internal/dns/route53/route53test"
)

// peers are the providers by their modes.
var peers = map[string]peer{
	"mock":     func(_ *testing.T, d *db.DB, _ string) (dns.Provider, mender) { return mock.New(d, 0), nil },
	"builtin":  func(_ *testing.T, d *db.DB, _ string) (dns.Provider, mender) { return builtin.New(d, nil), nil },
	"powerdns": startPowerDNS,
	"rfc2136": func(t *testing.T, _ *db.DB, name string) (dns.Provider, mender) {
		stream := dnstest.NewStream(t, knottest.Start(t, name), 1)
		p, err := rfc2136.New(rfc2136.Settings{Server: stream.Address, Key: knottest.Key, Secret: knottest.Secret, Algorithm: knottest.Algorithm}, nil, clock.System{})
		if err != nil {
			t.Fatal(err)
		}
		return p, stream
	},
	"cloudflare": func(t *testing.T, _ *db.DB, name string) (dns.Provider, mender) {
		server := cloudflaretest.New()
		server.Zone(name, "active")
		w := dnstest.NewWire(t, server, 1)
		return cloudflare.New(w.URL, cloudflaretest.Token, nil), w
	},
	"google": func(t *testing.T, _ *db.DB, name string) (dns.Provider, mender) {
		server := googletest.New()
		server.Zone(name, false)
		w := dnstest.NewWire(t, server, 1)
		p, err := google.New(google.Settings{Endpoint: w.URL, Project: googletest.Project, Credentials: server.Credentials(w.URL)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p, w
	},
	"route53": func(t *testing.T, _ *db.DB, name string) (dns.Provider, mender) {
		server := route53test.New()
		server.Zone(name, false)
		w := dnstest.NewWire(t, server, 1)
		return route53.New(route53.Settings{
			Endpoint: w.URL, Region: "us-east-1", AccessKeyID: route53test.AccessKeyID, SecretAccessKey: route53test.SecretAccessKey, PerSecond: rate.Inf,
		}, nil), w
	},
}

func startPowerDNS(t *testing.T, _ *db.DB, name string) (dns.Provider, mender) {
	t.Helper()
	server := powerdnstest.Start(t)
	server.Zone(t, name)
	v, err := lookup.New([]string{server.DNS})
	if err != nil {
		t.Fatal(err)
	}
	w := dnstest.NewWire(t, httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: server.API}), 1)
	return powerdns.New(w.URL, powerdnstest.Key, v), w
}

// Of all calls to the provider a third fails, of the requests that they make one in
// six, and now and then the process dies.
func TestFaults_leaveTheProviderAndTheDatabaseEqual(t *testing.T) {
	t.Parallel()
	for mode, start := range peers {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			eachShop(t, mode, start, func(t *testing.T, s *shop) { s.run(t, 1) })
		})
	}
}
