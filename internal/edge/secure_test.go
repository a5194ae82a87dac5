package edge_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/certificate"
	"vitrine/internal/certificate/acme"
	"vitrine/internal/certificate/acmetest"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/edge"
	"vitrine/internal/fixture"
	"vitrine/internal/seal"
	"vitrine/internal/store"
	"vitrine/internal/storefront"
	"vitrine/internal/web"
)

// live is a site that listens, and an authority that looks there.
type live struct {
	*site
	world           *acmetest.World
	pebble          *acmetest.Pebble
	issuer          *certificate.Issuer
	secure          *edge.Secure
	httpAt, tlsAt   string
	loads, on, asks atomic.Int64 // how often a certificate was read, one was had on demand, and a challenge was looked for
}

// goLive opens a site whose names are proven in some ways.
func goLive(t *testing.T, d *db.DB, ways ...certificate.Way) *live {
	t.Helper()
	l := &live{site: open(t, d, "shops.test"), world: acmetest.NewWorld(t, "shops.test", "mystore.test")}
	plain, secure := listen(t), listen(t)
	l.httpAt, l.tlsAt = plain.Addr().String(), secure.Addr().String()
	l.pebble = acmetest.Start(t, l.world, acmetest.Options{HTTPPort: portOf(plain), TLSPort: portOf(secure)})
	sealer, err := seal.New(seal.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	responder := acme.NewResponder(d, dns.NewOfSets(l.world), l.world.Client)
	_, httpPort, _ := net.SplitHostPort(l.httpAt)
	_, tlsPort, _ := net.SplitHostPort(l.tlsAt)
	l.issuer = certificate.NewIssuer(d, sealer, &acme.Scout{
		Ways: ways, Responder: responder, World: l.world.Client, Address: netip.MustParseAddr("127.0.0.1"), HTTPPort: httpPort, TLSPort: tlsPort,
	}, certificate.Limits{Orders: 100, Domain: 100}, acme.New(d, sealer, responder, acme.Settings{Directory: l.pebble.Directory, Roots: l.pebble.Roots}))
	l.domains = domain.New(d, mock.New(d, 0), nil, l.issuer, fixture.DomainSettings)
	l.secure = edge.NewSecure(edge.Certificates{
		Names: l.names, Clock: clock.At(time.Now()), PlatformDomain: "shops.test", PublicPort: tlsPort,
		Load: func(ctx context.Context, name string) (*tls.Certificate, error) {
			l.loads.Add(1)
			return l.issuer.Load(ctx, name)
		},
		Issue: func(ctx context.Context, st store.ID) error {
			l.on.Add(1)
			_, err := l.domains.Certify(ctx, st, nil)
			return err
		},
		Challenge: func(ctx context.Context, name string) (*tls.Certificate, error) {
			l.asks.Add(1)
			return responder.Certificate(ctx, name)
		},
	})
	proxies, err := web.ParseProxies("192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	l.all = edge.New(proxies, edge.Parts{
		API: says("api"), Dashboard: says("dashboard"), Media: says("media"), PlatformDomain: "shops.test", Names: l.names,
		Storefront: storefront.New(storefront.Deps{DB: d, PlatformDomain: "shops.test"}), Secure: l.secure, Answer: responder.Answer,
	})
	server := &http.Server{Handler: l.all, ReadHeaderTimeout: 10 * time.Second, TLSConfig: l.secure.Config(), ErrorLog: silent}
	go func() { _ = server.Serve(plain) }()
	go func() { _ = server.ServeTLS(secure, "", "") }()
	t.Cleanup(func() { _ = server.Close() })
	return l
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// browser is one that trusts what the authority issues, and takes every name to be here.
func (l *live) browser() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			ForceAttemptHTTP2: true, DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: l.pebble.Issued},
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				_, port, _ := net.SplitHostPort(address)
				switch port {
				case "80":
					address = l.httpAt
				case "443":
					address = l.tlsAt
				default:
					address = "127.0.0.1:" + port
				}
				return new(net.Dialer).DialContext(ctx, network, address)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (l *live) visit(address string) (*http.Response, string) {
	l.Helper()
	r, err := http.NewRequestWithContext(l.Context(), http.MethodGet, address, nil)
	if err != nil {
		l.Fatal(err)
	}
	res, err := l.browser().Do(r)
	if err != nil {
		l.Fatalf("%s: %v", address, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		l.Fatal(err)
	}
	return res, string(body)
}

// shake makes a handshake for a name.
func (l *live) shake(name string) (*x509.Certificate, error) {
	conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: l.pebble.Issued, ServerName: name}}).DialContext(l.Context(), "tcp", l.tlsAt)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

// prepare puts the store on a name, as far as to its records.
func (l *live) prepare(name string) {
	l.Helper()
	err := l.db.InTx(l.Context(), func(tx *db.Tx) error {
		_, err := l.domains.Attach(l.Context(), tx, l.store, name)
		return err
	})
	if err == nil {
		_, err = l.domains.Verify(l.Context(), l.store.ID, nil)
	}
	if err == nil {
		_, err = l.domains.Configure(l.Context(), l.store.ID, l.store.Owner, false, nil)
	}
	if err != nil {
		l.Fatal(err)
	}
}

