package main_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/dbtest"
	"vitrine/internal/demo"
)

// block is a fenced block of a page, with what stands behind its fence: "sh" is run,
// "sh serves" starts a server, "sh build" compiles, and what is not for a shell says
// so.
type block struct{ kind, text string }

func blocks(page string) []block {
	var all []block
	for _, found := range regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		all = append(all, block{found[1], found[2]})
	}
	return all
}

// pages are those of the documentation, by their paths in the repository.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ os.DirEntry, err error) error {
		if name, _ := filepath.Rel(root, path); err == nil && strings.HasSuffix(name, ".md") && !strings.HasPrefix(name, "docs/adr/") {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDocs_linesWorkAsPrinted runs the lines of each page in a folder of its own, with a
// demo for all of them and a copy of a store for each.
func TestDocs_linesWorkAsPrinted(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, database string) {
		dir, listen := t.TempDir(), freeAddress(t)
		d := startDemo(t, binary, dir, listen, database)
		defer d.end(t)
		env := []string{"VITRINE_DATABASE_URL=" + database, "VITRINE_LISTEN_ADDR=" + listen, picturesIn(dir)}
		token, store := aStore(t, "http://"+listen)
		for _, page := range pages(t) {
			all := blocks(read(t, page))
			if !hasKind(all, "sh") || hasKind(all, "sh serves") {
				continue
			}
			t.Run(page, func(t *testing.T) {
				var clone struct {
					Store struct{ ID string } `json:"store"`
				}
				call(t, "POST", "http://"+listen+"/api/v1/stores/"+store+"/clone", token, `{"new_name":"`+filepath.Base(page)+`","inventory":"copy"}`, &clone)
				runAsPrinted(t, binary, listen, append(env, "VITRINE_TOKEN="+token, "STORE="+clone.Store.ID), all)
			})
		}
	})
}

// TestDocs_quickStartWorksAsPrinted follows the page that starts a server itself.
func TestDocs_quickStartWorksAsPrinted(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, database string) {
		dir, listen := t.TempDir(), freeAddress(t)
		env := []string{"VITRINE_DATABASE_URL=" + database, "VITRINE_LISTEN_ADDR=" + listen}
		defer serveIn(t, dir, listen, append(os.Environ(), env...), binary)()
		runAsPrinted(t, binary, listen, env, blocks(read(t, "docs/quick-start.md")))
	})
}

func hasKind(all []block, kind string) bool {
	return slices.ContainsFunc(all, func(b block) bool { return b.kind == kind })
}

func runAsPrinted(t *testing.T, binary, listen string, env []string, all []block) {
	t.Helper()
	var script strings.Builder
	for _, b := range all {
		if b.kind == "sh" {
			script.WriteString(b.text + "\necho\n")
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join(root, "examples"))); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "sh", "-eu", "-c", strings.ReplaceAll(script.String(), "localhost:8080", listen)) //nolint:gosec // our own words
	c.Dir, c.Env = dir, slices.Concat(os.Environ(), env, []string{"PATH=" + filepath.Dir(binary) + ":" + os.Getenv("PATH")})
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if regexp.MustCompile(`"status":[45]\d\d`).Match(out) {
		t.Errorf("a line is refused:\n%s", out)
	}
}

// serveIn starts a server in a folder, as a page tells to, and returns what ends it.
func serveIn(t *testing.T, dir, listen string, env []string, binary string) func() {
	t.Helper()
	c := exec.Command(binary, "serve") //nolint:noctx // ended by the caller
	c.Dir, c.Env = dir, env
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	waitUntilListening(t, listen)
	return func() {
		_ = c.Process.Signal(os.Interrupt)
		if err := c.Wait(); err != nil {
			t.Errorf("the server ends with %v", err)
		}
	}
}

// aStore logs in as the demo's merchant, and finds a store that has stock.
func aStore(t *testing.T, base string) (token, store string) {
	t.Helper()
	var login struct {
		Token string `json:"access_token"`
	}
	call(t, "POST", base+"/api/v1/auth/login", "", `{"email":"`+demo.Email+`","password":"`+demo.Password+`"}`, &login)
	var stores []struct {
		ID   string `json:"id"`
		Type string `json:"store_type"`
	}
	call(t, "GET", base+"/api/v1/stores", login.Token, "", &stores)
	for _, s := range stores {
		if s.Type != "dropshipping" {
			return login.Token, s.ID
		}
	}
	t.Fatalf("no store of the demo has stock: %v", stores)
	return "", ""
}

func call(t *testing.T, method, url, token, body string, answer any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s, %v", method, url, res.Status, err)
	}
}

// TestDocs_haveNoLineThatNoTestRuns looks for commands outside of what is run.
func TestDocs_haveNoLineThatNoTestRuns(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`(?m)^(?:\$ |sudo )?(?:vitrine|curl|go|make) `)
	for _, page := range pages(t) {
		for _, b := range blocks(read(t, page)) {
			if !strings.HasPrefix(b.kind, "sh") && b.kind != "text" && command.MatchString(b.text) {
				t.Errorf("%s: no test runs\n%s", page, b.text)
			}
		}
	}
}

func TestDocs_linksLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	for _, name := range append(pages(t), "README.md", "CONTRIBUTING.md") {
		for _, found := range link.FindAllStringSubmatch(read(t, name), -1) {
			if strings.HasPrefix(found[1], "http") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(name), found[1])); err != nil {
				t.Errorf("%s links to %s: %v", name, found[1], err)
			}
		}
	}
}
