package dnstest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Other returns how to run a program of other people's against a server of ours, with
// more in its environment. It is installed where it is missing, for which it takes the
// long tests (VITRINE_TEST_ACCEPT=1): the test is skipped without them.
func Other(t *testing.T, program, packages string) (run func(env []string, name string, args ...string) string) {
	t.Helper()
	if os.Getenv("VITRINE_TEST_ACCEPT") == "" {
		t.Skipf("%s is installed for the long tests alone", program)
	}
	_, here, _, _ := runtime.Caller(0)
	need := filepath.Join(filepath.Dir(here), "../../../scripts/need.sh")
	if out, err := exec.CommandContext(t.Context(), need, program, packages).CombinedOutput(); err != nil { //nolint:gosec // our own script
		t.Fatalf("%s: %v: %s", program, err, out)
	}
	return func(env []string, name string, args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), name, args...) //nolint:gosec // the test's own
		command.Env = append(os.Environ(), env...)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v: %s", name, args, err, out)
		}
		return string(out)
	}
}
