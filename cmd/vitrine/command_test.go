package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// vitrine runs the binary in an empty folder and returns what it said and its exit
// code.
func vitrine(t *testing.T, binary string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, complaint strings.Builder
	c := exec.CommandContext(t.Context(), binary, args...)
	c.Dir, c.Stdout, c.Stderr = t.TempDir(), &out, &complaint
	err := c.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), complaint.String(), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), complaint.String(), 0
}

func TestCommand_tellsWhatItIsFor(t *testing.T) {
	t.Parallel()
	binary := build(t)
	everything, _, code := vitrine(t, binary, "help")
	if code != 0 {
		t.Errorf("help: exit code %d", code)
	}
	for _, name := range []string{"serve", "demo", "migrate", "import", "export", "doctor", "settle", "dns", "config", "openapi", "version"} {
		if !strings.Contains(everything, "\n  "+name+" ") {
			t.Errorf("the help leaves %s out:\n%s", name, everything)
		}
		for _, ask := range [][]string{{name, "-h"}, {name, "--help"}, {"help", name}} {
			if out, _, code := vitrine(t, binary, ask...); code != 0 || !strings.HasPrefix(out, "Usage: vitrine "+name) {
				t.Errorf("%v: %d, %q", ask, code, out)
			}
		}
	}
	if out, _, _ := vitrine(t, binary, "--help"); out != everything {
		t.Errorf("--help says something else than help: %q", out)
	}
}

func TestCommand_misspelt_isRefusedInASentence(t *testing.T) {
	t.Parallel()
	binary := build(t)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"servce"}, `there is no command "servce"`},
		{[]string{"help", "servce"}, `there is no command "servce"`},
		{[]string{"serve", "--port", "80"}, "not defined: -port"},
		{[]string{"dns", "forget", "shop.example"}, "nobody knows how to forget a name"},
		{[]string{"settle", "nonsense", "ask"}, `"nonsense" is no purchase`},
		{[]string{"settle", "01a2279a-2b67-7126-97cc-14bb25b21df1"}, "ask, released or waived"},
		{[]string{"migrate", "now"}, `nobody knows what "now" is for`},
		{nil, "Usage: vitrine <command>"},
	} {
		if out, complaint, code := vitrine(t, binary, c.args...); code != 2 || out != "" || !strings.Contains(complaint, c.says) {
			t.Errorf("%v: %d, %q, %q", c.args, code, out, complaint)
		}
	}
}

func TestCommand_thatFails_saysWhyAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vitrine.toml"), []byte("listen_adr = ':1'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var complaint strings.Builder
	c := exec.CommandContext(t.Context(), binary, "demo")
	c.Dir, c.Stderr = dir, &complaint
	err := c.Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 1 || !strings.Contains(complaint.String(), "listen_adr") {
		t.Errorf("a settings file with a mistake: %v, %q", err, complaint.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "vitrine.db")); err == nil {
		t.Error("there is a database all the same")
	}
}
