package main_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/certificate/acmetest"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// moments are when the server is killed in the middle of an order: the authority has
// done what was asked for below a path, and its answer does not come. placed is how many
// orders it has in the end.
var moments = []struct {
	path   string
	placed int64
}{
	{"/finalize-order/", 1}, // it has issued the certificate
	{"/order-plz", 2},       // where the order is, nobody knows
	{"/authZ/", 1},
	{"/chalZ/", 2}, // it looks whether the name is ours, and nobody answers
	{"/certZ/", 1},
}

// TestKill_inTheMiddleOfAnOrder kills the server while it gets a certificate. The next
// process goes on with the order: the authority issues one certificate.
func TestKill_inTheMiddleOfAnOrder_itIsGoneOnWithAndNotDoubled(t *testing.T) {
	t.Parallel()
	binary := build(t)
	long := os.Getenv("VITRINE_TEST_ACCEPT") != ""
	for i, when := range moments {
		if i > 0 && !long {
			break
		}
		t.Run(strings.Trim(when.path, "/"), func(t *testing.T) {
			t.Parallel()
			dbtest.EachURL(t, func(t *testing.T, address string) {
				var s *server
				var once sync.Once
				killed := make(chan struct{})
				front := openPortal(t)
				authority := acmetest.Start(t, front.world, acmetest.Options{HTTPPort: front.port, Done: func(path string) {
					if strings.HasPrefix(path, when.path) {
						once.Do(func() { s.kill(); close(killed) })
					}
				}})
				root := filepath.Join(t.TempDir(), "root.pem")
				if err := os.WriteFile(root, authority.RootPEM, 0o600); err != nil {
					t.Fatal(err)
				}
				s = &server{t: t, binary: binary, address: address, env: []string{
					"VITRINE_SSL_PROVIDER_MODE=acme", "VITRINE_ACME_DIRECTORY=" + authority.Directory, "VITRINE_ACME_ROOT_FILE=" + root,
					"VITRINE_ACME_PREFLIGHT=false", "VITRINE_ACME_CHALLENGES=http-01", "VITRINE_DNS_RESOLVERS=" + front.world.Address,
				}}
				s.start()
				defer func() { s.kill() }()
				front.lead(t, s.url)
				token, _ := s.newUser()
				var store struct{ ID string }
				s.send(http.MethodPost, "/stores", token, map[string]string{"name": "Shop"}, &store)
				domain := "/stores/" + store.ID + "/domain"
				s.send(http.MethodPost, domain, token, map[string]string{"domain": "mystore.test"}, nil)
				s.send(http.MethodPost, domain+"/verify", token, nil, nil)
				s.send(http.MethodPost, domain+"/dns/auto-configure", token, nil, nil)
				if status := s.send(http.MethodPost, domain+"/ssl/provision", token, nil, nil); status != 0 {
					t.Fatalf("it answered %d", status)
				}
				<-killed

				d := dbtest.Open(t, address, clock.System{})
				leaseEnds(t, d)
				s.start()
				front.lead(t, s.url)
				if !long { // who asks now does what the job does every minute
					s.send(http.MethodPost, domain+"/ssl/provision", token, nil, nil)
				}
				var got struct {
					Active string `json:"status"`
					ID     string `json:"ssl_certificate_id"`
				}
				for deadline := time.Now().Add(3 * time.Minute); got.Active != "active"; time.Sleep(50 * time.Millisecond) {
					if s.send(http.MethodGet, domain, token, nil, &got); time.Now().After(deadline) {
						t.Fatalf("there is no certificate: %+v", got)
					}
				}
				if authority.Issues() != 1 || authority.Orders() != when.placed {
					t.Errorf("the authority has %d orders, want %d, and has issued %d certificates", authority.Orders(), when.placed, authority.Issues())
				}
				kept, err := db.One(t.Context(), d, db.Value[string], `SELECT id FROM certificate WHERE domain = 'mystore.test'`)
				if err != nil || kept != got.ID {
					t.Errorf("the certificate is %s, the domain says %s: %v", kept, got.ID, err)
				}
				open, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM certificate_order WHERE state = 'open' OR key IS NOT NULL`)
				if err != nil || open != 0 {
					t.Errorf("%d orders are open: %v", open, err)
				}
			})
		})
	}
}

// leaseEnds is the database as it would be when the lease of the dead has run out.
func leaseEnds(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		past := db.Time{Time: tx.Now().Add(-time.Second)}
		_, err := db.Exec(t.Context(), tx, `UPDATE certificate_order SET lease_until = $1 WHERE state = 'open'`, past)
		if err == nil {
			_, err = db.Exec(t.Context(), tx, `UPDATE custom_domain SET ssl_retry_at = $1 WHERE ssl_retry_at IS NOT NULL`, past)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// portal is where the world finds every name, whichever process is behind it.
type portal struct {
	world  *acmetest.World
	port   int
	behind atomic.Pointer[url.URL]
}

func openPortal(t *testing.T) *portal {
	t.Helper()
	g := &portal{world: acmetest.NewWorld(t)}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(g.behind.Load())
		r.Out.Host = r.In.Host
	}}
	listening := httptest.NewServer(proxy)
	t.Cleanup(listening.Close)
	g.port = listening.Listener.Addr().(*net.TCPAddr).Port
	return g
}

func (g *portal) lead(t *testing.T, to string) {
	t.Helper()
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	g.behind.Store(at)
}
