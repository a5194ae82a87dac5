package main_test

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // for databases of the documented lines' own

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
)

// TestBackup_underALoadOfSales backs up while shoppers buy, and serves the restored
// platform: what was acknowledged before the backup began is in it.
func TestBackup_underALoadOfSales_hasAllThatWasAcknowledgedBefore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := &shoppers{server: &server{t: t, binary: build(t), address: dbtest.NewURL(t, db.SQLite)}, bought: map[string]bool{}, paid: map[string]bool{}}
	s.start()
	defer func() { s.kill() }()
	s.open(killStock)
	picture := s.uploadPicture(s.token, s.store, fixture.PNG(t, 300, 200, 1))
	var all sync.WaitGroup
	for range 16 {
		all.Go(s.order)
	}
	for s.count() < 50 {
		time.Sleep(10 * time.Millisecond)
	}
	s.mu.Lock()
	bought, paid := maps.Clone(s.bought), maps.Clone(s.paid)
	s.mu.Unlock()
	file := filepath.Join(folder, "backup.zip")
	if said := s.command("backup", file); !strings.Contains(said, "1 stores") || !strings.Contains(said, "and 1 pictures") {
		t.Errorf("backup: %s", said)
	}
	during := s.count() - len(bought)
	s.kill()
	all.Wait()
	if during == 0 {
		t.Error("nothing was sold while it was backed up")
	}
	s.bought, s.paid, s.address = bought, paid, "sqlite://"+filepath.Join(folder, "restored.db")
	s.command("restore", file)
	s.start()
	s.lookUp()
	if said := s.command("doctor"); !strings.Contains(said, "no differences") {
		t.Errorf("doctor: %s", said)
	}
	if status, _ := s.served(picture); status != 200 {
		t.Errorf("the picture is %d", status)
	}
	t.Logf("%d orders were acknowledged before the backup, %d while it ran", len(bought), during)
}

func (s *shoppers) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bought)
}

// largeFile makes a database of some MB with so many stores.
func largeFile(t *testing.T, stores int) (path string) {
	t.Helper()
	address := dbtest.NewURL(t, db.SQLite)
	d := dbtest.Open(t, address, clock.System{})
	owner, err := fixture.Account(t.Context(), d)
	for range stores {
		if err == nil {
			_, err = fixture.Catalog(t.Context(), d, owner, fixture.Large.Scaled(1, 20))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(address, "sqlite://")
}

// storesOf opens a database, sees that it is whole and counts its stores.
func storesOf(t *testing.T, path string) int {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: "sqlite://" + path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM store`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestKill_inTheMiddleOfABackup_leavesTheLastOneOrTheNewOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "backup.zip")
	k := &killer{t: t, binary: build(t), address: "sqlite://" + largeFile(t, 1), arguments: []string{"backup", file}}
	k.run()
	written := changes(file + ".part")
	k.often(func() bool {
		to := &server{t: t, binary: k.binary, address: "sqlite://" + filepath.Join(t.TempDir(), "restored.db")}
		to.command("restore", file)
		if n := storesOf(t, strings.TrimPrefix(to.address, "sqlite://")); n != 1 {
			t.Errorf("%d stores", n)
		}
		return written()
	})
	k.run()
	if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKill_inTheMiddleOfARestore_leavesTheOldDatabaseOrTheNewOne(t *testing.T) {
	t.Parallel()
	binary, newer, older := build(t), largeFile(t, 2), largeFile(t, 1)
	file := filepath.Join(t.TempDir(), "backup.zip")
	(&server{t: t, binary: binary, address: "sqlite://" + newer}).command("backup", file)
	old, outcomes := copyOf(t, older), map[int]int{}
	k := &killer{t: t, binary: binary, address: "sqlite://" + older, arguments: []string{"restore", "--replace", file}}
	put := func() {
		if err := os.WriteFile(older, old, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k.run()
	put()
	written := changes(older + ".restoring")
	k.often(func() bool {
		hit, n := written(), storesOf(t, older)
		if outcomes[n]++; n == 2 {
			put()
		}
		return hit
	})
	if outcomes[1]+outcomes[2] != k.tries {
		t.Errorf("stores → times: %v", outcomes)
	}
	k.run()
	if n := storesOf(t, older); n != 2 {
		t.Errorf("%d stores after all kills", n)
	}
	if left, _ := filepath.Glob(older + "*restoring*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	t.Logf("stores → times: %v", outcomes)
}

func copyOf(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path) //nolint:gosec // our own
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestBackup_ofPostgreSQL follows docs/backup.md to the letter, into a database of the
// test's own.
func TestBackup_ofPostgreSQL_worksAsDocumented(t *testing.T) {
	t.Parallel()
	address := dbtest.OnlyPostgres(t)
	s := &shoppers{server: &server{t: t, binary: build(t), address: address}, bought: map[string]bool{}, paid: map[string]bool{}}
	refused := exec.Command(s.binary, "backup", "x.zip") //nolint:gosec,noctx // our own binary
	refused.Env = append(os.Environ(), "VITRINE_DATABASE_URL="+address)
	if said, err := refused.CombinedOutput(); err == nil || !strings.Contains(string(said), "pg_dump") {
		t.Errorf("backup: %v, %s", err, said)
	}
	s.start()
	defer func() { s.kill() }()
	s.open(killStock)
	var all sync.WaitGroup
	for range 4 {
		all.Go(s.order)
	}
	for s.count() < 20 {
		time.Sleep(10 * time.Millisecond)
	}
	s.mu.Lock()
	bought, paid := maps.Clone(s.bought), maps.Clone(s.paid)
	s.mu.Unlock()
	restored := followDump(t, address)
	s.kill()
	all.Wait()
	s.bought, s.paid, s.address = bought, paid, restored
	s.start()
	s.lookUp()
	if said := s.command("doctor"); !strings.Contains(said, "no differences") {
		t.Errorf("doctor: %s", said)
	}
}

var dumpLines = regexp.MustCompile("(?s)## PostgreSQL.*?```text\n(.*?)```.*?```text\n(.*?)```")

// followDump runs the documented lines and returns the address of what they restored.
func followDump(t *testing.T, address string) (restored string) {
	t.Helper()
	page := string(copyOf(t, "../../docs/backup.md"))
	found := dumpLines.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("docs/backup.md has no lines for PostgreSQL")
	}
	name := fmt.Sprintf("vitrine_restored_%d", os.Getpid())
	admin, err := sql.Open("pgx", os.Getenv("TEST_POSTGRES_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = admin.Exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`)
		_ = admin.Close()
	})
	restored = regexp.MustCompile(`/[^/?]+\?`).ReplaceAllString(address, "/"+name+"?")
	script := strings.ReplaceAll(found[1]+found[2], "vitrine_restored", name)
	c := exec.Command("bash", "-euc", script) //nolint:gosec,noctx // our own page
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "VITRINE_DATABASE_URL="+address, "RESTORED_URL="+restored, "PATH="+os.Getenv("PATH")+":"+postgresPrograms())
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%v, %s", script, err, said)
	}
	return restored
}

// postgresPrograms is where Debian has them, when they are not in PATH.
func postgresPrograms() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	return strings.Join(found, ":")
}
