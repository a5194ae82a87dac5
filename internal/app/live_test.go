package app_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vitrine/internal/app"
	"vitrine/internal/certificate/acmetest"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/porttest"
)

// goneLive is how long it may take from a name that is connected to a store that answers
// there over HTTPS: some seconds, unless much else goes on.
const goneLive = time.Minute

// nameServerAt is where the built-in name server listens: others are asked at that port
// alone.
const nameServerAt = "127.0.0.9:53"

// A name is delegated to the built-in name server; everything after that is Vitrine's:
// proof, records, propagation, a certificate, and the store over HTTPS.
func TestServe_bringsAStoreLiveOnItsOwnNameInSeconds(t *testing.T) { //nolint:paralleltest // the port is one
	eachLive(t, bringLive)
}

// A name is searched for and bought; everything after that is Vitrine's.
func TestServe_aNameThatIsBoughtIsLiveInSeconds(t *testing.T) { //nolint:paralleltest // the port is one
	eachLive(t, buyLive)
}

func eachLive(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	if probe, err := new(net.ListenConfig).Listen(t.Context(), "tcp", nameServerAt); err != nil {
		t.Skipf("only who may listen at port 53 can be a name server: %v", err)
	} else {
		_ = probe.Close()
	}
	for _, engine := range dbtest.Engines() {
		t.Run(string(engine), func(t *testing.T) { fn(t, dbtest.Open(t, dbtest.NewURL(t, engine), clock.System{})) })
	}
}

// live is a platform that is its own name server, with an authority beside it.
type live struct {
	*merchant
	world  *acmetest.World
	roots  *x509.CertPool
	secure string // the port of HTTPS
	store  string
}

