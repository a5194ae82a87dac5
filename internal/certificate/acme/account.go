package acme

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"strings"

	"github.com/mholt/acmez/v3/acme"

	"vitrine/internal/db"
)

// account returns our account with the authority, which is made when there is none. Its
// key is kept before: who makes the account twice with one key gets the same one.
func (a *Authority) account(ctx context.Context) (acme.Account, error) {
	key, location, err := a.accountKey(ctx)
	if err != nil {
		return acme.Account{}, err
	}
	account := acme.Account{PrivateKey: key, TermsOfServiceAgreed: true, Status: acme.StatusValid}
	if a.Email != "" {
		account.Contact = []string{"mailto:" + a.Email}
	}
	if location != nil {
		account.Location = *location
		return account, nil
	}
	return a.register(ctx, account)
}

func (a *Authority) register(ctx context.Context, account acme.Account) (acme.Account, error) {
	account.Location, account.Status = "", ""
	if a.KeyID != "" {
		mac := strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(a.HMAC), "=")
		if err := account.SetExternalAccountBinding(ctx, a.client, acme.EAB{KeyID: a.KeyID, MACKey: mac}); err != nil {
			return acme.Account{}, err
		}
	}
	made, err := a.client.NewAccount(ctx, account)
	if err != nil {
		return acme.Account{}, err
	}
	made.Status = acme.StatusValid
	err = a.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE acme_account SET location = $2 WHERE directory = $1`, a.Directory, made.Location)
		return err
	})
	return made, err
}

// renewAccount makes the account again that the authority has forgotten.
func (a *Authority) renewAccount(ctx context.Context, account acme.Account) (acme.Account, error) {
	return a.register(ctx, account)
}

// accountKey returns the key of the account, and where the account is, unless it was
// never made.
func (a *Authority) accountKey(ctx context.Context) (*ecdsa.PrivateKey, *string, error) {
	fresh, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	plain, err := x509.MarshalECPrivateKey(fresh)
	if err != nil {
		return nil, nil, err
	}
	type row struct {
		key      []byte
		location *string
	}
	var kept row
	err = a.db.InTx(ctx, func(tx *db.Tx) (err error) {
		if _, err := db.Exec(ctx, tx, `INSERT INTO acme_account (directory, key, created_at) VALUES ($1, $2, $3) ON CONFLICT (directory) DO NOTHING`,
			a.Directory, a.sealer.Seal(plain), db.Time{Time: tx.Now()}); err != nil {
			return err
		}
		kept, err = db.One(ctx, tx, func(r db.Row) (k row, err error) { return k, r.Scan(&k.key, &k.location) },
			`SELECT key, location FROM acme_account WHERE directory = $1`, a.Directory)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if plain, err = a.sealer.Open(kept.key); err != nil {
		return nil, nil, err
	}
	key, err := x509.ParseECPrivateKey(plain)
	return key, kept.location, err
}
