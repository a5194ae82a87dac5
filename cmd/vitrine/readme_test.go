package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/dbtest"
)

// root is the folder of the repository.
const root = "../.."

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	return readFile(t, filepath.Join(root, name))
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // the tests' own paths
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tour returns the lines of the README that are to be copied into a shell.
func tour(t *testing.T) string {
	t.Helper()
	var script strings.Builder
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1) {
		script.WriteString(block[1])
		script.WriteString("echo\n")
	}
	return script.String()
}

// TestReadme_tour runs the README's tour as it stands there, but for the port.
func TestReadme_tourWorksAsPrinted(t *testing.T) {
	t.Parallel()
	binary := build(t)
	script := tour(t)
	dbtest.EachURL(t, func(t *testing.T, database string) {
		dir, listen := t.TempDir(), freeAddress(t)
		if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join(root, "examples"))); err != nil {
			t.Fatal(err)
		}
		d := startDemo(t, binary, t.TempDir(), listen, database)
		defer d.end(t)
		for range 2 { // nobody takes a tour only once
			c := exec.CommandContext(t.Context(), "sh", "-eu", "-c", strings.ReplaceAll(script, "localhost:8080", listen)) //nolint:gosec // our own words
			c.Dir = dir
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("the tour fails: %v\n%s", err, out)
			}
			checkTour(t, string(out))
			if exported := readFile(t, filepath.Join(dir, "clone.csv")); !strings.HasPrefix(exported, "Handle,") || !strings.Contains(exported, "porcelain-teapot") {
				t.Errorf("the clone's export is no export: %.300s", exported)
			}
		}
	})
}

// checkTour looks for what the tour promises to show.
func checkTour(t *testing.T, out string) {
	t.Helper()
	for _, want := range []string{
		`"store_count":0`, `"name":"Blue Door Tea House"`, `"status":"succeeded"`, `"products_created":12`, `"errors":[]`,
		`"title":"Porcelain Teapot"`, `"reason":"sold"`, `"would_clone":`, `"name":"Red Door Tea House"`, "The clone sells what its source sells.", "\n401\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the tour does not show %s:\n%s", want, out)
		}
	}
	if strings.Contains(out, `"detail"`) {
		t.Errorf("a step of the tour is refused:\n%s", out)
	}
}

func TestReadme_namesCommandsThatMakeKnows(t *testing.T) {
	t.Parallel()
	makefile := read(t, "Makefile")
	for _, found := range regexp.MustCompile("(?:^|[\n`]) *make ([a-z0-9]+)").FindAllStringSubmatch(read(t, "README.md")+read(t, "CONTRIBUTING.md"), -1) {
		if !strings.Contains(makefile, "\n"+found[1]+":") {
			t.Errorf("there is no make %s", found[1])
		}
	}
}
