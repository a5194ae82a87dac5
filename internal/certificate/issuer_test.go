package certificate_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/certificate"
	"vitrine/internal/certificate/acme"
	"vitrine/internal/certificate/acmetest"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/fault"
	"vitrine/internal/seal"
)

// willing lets every name pass, over HTTP.
type willing struct{}

func (willing) Way(context.Context, string, []string) (certificate.Way, error) {
	return certificate.ByHTTP, nil
}

// desk is what a test needs to get certificates.
type desk struct {
	*testing.T
	db      *db.DB
	sealer  *seal.Sealer
	world   *acmetest.World
	respond *acme.Responder
	port    int

	mu     sync.Mutex
	broken bool // names do not answer
}

func openDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	sealer, err := seal.New(seal.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	k := &desk{T: t, db: d, sealer: sealer, world: acmetest.NewWorld(t)}
	k.respond = acme.NewResponder(d, dns.NewOfSets(k.world), k.world.Client)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := strings.Cut(r.Host, ":")
		answer, ok, err := k.respond.Answer(r.Context(), host, strings.TrimPrefix(r.URL.Path, acme.ChallengePath))
		k.mu.Lock()
		defer k.mu.Unlock()
		if err != nil || !ok || k.broken {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	k.port = server.Listener.Addr().(*net.TCPAddr).Port
	return k
}

func (k *desk) breakNames(b bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.broken = b
}

func (k *desk) authority(p *acmetest.Pebble, keyID, key string) *acme.Authority {
	return acme.New(k.db, k.sealer, k.respond, acme.Settings{Directory: p.Directory, Roots: p.Roots, KeyID: keyID, HMAC: key, Email: "ops@shops.test"})
}

// The first authority is away, the second wants an account that it knows.
func TestIssuer_asksTheSecondAuthorityForWhatTheFirstDoesNotGive(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		first := acmetest.Start(t, k.world, acmetest.Options{HTTPPort: k.port})
		const key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
		second := acmetest.Start(t, k.world, acmetest.Options{HTTPPort: k.port, External: map[string]string{"kid-1": key}})
		a, b := k.authority(first, "", ""), k.authority(second, "kid-1", key)
		issuer := certificate.NewIssuer(d, k.sealer, willing{}, certificate.Limits{Orders: 2}, a, b)
		first.GoAway(true)
		got, err := issuer.Issue(t.Context(), []string{"a.test"}, certificate.Certificate{})
		if err != nil || got.Provider != b.Name() {
			t.Fatalf("%v, %v", got, err)
		}
		first.GoAway(false)
		for _, name := range []string{"b.test", "c.test"} {
			if got, err = issuer.Issue(t.Context(), []string{name}, certificate.Certificate{}); err != nil || got.Provider != a.Name() {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		// The first has given as much as it gives.
		if got, err = issuer.Issue(t.Context(), []string{"d.test"}, certificate.Certificate{}); err != nil || got.Provider != b.Name() {
			t.Errorf("over the limit: %v, %v", got, err)
		}
		_, err = issuer.Issue(t.Context(), []string{"e.test"}, certificate.Certificate{})
		if fault.Code(err) != certificate.CodeLimited || !fault.Is(err, fault.TooMany) || !strings.Contains(err.Error(), "rate-limited until") {
			t.Errorf("over both limits: %v", err)
		}
	})
}

// keptNow is what is kept of the one certificate.
type keptNow struct {
	id         string
	chain      []byte
	renew, ask time.Time
}

func (k *desk) kept() keptNow {
	k.Helper()
	now, err := db.One(k.Context(), k.db, func(row db.Row) (n keptNow, err error) {
		var renew, ask db.Time
		err = row.Scan(&n.id, &n.chain, &renew, &ask)
		n.renew, n.ask = renew.Time, ask.Time
		return n, err
	}, `SELECT id, chain, renew_at, ask_at FROM certificate`)
	if err != nil {
		k.Fatal(err)
	}
	return now
}

// A certificate is renewed when the authority wants it (ARI, RFC 9773), as an order that
// says what it replaces: that does not count against limits that are spent.
func TestIssuer_renewsWhenTheAuthorityWantsIt(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		now := clock.At(time.Now()) //nolint:forbidigo // Pebble has no other time
		d := dbtest.Open(t, address, now)
		k := openDesk(t, d)
		p := acmetest.Start(t, k.world, acmetest.Options{HTTPPort: k.port})
		issuer := certificate.NewIssuer(d, k.sealer, willing{}, certificate.Limits{Orders: 1}, k.authority(p, "", ""))
		issue := func() {
			t.Helper()
			if _, err := issuer.Issue(t.Context(), []string{"a.test"}, certificate.Certificate{}); err != nil {
				t.Fatal(err)
			}
		}
		hear := func() keptNow {
			t.Helper()
			if err := issuer.AskAuthorities(t.Context()); err != nil {
				t.Fatal(err)
			}
			return k.kept()
		}
		issue()
		// Pebble wants it within a day of two thirds of its life, and says that it has no news for six hours.
		first := hear()
		if days := first.renew.Sub(d.Now()).Hours() / 24; days < 59-0.01 || days > 61+0.01 {
			t.Errorf("to be renewed in %.1f days", days)
		}
		if wait := first.ask.Sub(d.Now()); wait < 5*time.Hour || wait > 6*time.Hour+time.Minute {
			t.Errorf("asked again in %v", wait)
		}
		p.Wish(t, first.chain, d.Now().Add(-2*time.Hour), d.Now().Add(-time.Hour))
		if early := hear(); !early.renew.Equal(first.renew) {
			t.Errorf("asked before it is time: %v", early.renew)
		}
		now.Advance(7 * time.Hour)
		if wanted := hear(); wanted.renew.After(d.Now()) {
			t.Fatalf("the authority wants it now, and it is to be renewed at %v", wanted.renew)
		}
		issue()
		second := k.kept()
		if second.id == first.id {
			t.Error("it is not renewed")
		}
		replaces, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM certificate_order WHERE state = 'issued' AND renewal`)
		if err != nil || replaces != 1 {
			t.Errorf("%d orders say what they replace: %v", replaces, err)
		}
		p.Wish(t, second.chain, d.Now().Add(200*24*time.Hour), d.Now().Add(201*24*time.Hour))
		if late := hear(); late.renew.After(d.Now().Add(61 * 24 * time.Hour)) {
			t.Errorf("it is wanted when it has run out: %v", late.renew)
		}
	})
}

// Authorities count failures: a name that has failed is left in peace, longer each time.
func TestIssuer_leavesANameInPeaceThatHasFailed(t *testing.T) {
	t.Parallel()
	begin := time.Now() //nolint:forbidigo // Pebble has no other time
	dbtest.EachFrom(t, begin, func(t *testing.T, d *db.DB, now *clock.Fixed) {
		k := openDesk(t, d)
		p := acmetest.Start(t, k.world, acmetest.Options{HTTPPort: k.port})
		issuer := certificate.NewIssuer(d, k.sealer, willing{}, certificate.Limits{}, k.authority(p, "", ""))
		issue := func() error {
			_, err := issuer.Issue(t.Context(), []string{"a.test"}, certificate.Certificate{})
			return err
		}
		k.breakNames(true)
		if err := issue(); fault.Code(err) != certificate.CodeUnproven || !fault.Is(err, fault.Provider) {
			t.Errorf("a name that does not answer: %v", err)
		}
		k.breakNames(false)
		orders := p.Orders()
		if err := issue(); !fault.Is(err, fault.TooMany) || p.Orders() != orders {
			t.Errorf("at once again: %v, %d orders", err, p.Orders()-orders)
		}
		now.Advance(3 * time.Minute)
		if err := issue(); err != nil {
			t.Errorf("after some minutes: %v", err)
		}
		stored, err := db.One(t.Context(), d, db.Value[[]byte], `SELECT key FROM certificate`)
		if err != nil || strings.Contains(string(stored), "PRIVATE") {
			t.Errorf("the key lies open: %v", err)
		}
		if loaded, err := issuer.Load(t.Context(), "a.test"); err != nil || loaded.Leaf.VerifyHostname("a.test") != nil {
			t.Errorf("%v, %v", loaded, err)
		}
		if loaded, err := issuer.Load(t.Context(), "b.test"); err != nil || loaded != nil {
			t.Errorf("a certificate that nobody has: %v, %v", loaded, err)
		}
	})
}
