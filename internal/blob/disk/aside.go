package disk

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vitrine/internal/blob"
)

// aside is where files lie that were put aside, below the folder.
const aside = "aside"

// Each calls fn for every file, in the order of keys, with when it was written. What
// is no key is told of by its path below the folder alone.
func (s *Storage) Each(ctx context.Context, fn func(k blob.Key, path string, at time.Time) error) error {
	err := filepath.WalkDir(s.root, func(path string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(s.root, path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it went meanwhile
		case err != nil:
			return err
		case e.IsDir() && (name == incoming || name == aside):
			return fs.SkipDir
		case e.IsDir():
			return ctx.Err()
		}
		info, err := e.Info()
		if err != nil {
			return nil //nolint:nilerr // it went meanwhile
		}
		return fn(keyOf(filepath.ToSlash(name)), name, info.ModTime())
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// keyOf reads what Key.String writes; else the key is zero.
func keyOf(name string) (k blob.Key) {
	parts := strings.Split(name, "/")
	if len(parts) != 3 || len(parts[1]) != hex.EncodedLen(len(k.Sum)) {
		return k
	}
	if _, err := hex.Decode(k.Sum[:], []byte(parts[1])); err != nil {
		return blob.Key{}
	}
	k.Name = parts[2]
	if !k.Valid() || k.String() != name {
		return blob.Key{}
	}
	return k
}

// PutAside takes a file out of the storage. It lies in the folder aside from then on,
// under the same key.
func (s *Storage) PutAside(_ context.Context, k blob.Key) error {
	path, err := s.path(k)
	if err != nil {
		return err
	}
	to := filepath.Join(s.root, aside, filepath.FromSlash(k.String()))
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	if err := os.Rename(path, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_ = os.Remove(filepath.Dir(path)) // refused while anything is in it
	return nil
}
