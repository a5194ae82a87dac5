package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/mail"
	"vitrine/internal/seal"
)

// VerifyKey is what the key of a Verifier is called where seal keeps it.
const VerifyKey = "verified addresses"

// VerifyPath is the page, below the platform's address, that the links of a Verifier
// lead to. The token follows it.
const VerifyPath = "/verify/"

// Verifier finds out whether an address is its account's own, by a link that only
// whoever reads its mail has.
type Verifier struct{ key seal.Key }

// NewVerifier returns a Verifier.
func NewVerifier(key seal.Key) *Verifier { return &Verifier{key} }

// proofLength is how many bytes show that a token was made here.
const proofLength = 16

func (v *Verifier) proof(a ID, email string) []byte {
	h := hmac.New(sha256.New, v.key[:])
	_, _ = h.Write(a.UUID[:])
	_, _ = h.Write([]byte(EmailKey(email)))
	return h.Sum(nil)[:proofLength]
}

// ask writes the mail with the link, whose token the database has sealed. Without a
// Verifier nobody is asked.
func (v *Verifier) ask(ctx context.Context, tx *db.Tx, s *seal.Sealer, a ID, email string) error {
	if v == nil {
		return nil
	}
	token := base64.RawURLEncoding.EncodeToString(append(a.UUID[:], v.proof(a, email)...))
	return mail.Queue(ctx, tx, mail.Message{
		To: email, Subject: "Confirm your address", Sealed: s.Seal([]byte(token)),
		// Once an hour at most, so that nobody's mailbox is filled by pressing a button.
		Key: "verify/" + a.String() + tx.Now().Format("/2006010215"),
		Text: "Hello,\n\nyou have opened an account with this address. Please confirm that it is yours:\n\n" + mail.Site + VerifyPath + mail.Secret +
			"\n\nStores that you were invited to are there once you have. If it was not you, ignore this mail.\n",
	})
}

// AskAgain mails a user the link once more, if their address waits to be confirmed.
func (s *Service) AskAgain(ctx context.Context, tx *db.Tx, u User) error {
	if !u.Unverified {
		return nil
	}
	return s.settings.Verify.ask(ctx, tx, s.settings.Sealer, u.ID, u.Email)
}

var errNoLink = fault.Missing("link")

// Confirm takes the token of a link: the address counts from now on. Doing it twice
// changes nothing.
func (s *Service) Confirm(ctx context.Context, tx *db.Tx, token string) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	var a ID
	if err != nil || s.settings.Verify == nil || len(raw) != len(a.UUID)+proofLength {
		return errNoLink
	}
	copy(a.UUID[:], raw)
	email, err := db.One(ctx, tx, db.Value[string], `SELECT email FROM account WHERE id = $1`, a)
	if errors.Is(err, db.ErrNoRows) || err == nil && subtle.ConstantTimeCompare(raw[len(a.UUID):], s.settings.Verify.proof(a, email)) != 1 {
		return errNoLink
	}
	if err != nil {
		return err
	}
	n, err := db.Exec(ctx, tx, `UPDATE account SET unverified_since = NULL, updated_at = $2 WHERE id = $1 AND unverified_since IS NOT NULL`, a, db.Time{Time: tx.Now()})
	if err != nil || n == 0 {
		return err
	}
	return audit.InAccount(ctx, tx, a.UUID, audit.ConfirmAddress, audit.Thing{})
}
