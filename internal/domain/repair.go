package domain

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/fault"
	"vitrine/internal/job"
	"vitrine/internal/store"
)

// lateEffect is how long what a provider was asked for may still happen after it has
// not answered.
const lateEffect = 30 * time.Second

// inquire asks the provider whether a change has happened, and notes it if so. Where
// it sees no effect, nothing is certain: it may still come.
func (s *Service) inquire(ctx context.Context, h *held, c *change) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	there, err := s.provider.ListRecords(ctx, *h.Zone)
	if dns.Is(err, dns.NoZone) {
		there, err = nil, nil
	}
	if err != nil {
		return err
	}
	c.conclude(h, there)
	return nil
}

// conclude notes that a change has happened when the records at the provider show it.
func (c *change) conclude(h *held, there []dns.Record) {
	find := func(r *Record) (dns.Record, bool) {
		i := slices.IndexFunc(there, h.there(*r).Equal)
		if i < 0 {
			return dns.Record{}, false
		}
		return there[i], true
	}
	var happened bool
	switch c.action {
	case Create:
		c.got, happened = find(c.after)
	case Update:
		_, left := find(c.before)
		c.got, happened = find(c.after)
		happened = happened && (c.before.Name == c.after.Name || !left) // one of another name is made before the old one goes
	case Delete:
		_, is := find(c.before)
		happened = !is
	}
	if happened {
		c.state = Done
	}
}

func scanChange(row db.Row) (*change, error) {
	var c change
	var before, after *db.JSON[Record]
	var created db.Time
	var by *account.ID
	err := row.Scan(&c.id, &c.record, &c.action, &before, &after, &created, &by)
	if by != nil {
		c.by = *by
	}
	if before != nil {
		c.before = &before.V
	}
	if after != nil {
		c.after = &after.V
	}
	c.asked = created.Time
	return &c, err
}

// errUnsettled says that a change is too young to say that it has not happened.
var errUnsettled = &fault.Error{
	Kind: fault.Conflict, Code: "domain_unsettled", RetryAfter: 5 * time.Second,
	Message: "The DNS provider has not answered the last change to this domain, and it is not known yet whether it was made. Please try again in a moment.",
}

// settleOpen finds out what became of the changes that an earlier holder of the
// lease left open.
func (s *Service) settleOpen(ctx context.Context, h *held) error {
	left, err := db.All(ctx, s.db, scanChange, `
		SELECT id, record_id, action, before, after, created_at, account_id FROM dns_change WHERE domain_id = $1 AND state = 'open' ORDER BY id`, h.ID)
	if err != nil || len(left) == 0 {
		return err
	}
	if h.Zone == nil {
		return errors.New("a change to a domain without a zone")
	}
	there, err := s.provider.ListRecords(ctx, *h.Zone)
	if err != nil && !dns.Is(err, dns.NoZone) {
		return told(ctx, h, err)
	}
	unsettled := false
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := h.keep(ctx, tx); err != nil {
			return err
		}
		unsettled = false
		for _, c := range left {
			c.state = Open
			if c.conclude(h, there); c.state == Open && tx.Now().Sub(c.asked) >= lateEffect {
				c.state = NotDone
			}
			unsettled = unsettled || c.state == Open
			if err := c.settle(ctx, tx, h); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && unsettled {
		return errUnsettled
	}
	return err
}

// Repair finds out what became of the changes whose answers were lost. It goes on
// with the next domain when one cannot be asked.
func (s *Service) Repair(ctx context.Context) error {
	stores, err := db.All(ctx, s.db, db.Value[store.ID], `
		SELECT DISTINCT d.store_id FROM dns_change c JOIN custom_domain d ON d.id = c.domain_id
		WHERE c.state = 'open' AND d.store_id IS NOT NULL AND c.created_at <= $1`, db.Time{Time: s.db.Now().Add(-lateEffect)})
	if err != nil {
		return err
	}
	for _, st := range stores {
		err := s.hold(ctx, st, func(context.Context, *held) error { return nil })
		if err != nil && !fault.Is(err, fault.NotFound) {
			slog.WarnContext(ctx, "domains: changes are still open", "store", st, "error", err)
		}
	}
	return ctx.Err()
}

// HandleJobs has r repair what lost answers left open, and clean up after domains
// that were taken off.
func (s *Service) HandleJobs(r *job.Runner) {
	r.Every("settle DNS changes", 10*time.Second, s.Repair)
	job.Handle(r, cleanKind, s.clean, job.Settings{MaxAttempts: 20})
}
