// Package disk keeps blobs in a folder: each in a file of its own.
package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"vitrine/internal/blob"
)

// incoming is where files are written before they get their names. It lies in the
// same folder, and so in the same file system, as what it becomes.
const incoming = "incoming"

// stranded is how old a file is that its process has left behind half written.
const stranded = 24 * time.Hour

// Storage is a folder. It implements blob.Storage.
type Storage struct{ root string }

// Open returns a folder, which is made when something is put into it. It is cleared of
// what was left behind half written long before now.
func Open(root string, now time.Time) (*Storage, error) {
	s := &Storage{root: root}
	entries, err := os.ReadDir(s.incoming())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the folder for blobs: %w", err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().Before(now.Add(-stranded)) {
			_ = os.Remove(filepath.Join(s.incoming(), e.Name())) // another process may have been faster
		}
	}
	return s, nil
}

func (s *Storage) incoming() string { return filepath.Join(s.root, incoming) }

func (s *Storage) path(k blob.Key) (string, error) {
	if !k.Valid() {
		return "", blob.ErrKey
	}
	return filepath.Join(s.root, filepath.FromSlash(k.String())), nil
}

// putTries is how often Put begins again when a Delete takes the folder away that it
// has just made.
const putTries = 10

// Put implements blob.Storage.
func (s *Storage) Put(ctx context.Context, k blob.Key, content []byte) error {
	path, err := s.path(k)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	written, err := s.write(content)
	if err != nil {
		return fmt.Errorf("put %s: %w", k, err)
	}
	for try := 1; ; try++ {
		err = s.name(written, path)
		if err == nil || try == putTries || !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("put %s: %w", k, err), os.Remove(written))
	}
	return nil
}

// write keeps content in a file without its name, on the disk itself.
func (s *Storage) write(content []byte) (path string, err error) {
	if err := os.MkdirAll(s.incoming(), 0o750); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(s.incoming(), "")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// name gives a written file its name. It has it for good once the folders that lead
// to it are on the disk too: another process may have made them a moment ago.
func (s *Storage) name(written, path string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	if err := os.Rename(written, path); err != nil {
		return err
	}
	for _, f := range []string{folder, filepath.Dir(folder), s.root} {
		if err := syncFolder(f); err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(path string) error {
	f, err := os.Open(path) //nolint:gosec // a folder of our own
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Get implements blob.Storage.
func (s *Storage) Get(_ context.Context, k blob.Key) ([]byte, error) {
	path, err := s.path(k)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path) //nolint:gosec // a valid key names a file below the root
	if errors.Is(err, fs.ErrNotExist) {
		return nil, blob.ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", k, err)
	}
	return content, nil
}

// Exists implements blob.Storage.
func (s *Storage) Exists(_ context.Context, k blob.Key) (bool, error) {
	path, err := s.path(k)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Delete implements blob.Storage. A folder goes with the last file in it.
func (s *Storage) Delete(_ context.Context, k blob.Key) error {
	path, err := s.path(k)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete %s: %w", k, err)
	}
	_ = os.Remove(filepath.Dir(path)) // refused while anything is in it
	return nil
}
