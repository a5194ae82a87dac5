package order

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"

	"vitrine/internal/seal"
	"vitrine/internal/store"
)

// Links makes the tokens by which a shopper finds an order again without signing in:
// whoever has one may see the order, and nobody can guess one. The key is the
// database's own, so that a token stays good when the operator changes theirs.
type Links struct{ key seal.Key }

// LinkKey is what the key of Links is called where seal keeps it.
const LinkKey = "order links"

// NewLinks returns Links.
func NewLinks(key seal.Key) Links { return Links{key} }

// proofLength is how many bytes show that a token was made here.
const proofLength = 16

// Token returns the token of a store's order. It is always the same.
func (l Links) Token(st store.ID, o ID) string {
	return base64.RawURLEncoding.EncodeToString(append(o.UUID[:], l.proof(st, o)...))
}

// Read returns the order that a token is for, or false for what was not made by Token
// for this store.
func (l Links) Read(st store.ID, token string) (ID, bool) {
	var o ID
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	// The decoder passes over line breaks: a token has one spelling only.
	if err != nil || len(raw) != len(o.UUID)+proofLength || len(token) != base64.RawURLEncoding.EncodedLen(len(raw)) {
		return ID{}, false
	}
	copy(o.UUID[:], raw)
	return o, subtle.ConstantTimeCompare(raw[len(o.UUID):], l.proof(st, o)) == 1
}

func (l Links) proof(st store.ID, o ID) []byte {
	h := hmac.New(sha256.New, l.key[:])
	_, _ = h.Write(st.UUID[:])
	_, _ = h.Write(o.UUID[:])
	return h.Sum(nil)[:proofLength]
}
