// Package seal encrypts what the database keeps of secrets, with one key that all
// processes of a platform share.
package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"vitrine/internal/db"
)

// Key encrypts and decrypts.
type Key [32]byte

// StoredKey returns the key of a name, which the first process that asked for it
// made, and the database keeps.
func StoredKey(ctx context.Context, d *db.DB, name string) (Key, error) {
	var fresh Key
	if _, err := rand.Read(fresh[:]); err != nil {
		return Key{}, err
	}
	var key Key
	err := d.InTx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, fresh[:]); err != nil {
			return err
		}
		stored, err := db.One(ctx, tx, db.Value[[]byte], `SELECT value FROM secret WHERE name = $1`, name)
		copy(key[:], stored)
		return err
	})
	return key, err
}

// Sealer encrypts with AES-256-GCM, the nonce in front. It is safe for concurrent
// use.
type Sealer struct {
	aead  cipher.AEAD
	older []cipher.AEAD
}

// New returns a Sealer. What was sealed with one of the older keys can be opened, too.
func New(key Key, older ...Key) (*Sealer, error) {
	s := &Sealer{}
	for i, k := range append([]Key{key}, older...) {
		block, err := aes.NewCipher(k[:])
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			s.aead = aead
		} else {
			s.older = append(s.older, aead)
		}
	}
	return s, nil
}

// Load returns the platform's Sealer. secret is the operator's, or "": then the key is
// one that the database keeps. What was sealed with one of the former secrets, or before
// there was one, can be opened still.
func Load(ctx context.Context, d *db.DB, secret string, former ...string) (*Sealer, error) {
	stored, err := StoredKey(ctx, d, "answers")
	if err != nil {
		return nil, err
	}
	keys := []Key{stored}
	if secret != "" {
		keys = []Key{sha256.Sum256([]byte(secret)), stored}
	}
	for _, f := range former {
		keys = append(keys, sha256.Sum256([]byte(f)))
	}
	return New(keys[0], keys[1:]...)
}

// Passing returns a Sealer whose key nobody keeps.
func Passing() (*Sealer, error) {
	var key Key
	if _, err := rand.Read(key[:]); err != nil {
		return nil, err
	}
	return New(key)
}

// Seal encrypts. Sealing the same twice gives two different texts.
func (s *Sealer) Seal(plain []byte) []byte { return s.aead.Seal(nil, nil, plain, nil) } //nolint:gosec // the cipher makes a nonce of its own each time

// ErrOtherKey is returned for what was not sealed with the platform's key, or was
// changed since.
var ErrOtherKey = errors.New("sealed with another key than this platform's")

// Open decrypts what Seal made.
func (s *Sealer) Open(sealed []byte) ([]byte, error) {
	for _, aead := range append([]cipher.AEAD{s.aead}, s.older...) {
		if plain, err := aead.Open(nil, nil, sealed, nil); err == nil {
			return plain, nil
		}
	}
	return nil, ErrOtherKey
}
