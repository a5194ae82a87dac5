package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// folder is where the tests' binary is.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "vitrine"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// compile builds the binary, once for all tests.
var compile = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(folder, "vitrine")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput() //nolint:gosec,noctx // our own, for all tests
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return binary, nil
})

// buildWith returns the path of a binary with a tag.
func buildWith(t *testing.T, tag string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "vitrine")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", tag, "-o", binary, ".").CombinedOutput(); err != nil { //nolint:gosec // our own
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// build returns the path of the real binary.
func build(t *testing.T) string {
	t.Helper()
	binary, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
