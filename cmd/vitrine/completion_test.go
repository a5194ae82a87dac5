package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shell returns the path of a shell; where there is none the test is skipped, but for the
// long proofs, which install it.
func shell(t *testing.T, name string) string {
	t.Helper()
	if accept() {
		if out, err := exec.CommandContext(t.Context(), "../../scripts/need.sh", name, name).CombinedOutput(); err != nil { //nolint:gosec // our own
			t.Fatalf("%v\n%s", err, out)
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s: make accept installs it", name)
	}
	return path
}

// completed writes the completion of a shell into a file and returns its path.
func completed(t *testing.T, name, file string) string {
	t.Helper()
	script, _, code := vitrine(t, build(t), "completion", name)
	if code != 0 {
		t.Fatalf("completion %s: exit code %d", name, code)
	}
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCompletion_completesInBash(t *testing.T) {
	t.Parallel()
	bash, script := shell(t, "bash"), completed(t, "bash", "vitrine.bash")
	for line, want := range map[string]string{
		"vitrine ser":               "serve",
		"vitrine co":                "copy-database config completion",
		"vitrine help mig":          "migrate",
		"vitrine serve --acme-em":   "--acme-email",
		"vitrine config --":         "--check",
		"vitrine completion ":       "bash zsh fish",
		"vitrine restore " + script: script,
	} {
		words := strings.Split(line, " ")
		run := `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vitrine; echo "${COMPREPLY[@]}"`
		out, err := exec.CommandContext(t.Context(), bash, append([]string{"-c", run, "bash", script}, words...)...).CombinedOutput() //nolint:gosec // our own
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: %q, not %q, %v", line, got, want, err)
		}
	}
}

func TestCompletion_isReadByZsh(t *testing.T) {
	t.Parallel()
	zsh, script := shell(t, "zsh"), completed(t, "zsh", "_vitrine")
	run := `autoload -Uz compinit && compinit -u -D && source "$1" && (( $+functions[_vitrine] )) && echo "$_comps[vitrine]"`
	out, err := exec.CommandContext(t.Context(), zsh, "-f", "-c", run, "zsh", script).CombinedOutput() //nolint:gosec // our own
	if err != nil || strings.TrimSpace(string(out)) != "_vitrine" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestCompletion_completesInFish(t *testing.T) {
	t.Parallel()
	fish, script := shell(t, "fish"), completed(t, "fish", "vitrine.fish")
	for line, want := range map[string]string{"vitrine ser": "serve", "vitrine serve --acme-em": "--acme-email", "vitrine completion zs": "zsh"} {
		out, err := exec.CommandContext(t.Context(), fish, "--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, script, line).CombinedOutput() //nolint:gosec // our own
		if err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%q: %q, %v", line, out, err)
		}
	}
}

// The manual page is one that man reads without a complaint, and has every command.
func TestManual_isOneThatManReads(t *testing.T) {
	t.Parallel()
	page, _, code := vitrine(t, build(t), "man")
	if code != 0 || !strings.HasPrefix(page, ".TH VITRINE 1") {
		t.Fatalf("exit code %d: %.60s", code, page)
	}
	for _, want := range []string{`.SS vitrine serve`, `.B \-\-acme\-email value`, `.SS vitrine completion bash|zsh|fish`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in it", want)
		}
	}
	groff := shell(t, "groff")
	command := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-ww", "-z") //nolint:gosec // our own
	command.Stdin = strings.NewReader(page)
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestConfigCheck_tellsEveryFaultByName(t *testing.T) {
	t.Parallel()
	binary, dir := build(t), t.TempDir()
	run := func(env ...string) (string, int) {
		command := exec.CommandContext(t.Context(), binary, "config", "--check") //nolint:gosec // our own
		command.Dir, command.Env = dir, append(os.Environ(), env...)
		out, _ := command.CombinedOutput()
		return string(out), command.ProcessState.ExitCode()
	}
	if out, code := run(); code != 0 || !strings.Contains(out, "in order") {
		t.Errorf("the defaults: %d %s", code, out)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	for _, c := range []struct {
		env  []string
		want []string
	}{
		{[]string{"VITRINE_DEV_PAGES=perhaps", "VITRINE_DATABASE_MAX_CONNS=many"}, []string{"dev_pages", "database_max_conns", "2 faults"}},
		{[]string{"VITRINE_LISTEN_ADDR=8080", "VITRINE_ADMIN_ADDR=nowhere.example:1", "VITRINE_MEDIA_DIR=/dev/null/media", "VITRINE_DNS_PROVIDER_MODE=cloudflare"}, []string{"listen_addr", "admin_addr", "media_dir", "cloudflare_api_token", "4 faults"}},
		{[]string{"VITRINE_DATABASE_URL=postgres://nobody@127.0.0.1:1/none"}, []string{"database_url", "one fault"}},
		{[]string{"VITRINE_DATABASE_URL=sqlite:///dev/null/v.db"}, []string{"database_url"}},
		{[]string{"VITRINE_HTTPS_LISTEN_ADDR=:443", "VITRINE_TLS_CERTIFICATE_FILE=/nowhere.pem"}, []string{"tls_certificate_file"}},
		{[]string{"TMPDIR=/nowhere"}, []string{"temporary files", "/nowhere", "one fault"}},
		{[]string{"VITRINE_SSL_PROVIDER_MODE=acme", "VITRINE_ACME_ROOT_FILE=/nowhere.pem"}, []string{"acme_root_file"}},
	} {
		out, code := run(c.env...)
		for _, want := range c.want {
			if code != 1 || !strings.Contains(out, want) {
				t.Errorf("%v: %d, %q is not in\n%s", c.env, code, want, out)
			}
		}
	}
}
