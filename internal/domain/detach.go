package domain

import (
	"context"
	"errors"
	"log/slog"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/fault"
	"vitrine/internal/job"
	"vitrine/internal/store"
)

// cleanKind is what the jobs are called that take the records of a detached domain
// from the provider.
const cleanKind = "clean up DNS"

// leftover is what such a job takes away.
type leftover struct {
	Provider string
	Zone     string
	Records  []dns.Record
}

// Detach takes a store off its domain. The managed records leave the provider, now
// or, when it does not answer, soon; those made by hand stay in a zone that is the
// merchant's own.
func (s *Service) Detach(ctx context.Context, st store.ID) error {
	return s.hold(ctx, st, func(ctx context.Context, h *held) error {
		all, err := h.records(ctx, s.db)
		if err != nil {
			return err
		}
		left := h.leftover(all, s.OwnZones)
		left.Records = s.takeAway(ctx, left)
		return s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
			if err := h.keep(ctx, tx); err != nil {
				return err
			}
			return h.free(ctx, tx, left)
		})
	})
}

// leftover are the records at the provider that go with a domain: the managed ones,
// and all in a zone that was made for it.
func (d Domain) leftover(all []Record, ownZone bool) leftover {
	var left leftover
	if d.Zone == nil || d.Provider == nil {
		return left
	}
	left.Zone, left.Provider = *d.Zone, *d.Provider
	for _, r := range all {
		if r.Managed || ownZone {
			left.Records = append(left.Records, d.there(r))
		}
	}
	return left
}

// takeAway deletes records at the provider and returns those that it could not.
func (s *Service) takeAway(ctx context.Context, left leftover) []dns.Record {
	var stay []dns.Record
	for _, r := range left.Records {
		err := s.provider.DeleteRecord(ctx, left.Zone, r.ID)
		if err != nil && !dns.Is(err, dns.NoRecord) && !dns.Is(err, dns.NoZone) {
			slog.WarnContext(ctx, "domains: a record stays at the DNS provider for now", "name", r.Name, "type", r.Type, "error", err)
			stay = append(stay, r)
		}
	}
	return stay
}

// free takes a domain from its store. A bought one stays its owner's. What is left at
// the provider is a job.
func (d Domain) free(ctx context.Context, tx *db.Tx, left leftover) error {
	renamed(tx, d.ID)
	for _, table := range []string{"dns_record", "dns_change", "dns_ignored"} {
		if _, err := db.Exec(ctx, tx, `DELETE FROM `+table+` WHERE domain_id = $1`, d.ID); err != nil {
			return err
		}
	}
	if len(left.Records) > 0 {
		if _, err := job.Enqueue(ctx, tx, job.New{Account: d.Owner.UUID, Kind: cleanKind, Args: left}); err != nil {
			return err
		}
	}
	if !d.Purchase.Bought {
		_, err := db.Exec(ctx, tx, `DELETE FROM custom_domain WHERE id = $1`, d.ID)
		return err
	}
	_, err := db.Exec(ctx, tx, `
		UPDATE custom_domain SET store_id = NULL, status = $2, dns_provider = NULL, dns_zone_id = NULL, auto_dns_configured = FALSE,
			lease = NULL, lease_until = NULL, updated_at = $3
		WHERE id = $1`, d.ID, string(Verified), db.Time{Time: tx.Now()})
	return err
}

// DeleteStore deletes a store of the owner's and takes it off its domain.
func (s *Service) DeleteStore(ctx context.Context, tx *db.Tx, owner account.ID, st store.ID) error {
	if err := store.Delete(ctx, tx, owner, st); err != nil {
		return err
	}
	d, err := lock(ctx, tx, st)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := d.records(ctx, tx)
	if err != nil {
		return err
	}
	return d.free(ctx, tx, d.leftover(all, s.OwnZones))
}

// clean takes away what a domain left at the provider, but for what somebody else
// has made there since.
func (s *Service) clean(ctx context.Context, _ *job.Run, left leftover) error {
	if left.Provider != s.Mode {
		return job.Permanent(errors.New("the records are at " + left.Provider + ", which the platform does not use any more"))
	}
	var mine []dns.Record
	for _, r := range left.Records {
		taken, err := db.One(ctx, s.db, db.Value[bool], `
			SELECT EXISTS (SELECT 1 FROM dns_record r JOIN custom_domain d ON d.id = r.domain_id
			WHERE d.dns_provider = $1 AND d.dns_zone_id = $2 AND r.provider_record_id = $3)`, left.Provider, left.Zone, r.ID)
		if err != nil {
			return err
		}
		if !taken {
			mine = append(mine, r)
		}
	}
	if stay := s.takeAway(ctx, leftover{left.Provider, left.Zone, mine}); len(stay) > 0 {
		return errors.New("records stay at the DNS provider")
	}
	return nil
}
