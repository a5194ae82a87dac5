// Package blob keeps bytes that outgrow a database, such as pictures: on the disk or
// in S3-compatible storage.
package blob

import (
	"context"
	"encoding/hex"
	"errors"
)

// ErrNone says that nothing lies under a key.
var ErrNone = errors.New("nothing lies under this key")

// Key says where something lies: by the SHA-256 of what it was made from, and which of
// the things that were made from that it is. What lies under a key never changes.
type Key struct {
	Sum  [32]byte
	Name string // lower-case letters, digits and dots, not beginning with a dot: "640.webp"
}

// Valid tells whether the key names a place, and not one outside of the storage.
func (k Key) Valid() bool {
	for i, c := range []byte(k.Name) {
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !plain && (c != '.' || i == 0) {
			return false
		}
	}
	return k.Name != "" && len(k.Name) <= maxName
}

const maxName = 64

// Folder is what the keys with the sum have in common, in two steps: no folder gets
// too many entries.
func (k Key) Folder() string {
	sum := hex.EncodeToString(k.Sum[:])
	return sum[:2] + "/" + sum
}

func (k Key) String() string { return k.Folder() + "/" + k.Name }

// ErrKey says that a key is not Valid.
var ErrKey = errors.New("this is no key of the storage")

// Storage keeps what lies under keys. It is safe for concurrent use, by several
// processes too. Every method refuses a key that is not Valid with ErrKey; another
// error is about the storage itself, and the call can be made again.
type Storage interface {
	// Put keeps content, whole or not at all: when it returns nil, content outlives
	// the process and the machine's power. Putting something again changes nothing.
	Put(ctx context.Context, k Key, content []byte) error

	// Get returns what lies under a key, or ErrNone.
	Get(ctx context.Context, k Key) ([]byte, error)

	// Exists tells whether something lies under a key.
	Exists(ctx context.Context, k Key) (bool, error)

	// Delete takes away what lies under a key, if anything does.
	Delete(ctx context.Context, k Key) error
}
