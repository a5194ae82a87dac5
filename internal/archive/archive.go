// Package archive writes files that carry data out of a platform, and reads them
// back. Such a file is a zip that any program opens; its manifest says what kind of
// file it is, who reads it, and the SHA-256 of everything else in it.
package archive

import (
	"errors"
	"fmt"
	"time"
)

// Manifest tells of a file. It is the member manifest.json, as JSON.
type Manifest struct {
	Kind    string            `json:"kind"`   // "vitrine backup"
	Format  int               `json:"format"` // of this kind; readers take all up to their own
	MadeAt  time.Time         `json:"made_at"`
	Facts   map[string]string `json:"facts"` // what this kind of file says of itself
	Members []Member          `json:"members"`
}

// Member is one of the things in a file.
type Member struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows,omitempty"`
}

const manifestName = "manifest.json"

// maxManifest bounds what is read of a manifest.
const maxManifest = 256 << 20

// ErrDamaged says that a file is not as it was written: cut short, or changed.
var ErrDamaged = errors.New("it is damaged or was cut short")

// ErrForeign says that a file is none of the kind that was asked for.
var ErrForeign = errors.New("it is no such file")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
