package disk_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/blob/blobtest"
	"vitrine/internal/blob/disk"
)

var now = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, root string) *disk.Storage {
	t.Helper()
	s, err := disk.Open(root, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStorage(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Storage { return open(t, filepath.Join(t.TempDir(), "new", "media")) })
}

// TestOpen_clearsWhatWasLeftBehind also sees that what another process is writing now
// is left alone.
func TestOpen_clearsWhatWasLeftBehind(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "incoming"), 0o700); err != nil {
		t.Fatal(err)
	}
	old, young := filepath.Join(root, "incoming", "old"), filepath.Join(root, "incoming", "young")
	for path, age := range map[string]time.Duration{old: 25 * time.Hour, young: time.Hour} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	open(t, root)
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the young one: %v", err)
	}
}

func TestStorage_leavesNothingBehind(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s := open(t, root)
	k := blob.Key{Sum: [32]byte{1}, Name: "640.webp"}
	if err := s.Put(t.Context(), k, []byte("mug")); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	var files []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) > 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

// TestStorage_isTheSameForAnotherProcess opens the folder anew.
func TestStorage_isTheSameForAnotherProcess(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	k := blob.Key{Sum: [32]byte{1}, Name: "640.webp"}
	if err := open(t, root).Put(t.Context(), k, []byte("mug")); err != nil {
		t.Fatal(err)
	}
	if got, err := open(t, root).Get(t.Context(), k); err != nil || string(got) != "mug" {
		t.Errorf("got %q, %v", got, err)
	}
}
