package builtin_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/dns/nameserver"
)

// root delegates shop.example to this machine's addresses.
const root = `
.                        3600 IN SOA a.root.example. hostmaster.root.example. 1 14400 3600 1209600 300
.                        3600 IN NS  a.root.example.
.                        3600 IN NS  b.root.example.
a.root.example.          3600 IN A   127.77.0.1
b.root.example.          3600 IN A   127.77.0.2
root.example.            3600 IN MX  10 a.root.example.
ns1.platform.example.    3600 IN A   127.77.0.3
ns2.platform.example.    3600 IN A   127.77.0.4
shop.example.            3600 IN NS  ns1.platform.example.
shop.example.            3600 IN NS  ns2.platform.example.
`

// onLoopback are the findings that only the test's addresses deserve: they are private
// and have no names.
var onLoopback = []string{"NAMESERVER_IP_PRIVATE_NETWORK", "NAMESERVER_IP_WITHOUT_REVERSE"}

// Zonemaster, which registries test delegations with, finds nothing to warn of in a
// zone as it is served.
func TestZonemaster_findsNothing(t *testing.T) {
	if os.Getenv("VITRINE_TEST_ACCEPT") == "" {
		t.Skip("Zonemaster is installed in accept mode alone")
	}
	if out, err := exec.CommandContext(t.Context(), "../../../scripts/need.sh", "zonemaster-cli", "zonemaster-cli").CombinedOutput(); err != nil {
		t.Fatalf("zonemaster-cli: %v: %s", err, out)
	}
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{}) // what is served does not depend on it
	p := builtin.New(d, nil)
	zone, err := p.ZoneID(t.Context(), "shop.example")
	if err != nil {
		t.Fatal(err)
	}
	create(t, p, zone, dns.Record{Name: "shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300})
	create(t, p, zone, dns.Record{Name: "www.shop.example", Type: dns.CNAME, Value: "shop.example", TTL: 300})
	served := follow(t, d)
	above := nameserver.New(nameserver.Options{Clock: clock.System{}})
	var records []wire.RR
	in := wire.NewZoneParser(strings.NewReader(root), ".", "")
	for rr, ok := in.Next(); ok; rr, ok = in.Next() {
		records = append(records, rr)
	}
	z, err := nameserver.NewZone(".", records, nil)
	if err != nil {
		t.Fatal(err)
	}
	above.Put(z)
	listen(t, above, "127.77.0.1:53")
	listen(t, above, "127.77.0.2:53")
	listen(t, served, "127.77.0.3:53")
	listen(t, served, "127.77.0.4:53")
	hints := filepath.Join(t.TempDir(), "hints")
	text := ". 3600 IN NS a.root.example.\n. 3600 IN NS b.root.example.\na.root.example. 3600 IN A 127.77.0.1\nb.root.example. 3600 IN A 127.77.0.2\n"
	if err := os.WriteFile(hints, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "zonemaster-cli", "--hints", hints, "--no-ipv6", "--level", "INFO", "--raw", "shop.example").CombinedOutput() //nolint:gosec // the test's own
	if err != nil {
		t.Fatalf("zonemaster-cli: %v: %s", err, out)
	}
	if !strings.Contains(string(out), "Z09_MISSING_MAIL_TARGET") {
		t.Errorf("it did not get to its last tests:\n%s", out)
	}
	for line := range strings.Lines(string(out)) {
		_, said, _ := strings.Cut(strings.TrimSpace(line), " ")
		level, finding, _ := strings.Cut(strings.TrimSpace(said), " ")
		tag, _, _ := strings.Cut(strings.TrimSpace(finding), " ")
		if slices.Contains([]string{"WARNING", "ERROR", "CRITICAL"}, level) && !slices.Contains(onLoopback, tag) {
			t.Error(line)
		}
	}
}

// listen runs a server at an address until the end of the test.
func listen(t *testing.T, s *nameserver.Server, address string) {
	t.Helper()
	l, err := s.Listen(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
