package edge_test

import (
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"vitrine/internal/certificate"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// graded are findings of testssl that are not of the edge. The authority is one of the
// test's own, and the name is not in the world's DNS; the machine's openssl has no GOST,
// and cannot try the renegotiation that Go does not have. Go's tickets say that they
// last for seven days, which nobody can set. What is packed (BREACH) has no secret in it.
var graded = []string{"cert_revocation", "DNS_CAArecord", "engine_problem", "secure_renego", "TLS_session_ticket", "BREACH"}

// testssl.sh looks for what is wrong with the edge. It takes minutes.
func TestSecure_testsslFindsNothing(t *testing.T) {
	t.Parallel()
	if os.Getenv("VITRINE_TEST_ACCEPT") == "" {
		t.Skip("VITRINE_TEST_ACCEPT=1 runs it")
	}
	if out, err := exec.CommandContext(t.Context(), "../../scripts/need.sh", "testssl", "testssl.sh").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{})
	l := goLive(t, d, certificate.ByHTTP)
	l.prepare("mystore.test")
	if _, err := l.domains.Certify(t.Context(), l.store.ID, nil); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	root, report := filepath.Join(dir, "root.pem"), filepath.Join(dir, "report.json")
	if err := os.WriteFile(root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.pebble.Root}), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.CommandContext(t.Context(), "testssl", "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--add-ca", root, //nolint:gosec // our own
		"--jsonfile", report, "mystore.test:"+l.secure.PublicPort).CombinedOutput() // its status counts findings
	raw, err := os.ReadFile(report) //nolint:gosec // our own
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var findings []struct{ ID, Severity, Finding string }
	if err := json.Unmarshal(raw, &findings); err != nil || len(findings) < 50 {
		t.Fatalf("%d findings: %v\n%s", len(findings), err, out)
	}
	t.Logf("%d looks", len(findings))
	for _, f := range findings {
		switch {
		case f.Severity == "OK" || f.Severity == "INFO":
		case slices.Contains(graded, f.ID):
			t.Logf("of the test, not of the edge: %s %s: %s", f.Severity, f.ID, f.Finding)
		default:
			t.Errorf("%s %s: %s", f.Severity, f.ID, f.Finding)
		}
	}
}
