package main_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// dist builds what is released, and returns what is in the folder.
func dist(t *testing.T) map[string][]byte {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "dist")
	command := exec.CommandContext(t.Context(), "../../scripts/dist.sh", folder)
	command.Env = append(os.Environ(), "VERSION=v1.2.3", "SOURCE_DATE_EPOCH=1764400000")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[entry.Name()], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What is released is the same bytes each time, with their sums; the Debian package
// installs, and what it installed serves.
func TestDist_isTheSameEachTimeAndInstalls(t *testing.T) { //nolint:paralleltest // it compiles
	if !accept() || runtime.GOOS != "linux" {
		t.Skip("builds for minutes: make accept")
	}
	first, again := dist(t), dist(t)
	for name, content := range first {
		sum := sha256.Sum256(content)
		if len(content) == 0 || !bytes.Equal(content, again[name]) {
			t.Errorf("%s: %d bytes, and then %d others", name, len(content), len(again[name]))
		}
		if name != "SHA256SUMS" && !strings.Contains(string(first["SHA256SUMS"]), hex.EncodeToString(sum[:])+"  "+name+"\n") {
			t.Errorf("%s is not in\n%s", name, first["SHA256SUMS"])
		}
	}
	for _, system := range []string{"linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"} {
		checkArchive(t, first, system)
	}
	if len(first) != 7 || len(first["vitrine_1.2.3_amd64.deb"]) == 0 || len(first["vitrine_1.2.3_arm64.deb"]) == 0 {
		t.Errorf("released: %v", slices.Sorted(maps.Keys(first)))
	}
	root := install(t, first["vitrine_1.2.3_"+runtime.GOARCH+".deb"])
	binary := filepath.Join(root, "usr/bin/vitrine")
	if out, _, code := vitrine(t, binary, "version"); code != 0 || !strings.HasPrefix(out, "vitrine v1.2.3") {
		t.Errorf("version: %d %s", code, out)
	}
	out := tool(t, "", "ldd", "libc-bin", binary)
	if !strings.Contains(out, "not a dynamic executable") {
		t.Errorf("it is not static: %s", out)
	}
	verifyUnit(t, root, binary)
	s := &server{t: t, binary: binary, address: "sqlite://" + filepath.Join(t.TempDir(), "v.db")}
	s.env = []string{"NOTIFY_SOCKET=" + listenNotify(t)}
	s.start()
	s.kill()
	for _, want := range []string{
		"usr/share/man/man1/vitrine.1.gz", "usr/share/bash-completion/completions/vitrine", "usr/share/zsh/vendor-completions/_vitrine",
		"usr/share/fish/vendor_completions.d/vitrine.fish", "etc/vitrine/vitrine.toml.dpkg-new",
	} {
		if info, err := os.Stat(filepath.Join(root, want)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// checkArchive checks that the archive of a system has a binary of that system, static,
// and what belongs beside it.
func checkArchive(t *testing.T, released map[string][]byte, system string) {
	t.Helper()
	name := "vitrine-v1.2.3-" + system
	files := map[string][]byte{}
	packed, err := gzip.NewReader(bytes.NewReader(released[name+".tar.gz"]))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for r := tar.NewReader(packed); ; {
		h, err := r.Next()
		if err != nil {
			break
		}
		if files[strings.TrimPrefix(h.Name, name+"/")], err = io.ReadAll(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, want := range []string{"vitrine.1.gz", "vitrine.bash", "_vitrine", "vitrine.fish", "LICENSE"} {
		if len(files[want]) == 0 {
			t.Errorf("%s has no %s", name, want)
		}
	}
	info, err := buildinfo.Read(bytes.NewReader(files["vitrine"]))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	built := map[string]string{}
	for _, s := range info.Settings {
		built[s.Key] = s.Value
	}
	if built["GOOS"]+"-"+built["GOARCH"] != system || built["CGO_ENABLED"] != "0" || built["-trimpath"] != "true" {
		t.Errorf("%s is built with %v", name, built)
	}
}

// install has dpkg install a package below a folder of its own, without its scripts.
func install(t *testing.T, deb []byte) (root string) {
	t.Helper()
	root = t.TempDir()
	file := filepath.Join(t.TempDir(), "vitrine.deb")
	if err := os.WriteFile(file, deb, 0o600); err != nil {
		t.Fatal(err)
	}
	// What is configured later has another name until then: etc/vitrine/vitrine.toml.dpkg-new.
	for _, dir := range []string{"var/lib/dpkg/updates", "var/lib/dpkg/info", "var/lib/dpkg/triggers"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "", "dpkg", "dpkg", "--root="+root, "--force-not-root,depends,script-chrootless", "--unpack", file)
	return root
}

// verifyUnit has systemd read the unit as it is installed.
func verifyUnit(t *testing.T, root, binary string) {
	t.Helper()
	unit, err := os.ReadFile(filepath.Join(root, "usr/lib/systemd/system/vitrine.service"))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "vitrine.service")
	text := strings.ReplaceAll(string(unit), "/usr/bin/vitrine", binary)
	text = strings.ReplaceAll(text, "User=vitrine\nGroup=vitrine\n", "")
	text = strings.ReplaceAll(text, "Documentation=man:vitrine(1)\n", "")
	if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(tool(t, "", "systemd-analyze", "systemd", "verify", copied)) {
		if strings.Contains(line, "vitrine.service") {
			t.Errorf("systemd-analyze: %s", line)
		}
	}
}

// tool runs a program, which is installed when it is missing.
func tool(t *testing.T, in, name, packages string, args ...string) string {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "../../scripts/need.sh", name, packages).CombinedOutput(); err != nil { //nolint:gosec // our own
		t.Fatalf("%v\n%s", err, out)
	}
	command := exec.CommandContext(t.Context(), name, args...)
	command.Stdin = strings.NewReader(in)
	out, err := command.CombinedOutput()
	if err != nil && name == "dpkg" {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// listenNotify is a socket that hears what systemd would, and that it is ready.
func listenNotify(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		said := make([]byte, 64)
		n, err := conn.Read(said)
		if err != nil || string(said[:n]) != "READY=1" {
			t.Errorf("systemd is told %q, %v", said[:n], err)
		}
		_ = conn.Close()
	})
	return path
}
