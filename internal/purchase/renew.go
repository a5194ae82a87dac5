package purchase

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/job"
	"vitrine/internal/registrar"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

var (
	errRenewing = fault.Refusedf("renewal_running", "This domain is being renewed already.")
	errTooLong  = fault.Refusedf("term_too_long", "A domain can be registered for at most ten years from today.")
	errTooEarly = fault.Refusedf("too_early", "This registrar renews a domain only once it has ended, within 30 days: leave Auto-Renew on.")
)

const (
	renewAhead = 30 * 24 * time.Hour // how long before its end a name is renewed by itself
	urgent     = 3 * 24 * time.Hour  // around the end, in which it is tried each hour instead of each day
	grace      = 30 * 24 * time.Hour // after the end, while the registrar still renews
)

// Renew adds years to the name of a store. The rules are those of Buy; where a
// renewal is under way already it is refused.
func (s *Service) Renew(ctx context.Context, st store.ID, n int, then func(context.Context, *db.Tx, Bought) error) (Bought, error) {
	if n < 1 || n > MaxYears {
		return Bought{}, fault.Invalidf("years", "must be between 1 and %d", MaxYears)
	}
	d, err := domain.Get(ctx, s.db, st)
	if err != nil {
		return Bought{}, err
	}
	p, err := s.renew(ctx, d, n, false)
	return s.outcome(ctx, p, then, err)
}

// renew orders years for a name and carries the attempt on as far as it goes.
func (s *Service) renew(ctx context.Context, d domain.Domain, n int, automatic bool) (*Purchase, error) {
	switch now := s.db.Now(); {
	case !d.Purchase.Bought || d.Purchase.Expires == nil:
		return nil, domain.ErrNotBought
	case registrar.After(*d.Purchase.Expires, n).After(registrar.After(now, MaxYears)):
		return nil, errTooLong
	case !s.registrar.Capabilities().EarlyRenewal && d.Purchase.Expires.After(now):
		return nil, errTooEarly
	}
	h := &held{claim: ID{s.db.NewID()}, Purchase: Purchase{
		Kind: Renew, Account: d.Owner, Store: d.Store, Domain: d.ID, Name: d.Name, Years: n, Before: d.Purchase.Expires,
		Registrar: s.Mode, Payer: s.payments.Name(), Automatic: automatic,
	}}
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		err := insert(ctx, tx, &h.Purchase, h.claim)
		if tx.Violates(err, "purchase_live") {
			return errRenewing
		}
		if err != nil {
			return err
		}
		if d.Store != nil {
			if err := audit.InStore(ctx, tx, d.Store.UUID, audit.DomainRenew, audit.Thing{Kind: "domain", ID: d.ID.String(), Name: d.Name}); err != nil {
				return err
			}
		}
		step := fmt.Sprintf("%s is to be renewed for %s.", d.Name, years(n))
		if automatic {
			step = d.Name + " is renewed by itself, for one year."
		}
		return note(ctx, tx, h.ID, Quoted, step)
	})
	if err != nil {
		return nil, err
	}
	return &h.Purchase, s.carryOn(ctx, h)
}

// RenewDue renews the names whose owners want that and that end within 30 days, if the
// registrar renews so early, or have ended within as many: one that fails is tried again each day, and each hour in
// the three days before the end and after it.
func (s *Service) RenewDue(ctx context.Context) error {
	now, ahead := s.db.Now(), renewAhead
	if !s.registrar.Capabilities().EarlyRenewal {
		ahead = 0
	}
	due, err := db.All(ctx, s.db, db.Value[domain.ID], `
		SELECT d.id FROM custom_domain d
		WHERE d.is_purchased AND d.auto_renew AND d.expiry_date <= $1 AND d.expiry_date > $2 AND NOT EXISTS (
			SELECT 1 FROM purchase p WHERE p.domain_id = d.id AND p.kind = 'renew'
			AND (p.live OR p.created_at > $4 OR (d.expiry_date > $3 OR d.expiry_date <= $6) AND p.created_at > $5))
		ORDER BY d.expiry_date, d.id LIMIT 200`,
		db.Time{Time: now.Add(ahead)}, db.Time{Time: now.Add(-grace)}, db.Time{Time: now.Add(urgent)},
		db.Time{Time: now.Add(-time.Hour)}, db.Time{Time: now.Add(-24 * time.Hour)}, db.Time{Time: now.Add(-urgent)})
	if err != nil {
		return err
	}
	return job.Several(ctx, due, s.renewBySetting)
}