func TestSecure_aNameIsProvenOverHTTPAndTLSAndTheStoreAnswersThere(t *testing.T) {
	t.Parallel()
	for _, way := range []certificate.Way{certificate.ByHTTP, certificate.ByTLS, certificate.ByDNS} {
		t.Run(string(way), func(t *testing.T) {
			t.Parallel()
			dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
				l := goLive(t, d, way)
				l.prepare("mystore.test")
				got, err := l.domains.Certify(t.Context(), l.store.ID, nil)
				if err != nil {
					t.Fatal(err)
				}
				c, err := l.shake("mystore.test")
				if err != nil {
					t.Fatal(err)
				}
				if got.Status != domain.Active || !got.CertifiedUntil.Equal(c.NotAfter) || strings.Join(c.DNSNames, " ") != "mystore.test www.mystore.test" {
					t.Errorf("%v until %v; the certificate is good until %v for %v", got.Status, got.CertifiedUntil, c.NotAfter, c.DNSNames)
				}
				res, body := l.visit("https://mystore.test/")
				if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 || !strings.HasPrefix(res.Header.Get("Strict-Transport-Security"), "max-age=31536000") ||
					!strings.Contains(body, `<link rel="canonical" href="https://mystore.test/"`) {
					t.Errorf("%d %s, %v", res.StatusCode, res.Proto, res.Header)
				}
				own := "https://mystore.test:" + l.secure.PublicPort
				for from, to := range map[string]string{
					"http://mystore.test/products?q=a": own + "/products?q=a", "http://www.mystore.test/": own + "/", "https://www.mystore.test/x": own + "/x",
					"http://mugs.shops.test/x": own + "/x",
				} {
					for hop := 0; hop < 2 && from != to; hop++ {
						res, _ := l.visit(from)
						if from = res.Header.Get("Location"); res.StatusCode != http.StatusMovedPermanently {
							t.Errorf("%s: %d", from, res.StatusCode)
						}
					}
					if from != to {
						t.Errorf("it leads to %s instead of %s", from, to)
					}
				}
				orders := l.pebble.Orders()
				if _, err := l.domains.Certify(t.Context(), l.store.ID, nil); err != nil || l.pebble.Orders() != orders {
					t.Errorf("a second time makes %d orders: %v", l.pebble.Orders()-orders, err)
				}
				var left int
				if err := d.InTx(t.Context(), func(tx *db.Tx) (err error) {
					left, err = db.One(t.Context(), tx, db.Value[int], `SELECT count(*) FROM acme_challenge`)
					return err
				}); err != nil || left != 0 {
					t.Errorf("%d challenges are left: %v", left, err)
				}
			})
		})
	}
}

func TestSecure_thePlatformGetsACertificateForAllOfItsNamesByDNS(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		l := goLive(t, d, certificate.ByHTTP, certificate.ByDNS)
		if _, err := l.issuer.Issue(t.Context(), []string{"shops.test", "*.shops.test"}, certificate.Certificate{}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"shops.test", "mugs.shops.test", "nobody.shops.test"} {
			if _, err := l.shake(name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, body := l.visit("https://mugs.shops.test/"); !strings.Contains(body, `href="/products"`) {
			t.Error(body)
		}
		if _, err := l.shake("a.mugs.shops.test"); err == nil {
			t.Error("a name that the certificate does not cover is answered")
		}
		if sets, _ := l.world.Sets(t.Context(), "shops.test"); len(sets) != 1 || len(sets[0].RData) != 0 {
			t.Errorf("records are left: %v", sets)
		}
	})
}

// Fifty who come to a new name at once wait for one order.
func TestSecure_aFirstHandshakeOfManyMakesOneOrder(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		l := goLive(t, d, certificate.ByHTTP)
		l.prepare("mystore.test")
		errs := make([]error, 50)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = l.shake("mystore.test") })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		orders, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM certificate_order`)
		if err != nil || orders != 1 || l.on.Load() != 1 {
			t.Errorf("%d orders, got %d times: %v", orders, l.on.Load(), err)
		}
	})
}

// Scanners ask for names that are not ours, and for ours that cannot have a certificate.
func TestSecure_unknownNamesMakeNoOrderAndNoQuery(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		l := goLive(t, d, certificate.ByHTTP)
		l.prepare("mystore.test")
		l.world.Say(t, "mystore.test", "A", "mystore.test. 60 IN A 127.0.0.9")
		l.world.Say(t, "mystore.test", "AAAA")
		for range 200 {
			for _, name := range []string{"unknown.example", "a.unknown.example", "xn--.example", "mystore.test.example", "x.mystore.test", ""} {
				if _, err := l.shake(name); err == nil {
					t.Fatalf("%q is answered", name)
				}
			}
		}
		// Without a name it may be for the platform, which is looked for once a minute.
		if loads, orders := l.loads.Load(), l.pebble.Orders(); loads > 1 || orders != 0 || l.on.Load() != 0 {
			t.Errorf("%d looks at the database, %d orders, %d tries", loads, orders, l.on.Load())
		}
		for range 20 {
			if _, err := l.shake("mystore.test"); err == nil {
				t.Fatal("a name that leads elsewhere is answered")
			}
		}
		if l.pebble.Orders() != 0 || l.on.Load() != 1 {
			t.Errorf("a name that leads elsewhere: %d orders, %d tries", l.pebble.Orders(), l.on.Load())
		}
	})
}

// silent is a log of connections that fail, which is what these tests are about.
var silent = log.New(io.Discard, "", 0)
