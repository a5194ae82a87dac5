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

// LoadKey returns the platform's key: secret when the operator set one, else one
// that the first process made and the database keeps.
func LoadKey(ctx context.Context, d *db.DB, secret string) (Key, error) {
	if secret != "" {
		return sha256.Sum256([]byte(secret)), nil
	}
	return StoredKey(ctx, d, "answers")
}

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
type Sealer struct{ aead cipher.AEAD }

// New returns a Sealer.
func New(key Key) (*Sealer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Sealer{aead}, err
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
func (s *Sealer) Seal(plain []byte) []byte { return s.aead.Seal(nil, nil, plain, nil) }

// ErrOtherKey is returned for what was not sealed with the platform's key, or was
// changed since.
var ErrOtherKey = errors.New("sealed with another key than this platform's")

// Open decrypts what Seal made.
func (s *Sealer) Open(sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, ErrOtherKey
	}
	return plain, nil
}
