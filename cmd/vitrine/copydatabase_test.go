package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/demo"
	"vitrine/internal/fixture"
)

// command runs the binary and returns what it says.
func command(t *testing.T, binary, database string, line ...string) (said string, code int) {
	t.Helper()
	return commandWith(t, binary, []string{"VITRINE_DATABASE_URL=" + database}, line...)
}

func commandWith(t *testing.T, binary string, env []string, line ...string) (said string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), binary, line...) //nolint:gosec // our own binary
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	if err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

func needPostgres(t *testing.T) {
	t.Helper()
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		t.Skip("needs a PostgreSQL: set TEST_POSTGRES_DSN")
	}
}

func TestCopyDatabase_ofTheDemo_answersEveryReadAsTheOriginal(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	binary, dir := build(t), t.TempDir()
	first := "sqlite://" + filepath.Join(dir, "vitrine.db")
	startDemo(t, binary, dir, freeAddress(t), first).end(t)
	second, third := dbtest.NewURL(t, db.Postgres), dbtest.NewURL(t, db.Postgres)
	for _, pair := range [][2]string{{first, second}, {second, third}} {
		said, code := command(t, binary, "", "copy-database", pair[0], pair[1])
		if code != 0 || !strings.Contains(said, "no differences") {
			t.Fatalf("copy-database ends with %d: %s", code, said)
		}
		if said, code := commandWith(t, binary, []string{"VITRINE_DATABASE_URL=" + pair[1], picturesIn(dir)}, "doctor"); code != 0 {
			t.Errorf("doctor finds something in the copy: %s", said)
		}
	}
	want := reads(t, binary, first)
	if len(want) < 60 {
		t.Errorf("only %d reads are compared", len(want))
	}
	for which, database := range map[string]string{"the copy": second, "the copy's copy": third} {
		got := reads(t, binary, database)
		for path, answer := range want {
			if got[path] != answer {
				t.Errorf("%s: GET %s\n is %.300s\nnot %.300s", which, path, got[path], answer)
			}
		}
	}
}

// reads are the answers to every GET of the API about every store that needs no more
// than the store's id.
func reads(t *testing.T, binary, database string) map[string]string {
	t.Helper()
	s := &server{t: t, binary: binary, address: database}
	s.start()
	defer s.kill()
	var login struct {
		Token string `json:"access_token"`
	}
	if _, err := s.post("/auth/login", "", map[string]string{"email": demo.Email, "password": demo.Password}, &login); err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+login.Token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(res.StatusCode, " ", strings.ReplaceAll(string(body), s.url, "http://here"))
	}
	var stores []struct{ ID string }
	list := get("/api/v1/stores")
	if err := json.Unmarshal([]byte(list[4:]), &stores); err != nil || len(stores) == 0 {
		t.Fatalf("no stores: %v, %.300s", err, list)
	}
	answers := map[string]string{}
	for _, path := range plainReads(t, get("/openapi.json")[4:]) {
		for _, shop := range stores {
			path := strings.Replace(path, "{store_id}", shop.ID, 1)
			answers[path] = get(path)
		}
	}
	return answers
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// plainReads are the paths of the API that can be read with nothing but a store.
func plainReads(t *testing.T, description string) (paths []string) {
	t.Helper()
	var api struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(description), &api); err != nil {
		t.Fatalf("%v: %.200s", err, description)
	}
	for path, operations := range api.Paths {
		if operations["get"] != nil && slices.Equal(parameter.FindAllString(path, -1), []string{"{store_id}"}) {
			paths = append(paths, path)
		}
	}
	return paths
}

func TestCopyDatabase_killedHalfWay_goesOn(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, from string) {
		d := dbtest.Open(t, from, clock.System{})
		owner, err := fixture.Account(t.Context(), d)
		if err == nil {
			_, err = fixture.Catalog(t.Context(), d, owner, fixture.Large.Scaled(1, 4))
		}
		if err != nil {
			t.Fatal(err)
		}
		to := dbtest.NewURL(t, db.Postgres)
		target := dbtest.Open(t, to, clock.System{})
		for goes := range 3 {
			killHalfWay(t, binary, from, to, target, goes)
		}
		if said, code := command(t, binary, to, "serve"); code != 1 || !strings.Contains(said, "has not finished") {
			t.Errorf("serving a half database ends with %d: %s", code, said)
		}
		said, code := command(t, binary, "", "copy-database", from, to)
		if code != 0 || !strings.Contains(said, "no differences") || strings.Contains(said, "copied 0 rows") {
			t.Errorf("after the kills it ends with %d: %s", code, said)
		}
		if said, code := command(t, binary, "", "copy-database", from, to); code != 1 || !strings.Contains(said, "data already") {
			t.Errorf("a second copy ends with %d: %s", code, said)
		}
	})
}

// killHalfWay starts a copy and kills it as soon as it has brought some rows.
func killHalfWay(t *testing.T, binary, from, to string, target *db.DB, goes int) {
	t.Helper()
	var said bytes.Buffer
	c := exec.CommandContext(t.Context(), binary, "copy-database", from, to) //nolint:gosec // our own binary
	c.Stderr = &said
	before := arrived(t, target)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if arrived(t, target) >= before+5000 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if said.Len() > 0 && strings.Contains(said.String(), "vitrine:") {
		t.Fatalf("go %d fails before it is killed: %s", goes, said.String())
	}
	eventually(t, "PostgreSQL finds out that its client is gone", func() bool {
		n, err := db.One(t.Context(), target, db.Value[int], `
			SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vitrine copy-database'`)
		return err != nil || n == 0
	})
}

func arrived(t *testing.T, d *db.DB) int {
	t.Helper()
	if begun, err := db.One(t.Context(), d, db.Value[bool], `SELECT to_regclass('database_copy') IS NOT NULL`); err != nil || !begun {
		return 0
	}
	n, err := db.One(t.Context(), d, db.Value[int], `SELECT COALESCE(sum(copied), 0) FROM database_copy`)
	if err != nil {
		return 0 // it was finished in between
	}
	return n
}

func TestMigrate_citus_putsEveryTableInItsPlace(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	binary, to := build(t), dbtest.NewURL(t, db.Postgres)
	if said, code := command(t, binary, to, "migrate", "--citus"); code != 1 || !strings.Contains(said, "CREATE EXTENSION citus") {
		t.Errorf("without Citus it ends with %d: %s", code, said)
	}
	target := dbtest.Open(t, to, clock.System{})
	if err := target.InTx(t.Context(), func(tx *db.Tx) error {
		for _, s := range dbtest.CitusStandIn {
			if _, err := db.Exec(t.Context(), tx, s); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"product: distributed by store_id", "0 tables moved"} {
		if said, code := command(t, binary, to, "migrate", "--citus"); code != 0 || !strings.Contains(said, want) {
			t.Errorf("it ends with %d and does not say %q: %s", code, want, said)
		}
	}
}
