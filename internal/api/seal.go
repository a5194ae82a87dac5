package api

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"

	"vitrine/internal/db"
)

// Key encrypts what is stored of answers, which may hold secrets.
type Key [32]byte

// LoadKey returns the key that all processes of a platform share: secret when the
// operator set one, else one that the first process made and the database keeps.
func LoadKey(ctx context.Context, d *db.DB, secret string) (Key, error) {
	if secret != "" {
		return sha256.Sum256([]byte(secret)), nil
	}
	var fresh Key
	if _, err := rand.Read(fresh[:]); err != nil {
		return Key{}, err
	}
	var key Key
	err := d.InTx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `INSERT INTO secret (name, value) VALUES ('answers', $1) ON CONFLICT (name) DO NOTHING`, fresh[:]); err != nil {
			return err
		}
		stored, err := db.One(ctx, tx, db.Value[[]byte], `SELECT value FROM secret WHERE name = 'answers'`)
		copy(key[:], stored)
		return err
	})
	return key, err
}

// sealer encrypts with AES-256-GCM, the nonce in front.
type sealer struct{ aead cipher.AEAD }

func newSealer(key Key) (*sealer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &sealer{aead}, err
}

func (s *sealer) seal(plain []byte) []byte { return s.aead.Seal(nil, nil, plain, nil) }

func (s *sealer) open(sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}
