// Package knottest runs a real Knot DNS for tests, on a free port of this machine.
package knottest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"vitrine/internal/porttest"
)

// The key that may change and transfer every zone.
const (
	Key       = "vitrine-test"
	Secret    = "Wm8dXfHBBF5cHGmEoaaXvMy3wEGHM0UYC9gJm1rPy2s=" //nolint:gosec // the test server's
	Algorithm = "hmac-sha256"
)

const config = `server:
    rundir: "%[1]s"
    listen: %[2]s
log:
  - target: stderr
    any: warning
database:
    storage: "%[1]s"
key:
  - id: ` + Key + `
    algorithm: ` + Algorithm + `
    secret: ` + Secret + `
acl:
  - id: ours
    key: ` + Key + `
    action: [transfer, update]
template:
  - id: default
    storage: "%[1]s"
    acl: ours
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
`

// Start runs a Knot that has empty zones until the end of the test, and returns
// where it answers.
func Start(t *testing.T, zones ...string) (address string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), needed(), "knotd", "knot").CombinedOutput(); err != nil { //nolint:gosec // our own script
		t.Fatalf("Knot is missing: %v: %s", err, out)
	}
	dir, err := os.MkdirTemp("", "knot") // its sockets want short paths
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port := porttest.Free(t)
	address = "127.0.0.1:" + port
	text := fmt.Sprintf(config, dir, "127.0.0.1@"+port)
	for _, name := range zones {
		text += "  - domain: " + name + "\n"
		zone := fmt.Sprintf("$ORIGIN %s.\n@ 3600 SOA ns1.knot.example. host 1 7200 3600 1209600 300\n@ 3600 NS ns1.knot.example.\n", name)
		write(t, filepath.Join(dir, name+".zone"), zone)
	}
	write(t, filepath.Join(dir, "knot.conf"), text)
	run(t, address, "knotd", "-c", filepath.Join(dir, "knot.conf"))
	return address
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run keeps a server running until the end of the test, and returns when it is there.
func run(t *testing.T, address string, command ...string) {
	t.Helper()
	var log bytes.Buffer
	server := exec.CommandContext(context.WithoutCancel(t.Context()), command[0], command[1:]...) //nolint:gosec // Knot
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Logf("Knot said: %s", log.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ; ; time.Sleep(20 * time.Millisecond) {
		if c, err := new(net.Dialer).DialContext(ctx, "tcp", address); err == nil {
			_ = c.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatal("Knot does not start")
		}
	}
}

// needed is the script that installs what is missing.
func needed() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "../../../../scripts/need.sh")
}