// goLive starts it in a world where a name is delegated to it.
func goLive(t *testing.T, d *db.DB, name string) *live {
	t.Helper()
	world := acmetest.NewWorld(t)
	world.Say(t, "ns1.shops.test", "A", "ns1.shops.test. 60 IN A 127.0.0.9")
	world.Delegate(name, nameServerAt)
	plain, secure := porttest.Free(t), porttest.Free(t)
	httpPort, _ := strconv.Atoi(plain)
	tlsPort, _ := strconv.Atoi(secure)
	authority := acmetest.Start(t, world, acmetest.Options{HTTPPort: httpPort, TLSPort: tlsPort})
	root := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(root, authority.RootPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{
		"CONFIG": os.DevNull, "LISTEN_ADDR": "127.0.0.1:" + plain, "HTTPS_LISTEN_ADDR": "127.0.0.1:" + secure, "HTTPS_PORT": secure,
		"PLATFORM_DOMAIN": "shops.test", "PLATFORM_IP_ADDRESS": "127.0.0.1", "PLATFORM_CNAME_TARGET": "proxy.shops.test",
		"DNS_PROVIDER_MODE": "builtin", "NAMESERVER_LISTEN": nameServerAt, "PLATFORM_NAMESERVERS": "ns1.shops.test", "DNS_RESOLVERS": world.Address,
		"SSL_PROVIDER_MODE": "acme", "ACME_DIRECTORY": authority.Directory, "ACME_ROOT_FILE": root, "ACME_PREFLIGHT": "false", "ACME_CHALLENGES": "http-01",
	}
	run(t, d, settings)
	m := &merchant{T: t, api: "http://127.0.0.1:" + plain}
	eventually(t, "ready", func() bool {
		res, err := http.Get(m.api + "/readyz") //nolint:noctx // a probe
		if err == nil {
			_ = res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusOK
	})
	var login struct {
		Token string `json:"access_token"`
	}
	m.post("/auth/register", map[string]string{"email": "live@example.com", "password": "a long password"}, &login)
	m.token = login.Token
	var shop struct{ ID string }
	m.post("/stores", map[string]string{"name": "Mugs"}, &shop)

	return &live{merchant: m, world: world, roots: authority.Issued, secure: secure, store: shop.ID}
}

func bringLive(t *testing.T, d *db.DB) {
	m := goLive(t, d, "mystore.test")
	began := time.Now()
	at := "/stores/" + m.store + "/domain"
	var connected struct {
		Record struct{ Name, Value string } `json:"verification_record"`
	}
	m.post(at, map[string]string{"domain": "mystore.test"}, &connected)
	m.world.Say(t, connected.Record.Name, "TXT", fmt.Sprintf("%s. 60 IN TXT %q", connected.Record.Name, connected.Record.Value))
	var verified struct {
		Verified bool
		Detail   string
	}
	if m.post(at+"/verify", nil, &verified); !verified.Verified {
		t.Fatal(verified.Detail)
	}
	m.post(at+"/dns/auto-configure", nil, nil)
	eventually(t, "propagated", func() bool {
		var status struct {
			Spread string `json:"propagation_status"`
		}
		m.do(http.MethodGet, at+"/dns/status", nil, &status)
		return status.Spread == "propagated"
	})
	var got struct {
		Provisioned bool   `json:"ssl_provisioned"`
		ID          string `json:"ssl_certificate_id"`
	}
	if m.post(at+"/ssl/provision", nil, &got); !got.Provisioned || !strings.HasPrefix(got.ID, "ssl-cert-") {
		t.Fatalf("%+v", got)
	}
	m.browse("mystore.test", began)
}

func buyLive(t *testing.T, d *db.DB) {
	m := goLive(t, d, "mystore.com")
	began := time.Now()
	var found struct {
		Results []struct {
			Domain    string
			Available bool
		}
	}
	m.do(http.MethodGet, "/domains/search?q=mystore&tlds=com", nil, &found)
	if len(found.Results) == 0 || found.Results[0].Domain != "mystore.com" || !found.Results[0].Available {
		t.Fatalf("%+v", found)
	}
	at := "/stores/" + m.store + "/domain"
	m.post(at+"/purchase", map[string]any{"domain": "mystore.com", "years": 1, "contact_info": map[string]string{
		"first_name": "John", "last_name": "Doe", "email": "john@example.com", "phone": "+1234567890", "address": "123 Main St",
		"city": "New York", "state": "NY", "country": "US", "zip_code": "10001",
	}}, nil)
	servers, err := db.One(t.Context(), d, db.Value[string], `SELECT nameservers FROM mock_registration WHERE domain = 'mystore.com'`)
	if err != nil || !strings.Contains(servers, "ns1.shops.test") { // which is what the world was told before
		t.Errorf("the name is delegated to %q, %v", servers, err)
	}
	eventually(t, "certified", func() bool {
		state, err := db.One(t.Context(), d, db.Value[string], `SELECT state FROM purchase WHERE domain = 'mystore.com'`)
		return err == nil && state == "done"
	})
	m.browse("mystore.com", began)
}

// browse fails the test unless the store answers on a name over HTTPS, in time.
func (m *live) browse(name string, began time.Time) {
	m.Helper()
	browser := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: m.roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+m.secure)
		},
	}}
	res, err := browser.Get("https://" + name + "/") //nolint:noctx // as anybody would
	if err != nil {
		m.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(body), "Mugs") {
		m.Errorf("%d: %v\n%s", res.StatusCode, err, body)
	}
	took := time.Since(began)
	m.Logf("live after %v", took.Round(time.Millisecond))
	if took > goneLive {
		m.Errorf("it took %v", took)
	}
}

// merchant speaks to the API.
type merchant struct {
	*testing.T
	api, token string
}

func (m *merchant) post(path string, body, answer any) { m.do(http.MethodPost, path, body, answer) }

func (m *merchant) do(method, path string, body, answer any) {
	m.Helper()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			m.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(m.Context(), method, m.api+"/api/v1"+path, &sent)
	if err != nil {
		m.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+m.token)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		m.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		m.Fatalf("%s %s: %d %s, %v", method, path, res.StatusCode, said, err)
	}
	if answer != nil {
		if err := json.Unmarshal(said, answer); err != nil {
			m.Fatal(err)
		}
	}
}

// run runs the app with settings, which are named without VITRINE_, until the end of
// the test.
func run(t *testing.T, d *db.DB, settings map[string]string) {
	t.Helper()
	c, err := config.Load(func(name string) (string, bool) {
		value, set := settings[strings.TrimPrefix(name, "VITRINE_")]
		return value, set
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), c, d)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
