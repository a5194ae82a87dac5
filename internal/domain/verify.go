package domain

import (
	"context"
	"log/slog"
	"slices"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Verification is what came of looking for the proof.
type Verification struct {
	Verified bool
	Status   Status
	Detail   string
}

// Verify looks whether the domain is the merchant's, and keeps that it is. then, if
// there is one, runs in the transaction that keeps it.
func (s *Service) Verify(ctx context.Context, st store.ID, then func(context.Context, *db.Tx, Verification) error) (Verification, error) {
	d, err := Get(ctx, s.db, st)
	if err != nil {
		return Verification{}, err
	}
	proven, detail := s.look(ctx, d)
	var v Verification
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		now, err := lock(ctx, tx, st)
		if err != nil {
			return err
		}
		if proven && now.Token == d.Token && now.VerifiedAt == nil {
			if err := now.prove(ctx, tx); err != nil {
				return err
			}
		}
		v = Verification{now.VerifiedAt != nil, now.Status, detail}
		if then == nil {
			return nil
		}
		return then(ctx, tx, v)
	})
	return v, err
}

// look asks DNS for the proof, unless it was given before.
func (s *Service) look(ctx context.Context, d Domain) (proven bool, detail string) {
	if d.VerifiedAt != nil {
		return true, "The domain was verified before."
	}
	if s.resolver == nil {
		return true, "The domain is yours."
	}
	found, err := s.resolver.Text(ctx, d.Challenge())
	switch {
	case err != nil:
		slog.WarnContext(ctx, "domains: could not look for the proof", "domain", d.Name, "error", err)
		return false, "The name servers of " + d.Name + " could not be asked. Please try again in a moment."
	case slices.Contains(found, d.Token):
		return true, "The domain is yours."
	case len(found) > 0:
		return false, "The TXT record " + d.Challenge() + " says something else than " + d.Token + "."
	}
	return false, "There is no TXT record " + d.Challenge() + " yet. It must say " + d.Token + "."
}

// prove keeps that a domain is its merchant's.
func (d *Domain) prove(ctx context.Context, tx *db.Tx) error {
	now := tx.Now()
	d.VerifiedAt, d.Status, d.Reason = &now, Verified, nil
	if d.Certified {
		d.Status = Active
	}
	if err := d.save(ctx, tx); err != nil {
		return err
	}
	return d.log(ctx, tx, audit.DomainVerify)
}

// lock returns the domain of a store and keeps its row from changing until the
// transaction ends.
func lock(ctx context.Context, tx *db.Tx, st store.ID) (Domain, error) {
	d, err := db.One(ctx, tx, scan, `UPDATE custom_domain SET updated_at = updated_at WHERE store_id = $1 RETURNING `+columns, st)
	return d, db.Missing(err, "custom domain")
}
