package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// says runs a command that may fail, and returns what it printed and whether it did.
func (s *server) says(arguments ...string) (out string, failed bool) {
	s.t.Helper()
	c := exec.Command(s.binary, arguments...) //nolint:gosec,noctx // our own binary
	c.Env = append(append(os.Environ(), "VITRINE_DATABASE_URL="+s.address), s.env...)
	said, err := c.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		s.t.Fatal(err)
	}
	return string(said), err != nil
}

// TestDoctor_repairs breaks each kind of thing that follows from the rest while
// shoppers buy, and two that do not. It is mended by two doctors at once, twice.
func TestDoctor_repairsWhatFollowsFromTheRestAndNamesTheRest(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		pictures := t.TempDir()
		s := &shoppers{server: &server{t: t, binary: binary, address: address, env: []string{"VITRINE_MEDIA_DIR=" + pictures}}, bought: map[string]bool{}, paid: map[string]bool{}}
		s.start()
		defer func() { s.kill() }()
		s.open(killStock)
		must := func(path string, body any) {
			if status, err := s.post(path, s.token, body, &struct{}{}); status >= 300 || err != nil {
				t.Fatalf("%s: %d, %v", path, status, err)
			}
		}
		must("/stores/"+s.store+"/domain", map[string]string{"domain": "tea.example"})
		must("/stores/"+s.store+"/domain/verify", nil)
		must("/stores/"+s.store+"/domain/dns/records", map[string]any{"record_type": "TXT", "name": "a", "value": "b"})
		var all sync.WaitGroup
		for range 4 {
			all.Go(s.order)
		}
		for s.count() < 20 {
			time.Sleep(10 * time.Millisecond)
		}
		d := dbtest.Open(t, address, clock.System{})
		exec := func(statement string) {
			t.Helper()
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := db.Exec(t.Context(), tx, statement)
				return err
			})
			if err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		if said, failed := s.says("doctor"); failed {
			t.Fatalf("of a sound platform: %s", said)
		}
		for _, breaks := range []string{
			`UPDATE inventory_total SET quantity = quantity + 5`, `UPDATE customer SET spent = spent + 1`, `UPDATE product SET indexed = TRUE`, `DELETE FROM product_search`,
		} {
			exec(breaks)
		}
		left := orphan(t, pictures)
		if said, failed := s.says("doctor"); !failed || !strings.Contains(said, "the totals of warehouse") || !strings.Contains(said, "customer") ||
			!strings.Contains(said, "search: 1 products") || !strings.Contains(said, "belongs to no picture") {
			t.Errorf("of a broken one: %s", said)
		}
		var doctors sync.WaitGroup
		for range 2 {
			doctors.Go(func() {
				for range 2 {
					if said, failed := s.says("doctor", "--repair"); failed && !strings.Contains(said, "differences are left") {
						t.Errorf("repair: %s", said)
					}
				}
			})
		}
		doctors.Wait()
		if said, failed := s.says("doctor"); failed {
			t.Errorf("after the repair: %s", said)
		}
		if _, err := os.Stat(left); !os.IsNotExist(err) {
			t.Errorf("the file of no picture: %v", err)
		}
		s.kill()
		all.Wait()
		exec(`UPDATE inventory_level SET quantity = quantity + 1`)
		exec(`UPDATE mock_dns_record SET value = 'c'`)
		said, failed := s.says("doctor", "--repair")
		if !failed || !strings.Contains(said, "its ledger") || !strings.Contains(said, "domain tea.example: 1 records differ") || !strings.Contains(said, "a person has to decide") {
			t.Errorf("of what nobody can derive: %s", said)
		}
	})
}

// orphan puts an old file of no picture into a folder.
func orphan(t *testing.T, folder string) (path string) {
	t.Helper()
	sum := strings.Repeat("ab", 32)
	path = filepath.Join(folder, "ab", sum, "160.webp")
	err := os.MkdirAll(filepath.Dir(path), 0o750)
	if err == nil {
		err = os.WriteFile(path, []byte("left over"), 0o600)
	}
	if err == nil {
		old := clock.System{}.Now().Add(-48 * time.Hour)
		err = os.Chtimes(path, old, old)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
