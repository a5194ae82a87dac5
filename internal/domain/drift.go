package domain

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// DriftID names a difference: it is made of what differs, so that it is the same as
// long as the difference is.
type DriftID struct{ id.UUID }

// Resolution is what can be done about a difference.
type Resolution string

// The resolutions.
const (
	Take    Resolution = "adopt"   // what the provider has counts here, too
	Restore Resolution = "restore" // what is here counts at the provider, too
	Ignore  Resolution = "ignore"  // it stays so, and is not told of again
)

// ID names the difference.
func (x Difference) ID() DriftID {
	text := string(x.Action)
	if r := x.Record; r != nil {
		text += fmt.Sprintf("|%s|%s|%s|%d|%v", r.ID, r.Type, r.Name, r.TTL, r.Value)
		if r.Priority != nil {
			text += fmt.Sprintf("|%d", *r.Priority)
		}
	}
	if o := x.Observed; o != nil {
		text += fmt.Sprintf("|%s|%s|%d|%s", o.Type, o.Name, o.TTL, o.Data())
	}
	digest := sha256.Sum256([]byte(text))
	u := id.UUID(digest[:16])
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80 // a UUID of the version that means nothing
	return DriftID{u}
}

// Drift tells what was changed at the provider by others than Vitrine: where the
// records here and there differ.
func (s *Service) Drift(ctx context.Context, st store.ID) ([]Difference, error) {
	d, err := Get(ctx, s.db, st)
	if err != nil {
		return nil, err
	}
	h := &held{Domain: d}
	if h.Zone == nil {
		return []Difference{}, nil // nothing was ever made
	}
	if err := s.enterZone(ctx, h); err != nil {
		return nil, err
	}
	all, err := s.compare(ctx, h)
	if err == nil {
		s.db.Observer().Drift(len(all))
	}
	return all, err
}

// ListDrift returns a page of Drift.
func (s *Service) ListDrift(ctx context.Context, st store.ID, p db.Page) ([]Difference, bool, error) {
	all, err := s.Drift(ctx, st)
	if i := slices.IndexFunc(all, func(x Difference) bool { return x.ID().UUID == p.Before }); i >= 0 {
		all = all[i+1:]
	}
	all, more := db.Cut(p, all)
	return all, more, err
}

// markIgnored notes which differences the merchant does not want to hear of.
func (h *held) markIgnored(ctx context.Context, q db.Q, all []Difference) error {
	if len(all) == 0 {
		return nil
	}
	known, err := db.All(ctx, q, db.Value[DriftID], `SELECT id FROM dns_ignored WHERE domain_id = $1`, h.ID)
	if err != nil {
		return err
	}
	ignored := make(map[DriftID]bool, len(known))
	for _, one := range known {
		ignored[one] = true
	}
	for i, x := range all {
		all[i].Ignored = ignored[x.ID()]
	}
	return nil
}

// Resolve does something about a difference, and returns it as it was.
func (s *Service) Resolve(ctx context.Context, st store.ID, by account.ID, which DriftID, how Resolution, then func(context.Context, *db.Tx, Difference) error) (Difference, error) {
	var out Difference
	err := s.hold(ctx, st, func(ctx context.Context, h *held) (err error) {
		if out, err = s.difference(ctx, h, which); err != nil {
			return err
		}
		if how == Ignore {
			return s.db.InTx(ctx, func(tx *db.Tx) error {
				if err := h.ignore(ctx, tx, by, which); err != nil {
					return err
				}
				out.Ignored = true
				return also(ctx, tx, then, out)
			})
		}
		return s.run(ctx, h, by, []*change{out.resolved(how)}, func(tx *db.Tx) error {
			if err := h.follow(ctx, tx, out.Record); err != nil {
				return err
			}
			return also(ctx, tx, then, out)
		})
	})
	return out, err
}

// resolved is the change that a resolution is.
func (x Difference) resolved(how Resolution) *change {
	switch {
	case how == Take:
		return x.adoption()
	case x.Record == nil:
		before := x.observed()
		return &change{action: Delete, before: &before}
	}
	return x.change()
}

func (s *Service) difference(ctx context.Context, h *held, which DriftID) (Difference, error) {
	if h.Zone == nil {
		return Difference{}, errNoDrift
	}
	if err := s.enterZone(ctx, h); err != nil {
		return Difference{}, err
	}
	all, err := s.compare(ctx, h)
	if err != nil {
		return Difference{}, err
	}
	for _, x := range all {
		if x.ID() == which {
			return x, nil
		}
	}
	return Difference{}, errNoDrift
}

var errNoDrift = fault.Missing("difference any more")

// ignore keeps that a difference is not to be told of.
func (h *held) ignore(ctx context.Context, tx *db.Tx, by account.ID, which DriftID) error {
	if err := h.keep(ctx, tx); err != nil {
		return err
	}
	_, err := db.Exec(ctx, tx, `INSERT INTO dns_ignored (domain_id, id, account_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		h.ID, which, orNull(by), db.Time{Time: tx.Now()})
	return err
}