// renewBySetting renews a name that nobody has asked to renew.
func (s *Service) renewBySetting(ctx context.Context, id domain.ID) {
	d, err := domain.ByID(ctx, s.db, id)
	if err == nil {
		_, err = s.renew(ctx, d, 1, true)
	}
	if err != nil {
		slog.WarnContext(ctx, "purchases: a domain could not be renewed", "domain", id, "error", err)
	}
}

// noticeDays are how many days before the end of a name its owner is told; 0 is when
// it has ended.
var noticeDays = []int{0, 1, 7, 30, 60}

// Tell says of each name that it ends, once for each of noticeDays.
func (s *Service) Tell(ctx context.Context) error {
	after := s.db.Now().Add(-grace)
	for _, days := range noticeDays {
		until := s.db.Now().Add(time.Duration(days) * 24 * time.Hour)
		untold, err := db.All(ctx, s.db, db.Value[domain.ID], `
			SELECT d.id FROM custom_domain d
			WHERE d.is_purchased AND d.expiry_date > $1 AND d.expiry_date <= $2
				AND NOT EXISTS (SELECT 1 FROM domain_notice n WHERE n.domain_id = d.id AND n.expires_at = d.expiry_date AND n.days = $3)
			ORDER BY d.expiry_date, d.id`, db.Time{Time: after}, db.Time{Time: until}, days)
		if err != nil {
			return err
		}
		for _, id := range untold {
			if err := s.tell(ctx, id, days); err != nil {
				return err
			}
		}
		after = until
	}
	return nil
}

// tell says that a name ends, unless it was said.
func (s *Service) tell(ctx context.Context, id domain.ID, days int) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		d, err := domain.ByID(ctx, tx, id)
		if err != nil || d.Purchase.Expires == nil {
			return err
		}
		n, err := db.Exec(ctx, tx, `
			INSERT INTO domain_notice (domain_id, expires_at, days, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			id, db.Time{Time: *d.Purchase.Expires}, days, db.Time{Time: tx.Now()})
		if err != nil || n == 0 {
			return err
		}
		if err := mailEnding(ctx, tx, d, days); err != nil || d.Store == nil {
			return err
		}
		return webhook.Emit(ctx, tx, *d.Store, webhook.DomainExpiring, webhook.Data{
			"id": d.ID.String(), "store_id": d.Store.String(), "domain": d.Name, "expiry_date": webhook.Time(*d.Purchase.Expires),
			"auto_renew": d.Purchase.AutoRenew, "days_to_expiry": Days(*d.Purchase.Expires, tx.Now()),
		})
	})
}

// Days is how many whole days a name lasts; 0 when it has ended.
func Days(expires, now time.Time) int { return max(0, int(expires.Sub(now)/(24*time.Hour))) }

// Term is a number of years that a name can be renewed for, and when it ends then.
type Term struct {
	Years int
	Until time.Time
}

// Terms are those that a name can be renewed for which ends at a time: not past ten
// years from now.
func Terms(expires, now time.Time) []Term {
	var all []Term
	for n := 1; n <= MaxYears; n++ {
		until := registrar.After(expires, n)
		if until.After(registrar.After(now, MaxYears)) {
			break
		}
		all = append(all, Term{n, until})
	}
	return all
}
