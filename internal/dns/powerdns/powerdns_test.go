package powerdns_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite" // makes the server's database

	"vitrine/internal/dns"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/lookup"
	"vitrine/internal/dns/powerdns"
)

const (
	schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"
	key    = "secret"
)

// server is a real PowerDNS.
type server struct {
	api string
	udp string // where it answers questions
}

// start runs a PowerDNS without zones until the end of the test.
func start(t *testing.T) server {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "../../../scripts/need.sh", "pdns_server", "pdns-server pdns-backend-sqlite3").CombinedOutput(); err != nil {
		t.Fatalf("PowerDNS is missing: %v: %s", err, out)
	}
	dir := t.TempDir()
	tables, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	d, err := sql.Open("sqlite", filepath.Join(dir, "pdns.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.ExecContext(t.Context(), string(tables)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	s := server{api: "127.0.0.1:" + free(t), udp: "127.0.0.1:" + free(t)}
	_, apiPort, _ := net.SplitHostPort(s.api)
	_, port, _ := net.SplitHostPort(s.udp)
	var log bytes.Buffer
	run := exec.CommandContext(t.Context(), "pdns_server", "--config-dir="+dir, "--socket-dir="+dir, "--launch=gsqlite3", "--gsqlite3-database="+filepath.Join(dir, "pdns.db"),
		"--local-address=127.0.0.1", "--local-port="+port, "--api=yes", "--api-key="+key, "--webserver=yes", "--webserver-address=127.0.0.1", "--webserver-port="+apiPort,
		"--webserver-allow-from=127.0.0.0/8", "--daemon=no", "--guardian=no", "--disable-syslog", "--cache-ttl=0", "--query-cache-ttl=0", "--negquery-cache-ttl=0", "--zone-cache-refresh-interval=0")
	run.Stdout, run.Stderr = &log, &log
	run.Cancel = func() error { return run.Process.Kill() }
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
		if t.Failed() {
			t.Logf("PowerDNS said: %s", log.String())
		}
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.api); err == nil {
			_ = c.Close()
			return s
		}
		if time.Now().After(deadline) {
			t.Fatal("PowerDNS does not start")
		}
	}
}

// free returns a port that nobody uses.
func free(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// zone makes an empty zone.
func (s server) zone(t *testing.T, name string) {
	t.Helper()
	body := fmt.Sprintf(`{"name": "%s.", "kind": "Native", "nameservers": ["ns1.%[1]s."]}`, name)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.api+"/api/v1/servers/localhost/zones", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-API-Key", key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("make the zone %s: %s", name, res.Status)
	}
}

func (s server) provider(t *testing.T) dns.Provider {
	t.Helper()
	v, err := lookup.New([]string{s.udp})
	if err != nil {
		t.Fatal(err)
	}
	return powerdns.New("http://"+s.api, key, v)
}

func TestPowerDNS_conforms(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.provider(t)
	var n atomic.Int64
	dnstest.Run(t, func(t *testing.T) dnstest.Subject {
		name := fmt.Sprintf("shop%d.example", n.Add(1))
		s.zone(t, name)
		return dnstest.Subject{Provider: p, Domain: name}
	})
}

// What is written over the API is what the server then answers over DNS.
func TestPowerDNS_servesWhatIsWritten(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.zone(t, "shop.example")
	p := s.provider(t)
	v, err := lookup.New([]string{s.udp})
	if err != nil {
		t.Fatal(err)
	}
	text := `one "two" \ ` + strings.Repeat("é", 300)
	priority := 10
	for _, r := range []dns.Record{
		{Name: "shop.example", Type: dns.TXT, Value: text},
		{Name: "shop.example", Type: dns.MX, Value: "mail.example.net", Priority: &priority},
		{Name: "www.shop.example", Type: dns.CNAME, Value: "proxy.platform.app"},
		{Name: "shop.example", Type: dns.CAA, Value: `0 issue "letsencrypt.org"`},
	} {
		r.TTL = 300
		if _, err := p.CreateRecord(t.Context(), "shop.example.", r); err != nil {
			t.Fatal(err)
		}
		saw, err := v.VerifyPropagation(t.Context(), r.Name, r.Type, r.Data())
		if err != nil {
			t.Fatal(err)
		}
		last := saw.Answers[len(saw.Answers)-1] // of the server itself, which knows no address of ns1
		if !last.Seen {
			t.Errorf("%v: %v", r, saw)
		}
	}
	found, err := v.Text(t.Context(), "shop.example")
	if err != nil || len(found) != 1 || found[0] != text {
		t.Errorf("TXT: %q, %v", found, err)
	}
	if found, err := v.Text(t.Context(), "none.shop.example"); err != nil || len(found) != 0 {
		t.Errorf("TXT of nothing: %q, %v", found, err)
	}
	if _, err := v.Text(t.Context(), "elsewhere.example"); err == nil {
		t.Error("a server that refuses is taken for one that says no")
	}
}

func TestPowerDNS_errorsTellWhatHappened(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.zone(t, "shop.example")
	r := dns.Record{Name: "a.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
	v, err := lookup.New([]string{s.udp})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := powerdns.New("http://"+s.api, "wrong", v).CreateRecord(t.Context(), "shop.example.", r); !dns.Is(err, dns.Refused) {
		t.Errorf("a wrong key: %v", err)
	}
	if _, err := s.provider(t).CreateRecord(t.Context(), "none.example.", r); !dns.Is(err, dns.NoZone) {
		t.Errorf("a zone that is not there: %v", err)
	}
	if _, err := powerdns.New("http://127.0.0.1:"+free(t), key, v).CreateRecord(t.Context(), "shop.example.", r); !dns.Is(err, dns.Unanswered) {
		t.Errorf("nobody there: %v", err)
	}
	outside := dns.Record{Name: "a.other.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}
	if _, err := s.provider(t).CreateRecord(t.Context(), "shop.example.", outside); !dns.Is(err, dns.Refused) {
		t.Errorf("outside of the zone: %v", err)
	}
}
