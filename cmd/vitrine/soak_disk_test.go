package main_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/fixture"
)

// smallDisk mounts a file system of some MB, or skips the test.
func smallDisk(t *testing.T, megabytes string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount the small disk that is to be filled")
	}
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+megabytes+"m"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

// fill takes all the room that is left on a disk, until back is called.
func fill(t *testing.T, folder string) (back func()) {
	t.Helper()
	path := filepath.Join(folder, "filler")
	f, err := os.Create(path) //nolint:gosec // our own
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []int{1 << 20, 4096, 1} {
		for err = nil; err == nil; _, err = f.Write(make([]byte, piece)) {
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	_ = f.Close()
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// TestSoak_onAFullDisk sells from SQLite on a disk that is filled and freed again. What
// cannot be written is refused and said to be for now, reading goes on, what was
// acknowledged is kept, also over a kill on the full disk, and everything works again
// when there is room.
func TestSoak_onAFullDisk_refusesForNowAndLosesNothing(t *testing.T) {
	t.Parallel()
	binary, folder := build(t), smallDisk(t, "32")
	s := &shoppers{server: &server{t: t, binary: binary, address: "sqlite://" + filepath.Join(folder, "vitrine.db")}, bought: map[string]bool{}, paid: map[string]bool{}}
	s.start()
	defer func() { s.kill() }()
	s.open(killStock)
	buy := func() (int, error) {
		var made struct{ ID string }
		status, err := s.post("/stores/"+s.store+"/orders", s.token, map[string]any{
			"customer": map[string]any{"email": "ada@example.com"}, "items": []any{map[string]any{"variant_id": s.variant, "quantity": 1}},
		}, &made)
		if status == http.StatusCreated {
			s.bought[made.ID] = true
		}
		return status, err
	}
	for range 20 {
		if status, err := buy(); status != http.StatusCreated {
			t.Fatalf("an order: %d, %v", status, err)
		}
	}
	free := fill(t, folder)
	refused := 0
	for deadline := time.Now().Add(20 * time.Second); refused < 5 && time.Now().Before(deadline); {
		switch status, err := buy(); {
		case err != nil:
			t.Fatalf("no answer on a full disk: %v", err)
		case status == http.StatusServiceUnavailable:
			refused++
		case status != http.StatusCreated: // there was room in the log
			t.Fatalf("an order on a full disk: %d", status)
		}
	}
	if refused < 5 {
		t.Error("the disk was never full")
	}
	var page []struct{ ID string }
	s.read(s.url+"/api/v1/stores/"+s.store+"/orders?limit=1", &page)
	if made := s.uploadPicture(s.token, s.store, fixture.PNG(t, 200, 200, 1)); made != "" {
		t.Error("a picture was kept on a full disk")
	}
	free()
	if status, err := buy(); status != http.StatusCreated {
		t.Errorf("an order as soon as there is room again: %d, %v", status, err)
	}
	free = fill(t, folder)
	_, _ = buy()
	s.kill()
	free()
	s.start()
	if status, err := buy(); status != http.StatusCreated {
		t.Errorf("an order after a kill on the full disk: %d, %v", status, err)
	}
	s.lookUp()
	if said := s.command("doctor"); !strings.Contains(said, "no differences") {
		t.Errorf("doctor: %s", said)
	}
}
