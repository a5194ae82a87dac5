package domain

import (
	"context"
	"errors"
	"log/slog"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/fault"
	"vitrine/internal/job"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// cleanKind is what the jobs are called that take the records of a detached domain
// from the provider.
const cleanKind = "clean up DNS"

// leftover is what such a job takes away.
type leftover struct {
	Provider string
	Zone     string
	Records  []dns.Record
	Whole    bool // the zone goes, too, when nothing else is in it
}

// none tells whether there is nothing to take away.
func (left leftover) none() bool { return len(left.Records) == 0 && !left.Whole }

// Detach takes a store off its domain. The managed records leave the provider, now
// or, when it does not answer, soon; those made by hand stay in a zone that is the
// merchant's own.
func (s *Service) Detach(ctx context.Context, st store.ID) error {
	return s.hold(ctx, st, func(ctx context.Context, h *held) error {
		all, err := h.records(ctx, s.db)
		if err != nil {
			return err
		}
		left := s.takeAway(ctx, h.leftover(all, s.OwnZones))
		return s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
			if err := h.keep(ctx, tx); err != nil {
				return err
			}
			return h.lose(ctx, tx, left)
		})
	})
}

// leftover are the records at the provider that go with a domain: the managed ones,
// and all in a zone that was made for it. The zone of a bought name stays: it is
// delegated to us.
func (d Domain) leftover(all []Record, ownZone bool) leftover {
	var left leftover
	if d.Zone == nil || d.Provider == nil {
		return left
	}
	left.Zone, left.Provider, left.Whole = *d.Zone, *d.Provider, ownZone && !d.Purchase.Bought
	for _, r := range all {
		if r.Managed || ownZone {
			left.Records = append(left.Records, d.there(r))
		}
	}
	return left
}

// takeAway deletes at the provider what is left there, and returns what it could not.
func (s *Service) takeAway(ctx context.Context, left leftover) (stay leftover) {
	stay = leftover{Provider: left.Provider, Zone: left.Zone}
	for _, r := range left.Records {
		err := s.provider.DeleteRecord(ctx, left.Zone, r.ID)
		if err != nil && !dns.Is(err, dns.NoRecord) && !dns.Is(err, dns.NoZone) {
			slog.WarnContext(ctx, "domains: a record stays at the DNS provider for now", "name", r.Name, "type", r.Type, "error", err)
			stay.Records = append(stay.Records, r)
		}
	}
	if keeper, has := s.provider.(dns.ZoneKeeper); has && left.Whole {
		err := keeper.DropZone(ctx, left.Zone)
		if err != nil {
			slog.WarnContext(ctx, "domains: a zone stays for now", "zone", left.Zone, "error", err)
		}
		stay.Whole = err != nil || len(stay.Records) > 0
	}
	return stay
}

// lose is free for a store that stays, whose log says so.
func (d Domain) lose(ctx context.Context, tx *db.Tx, left leftover) error {
	if err := d.log(ctx, tx, audit.DomainDisconnect); err != nil {
		return err
	}
	return d.free(ctx, tx, left)
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
	if !left.none() {
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

// DeleteStore deletes a store of the owner's, with its webhooks, and takes it off its
// domain.
func (s *Service) DeleteStore(ctx context.Context, tx *db.Tx, owner account.ID, st store.ID) error {
	if err := store.Delete(ctx, tx, owner, st); err != nil {
		return err
	}
	if err := webhook.DeleteAll(ctx, tx, st); err != nil {
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
		taken, err := s.taken(ctx, left, `SELECT EXISTS (SELECT 1 FROM dns_record r JOIN custom_domain d ON d.id = r.domain_id
			WHERE d.dns_provider = $1 AND d.dns_zone_id = $2 AND r.provider_record_id = $3)`, r.ID)
		if err != nil {
			return err
		}
		if !taken {
			mine = append(mine, r)
		}
	}
	if left.Records = mine; left.Whole {
		taken, err := s.taken(ctx, left, `SELECT EXISTS (SELECT 1 FROM custom_domain WHERE dns_provider = $1 AND dns_zone_id = $2)`)
		if err != nil {
			return err
		}
		left.Whole = !taken
	}
	if !s.takeAway(ctx, left).none() {
		return errors.New("records stay at the DNS provider")
	}
	return nil
}

// taken tells whether somebody else has something at the provider by now.
func (s *Service) taken(ctx context.Context, left leftover, query string, more ...any) (bool, error) {
	return db.One(ctx, s.db, db.Value[bool], query, append([]any{left.Provider, left.Zone}, more...)...)
}
