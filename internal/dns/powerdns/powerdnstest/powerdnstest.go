// Package powerdnstest runs a real PowerDNS for tests, on free ports of this machine.
package powerdnstest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // makes the server's database

	"vitrine/internal/porttest"
)

const schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"

// Key is the key of every server's API.
const Key = "secret"

// Server is a real PowerDNS.
type Server struct {
	API string // host:port
	DNS string // where it answers questions
}

// Start runs a PowerDNS without zones until the end of the test.
func Start(t *testing.T) Server {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), needed(), "pdns_server", "pdns-server pdns-backend-sqlite3").CombinedOutput(); err != nil { //nolint:gosec // our own script
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
	s := Server{API: "127.0.0.1:" + porttest.Free(t), DNS: "127.0.0.1:" + porttest.Free(t)}
	_, apiPort, _ := net.SplitHostPort(s.API)
	_, port, _ := net.SplitHostPort(s.DNS)
	var log bytes.Buffer
	run := exec.CommandContext(t.Context(), "pdns_server", "--config-dir="+dir, "--socket-dir="+dir, "--launch=gsqlite3", "--gsqlite3-database="+filepath.Join(dir, "pdns.db"), //nolint:gosec // the test's own
		"--local-address=127.0.0.1", "--local-port="+port, "--api=yes", "--api-key="+Key, "--webserver=yes", "--webserver-address=127.0.0.1", "--webserver-port="+apiPort,
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ; ; time.Sleep(20 * time.Millisecond) {
		if c, err := new(net.Dialer).DialContext(ctx, "tcp", s.API); err == nil {
			_ = c.Close()
			return s
		}
		if ctx.Err() != nil {
			t.Fatal("PowerDNS does not start")
		}
	}
}

// needed is the script that installs what is missing.
func needed() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "../../../../scripts/need.sh")
}

// Zone makes an empty zone.
func (s Server) Zone(t *testing.T, name string) {
	t.Helper()
	body := fmt.Sprintf(`{"name": "%s.", "kind": "Native", "nameservers": ["ns1.%[1]s."]}`, name)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.API+"/api/v1/servers/localhost/zones", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-API-Key", Key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("make the zone %s: %s", name, res.Status)
	}
}
