package domain

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// ErrInUse refuses a name that somebody else has.
var ErrInUse = fault.Refusedf("domain_in_use", "This domain is already in use by another store.")

var errHasOne = fault.Refusedf("has_domain", "This store already has a custom domain.")

// Attach puts a store on a domain of its own. Whose it is has to be proven anew, with
// a token that nobody had before, also where the store had the domain earlier.
func (s *Service) Attach(ctx context.Context, tx *db.Tx, st store.Store, name string) (Domain, error) {
	var f fault.Form
	name = s.CheckName(&f, "domain", name)
	if err := f.Err(); err != nil {
		return Domain{}, err
	}
	switch _, err := Get(ctx, tx, st.ID); {
	case err == nil:
		return Domain{}, errHasOne
	case !fault.Is(err, fault.NotFound):
		return Domain{}, err
	}
	if err := free(ctx, tx, st, name); err != nil {
		return Domain{}, err
	}
	d, err := db.One(ctx, tx, scan, `
		INSERT INTO custom_domain (id, store_id, account_id, domain, status, verification_token,
			auto_dns_configured, ssl_provisioned, is_purchased, auto_renew, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, FALSE, FALSE, FALSE, FALSE, $7, $7)
		ON CONFLICT (domain) DO UPDATE SET store_id = excluded.store_id, status = excluded.status, updated_at = excluded.updated_at
		WHERE custom_domain.store_id IS NULL AND custom_domain.is_purchased AND custom_domain.account_id = excluded.account_id
		RETURNING `+columns,
		tx.NewID(), st.ID, st.Owner, name, string(Pending), newToken(), db.Time{Time: tx.Now()})
	switch {
	case errors.Is(err, db.ErrNoRows):
		return Domain{}, ErrInUse
	case tx.Violates(err, "custom_domain_store"):
		return Domain{}, errHasOne
	case err != nil:
		return Domain{}, err
	}
	renamed(tx, d.ID)
	if err := d.log(ctx, tx, audit.DomainConnect); err != nil {
		return Domain{}, err
	}
	if d.Purchase.Bought {
		return d, d.prove(ctx, tx)
	}
	return d, nil
}

// free refuses a name whose visitors another store has: www of a domain leads to it,
// and the other way round.
func free(ctx context.Context, tx *db.Tx, st store.Store, name string) error {
	if err := tx.Lock(ctx, "domain "+strings.TrimPrefix(name, "www.")); err != nil {
		return err
	}
	taken, err := db.One(ctx, tx, db.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM custom_domain WHERE (domain = 'www.' || $1 OR 'www.' || domain = $1) AND (store_id IS NULL OR store_id <> $2)
			AND NOT (account_id = $3 AND is_purchased))`, name, st.ID, st.Owner)
	if err == nil && taken {
		return ErrInUse
	}
	return err
}

// newToken makes what a TXT record has to say.
func newToken() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // it never fails
	return "vitrine-" + hex.EncodeToString(random)
}

// log writes into the log of a domain's store, if it has one, what was done to it.
func (d Domain) log(ctx context.Context, tx *db.Tx, a audit.Action) error {
	if d.Store == nil {
		return nil
	}
	return audit.InStore(ctx, tx, d.Store.UUID, a, audit.Thing{Kind: "domain", ID: d.ID.String(), Name: d.Name})
}
