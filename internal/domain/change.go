package domain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/fault"
	"vitrine/internal/id"
)

// ChangeID names a change.
type ChangeID struct{ id.UUID }

// Action says what a change does to a record.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
	Adopt  Action = "adopt" // takes over here what the provider has, which is not asked for anything
)

// change is something that the provider is asked to do. Before it is asked, the
// change is in the journal. To create with a before is to make a record again that
// the provider has lost.
type change struct {
	id     ChangeID
	undoes *ChangeID
	by     account.ID
	action Action
	record RecordID
	before *Record
	after  *Record
	got    dns.Record // what the provider made of after
	asked  time.Time
	err    error
	state  Outcome
}

// run asks the provider for changes, one after the other, and takes over here what
// it has done. It stops at the first that is not done and returns why. When all are
// done, then runs in the transaction that takes them over.
func (s *Service) run(ctx context.Context, h *held, by account.ID, changes []*change, then func(*db.Tx) error) error {
	if err := s.announce(ctx, h, by, changes); err != nil {
		return err
	}
	var failed error
	for _, c := range changes {
		if failed != nil {
			c.state = NotDone
			continue
		}
		c.err = s.ask(ctx, h, c)
		failed = s.judge(ctx, h, c)
	}
	ctx = context.WithoutCancel(ctx) // what was done is kept, also for a client that has gone
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := h.keep(ctx, tx); err != nil {
			return err
		}
		for _, c := range changes {
			if err := c.settle(ctx, tx, h); err != nil {
				return err
			}
		}
		if failed == nil {
			return then(tx)
		}
		return nil
	})
	return errors.Join(failed, err)
}

// announce writes changes into the journal, with the zone that they are for.
func (s *Service) announce(ctx context.Context, h *held, by account.ID, changes []*change) error {
	if err := s.enterZone(ctx, h); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := h.keep(ctx, tx); err != nil {
			return err
		}
		for _, c := range changes {
			c.id, c.state, c.by = ChangeID{tx.NewID()}, Open, by
			if c.record.IsZero() {
				c.record = RecordID{tx.NewID()}
			}
			if c.action == Adopt {
				continue // nobody is asked: it is written when it is done
			}
			if err := c.write(ctx, tx, h); err != nil {
				return err
			}
		}
		return h.save(ctx, tx)
	})
}

// write puts a change into the journal.
func (c *change) write(ctx context.Context, tx *db.Tx, h *held) error {
	var settled *time.Time
	if c.state != Open {
		now := tx.Now()
		settled = &now
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO dns_change (domain_id, id, record_id, action, before, after, state, account_id, created_at, settled_at, undoes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		h.ID, c.id, c.record, string(c.action), written(c.before), written(c.after), string(c.state), orNull(c.by), db.Time{Time: tx.Now()}, db.NullTime{Time: settled}, c.undoes)
	return err
}

// written is a record as the journal keeps it.
func written(r *Record) any {
	if r == nil {
		return nil
	}
	return db.JSON[Record]{V: *r}
}

func orNull(by account.ID) any {
	if by.IsZero() {
		return nil
	}
	return by
}

// enterZone finds the zone of a domain at the provider, unless it is known.
func (s *Service) enterZone(ctx context.Context, h *held) error {
	if h.Zone != nil && h.Provider != nil && *h.Provider == s.Mode {
		return nil
	}
	if !s.OwnZones && h.VerifiedAt == nil {
		return errNotVerified
	}
	zone, err := s.provider.ZoneID(ctx, h.Name)
	if dns.Is(err, dns.NoZone) {
		return fault.Refusedf("no_zone", "%s is not at the DNS provider of this platform: make the records where its name servers are.", h.Name)
	}
	if err != nil {
		return told(ctx, h, err)
	}
	h.Zone, h.Provider = &zone, &s.Mode
	return nil
}

var errNotVerified = fault.Refusedf("not_verified", "Verify that the domain is yours first.")

// ask has the provider do a change.
func (s *Service) ask(ctx context.Context, h *held, c *change) (err error) {
	switch c.action {
	case Create:
		c.got, err = s.provider.CreateRecord(ctx, *h.Zone, h.there(*c.after))
	case Update:
		c.got, err = s.provider.UpdateRecord(ctx, *h.Zone, c.before.ProviderID, h.there(*c.after))
	case Delete:
		if err = s.provider.DeleteRecord(ctx, *h.Zone, c.before.ProviderID); dns.Is(err, dns.NoRecord) {
			err = nil // that is what was wanted
		}
	case Adopt:
		if c.after != nil {
			c.got.ID = c.after.ProviderID
		}
	}
	return err
}

// judge decides what became of a change from what the provider answered, and asks it
// where that does not tell. It returns what the merchant is told if it is not done.
func (s *Service) judge(ctx context.Context, h *held, c *change) error {
	switch {
	case c.err == nil:
		c.state = Done
		return nil
	case certain(c.err):
		c.state = NotDone
		return told(ctx, h, c.err)
	}
	if err := s.inquire(ctx, h, c); err != nil || c.state != Done {
		c.state = Open // what was asked for may still happen
		return told(ctx, h, c.err)
	}
	return nil
}

// certain tells whether an error says that nothing has happened.
func certain(err error) bool {
	e, ok := errors.AsType[*dns.Error](err)
	return ok && e.Kind != dns.Unanswered
}

// told is an error of the provider as the merchant sees it.
func told(ctx context.Context, h *held, err error) error {
	slog.WarnContext(ctx, "domains: the DNS provider did not do what it was asked for", "domain", h.Name, "error", err)
	e, ok := errors.AsType[*dns.Error](err)
	switch {
	case !ok:
		return &fault.Error{Kind: fault.Provider, Code: "dns_provider", Message: "The DNS provider could not be reached."}
	case e.Kind == dns.NoRecord:
		return fault.Conflictf("changed_outside", "The DNS provider does not have this record any more: a plan shows what has changed there.")
	case e.Kind == dns.Unanswered:
		return &fault.Error{Kind: fault.Provider, Code: "dns_unanswered", Message: "The DNS provider did not answer. Whether the change was made will be known in a moment."}
	}
	return &fault.Error{Kind: fault.Provider, Code: "dns_provider", Message: "The DNS provider refused: " + e.Message, RetryAfter: e.RetryAfter}
}

// settle writes down in the journal what is known of a change, and takes over here
// what was done.
func (c *change) settle(ctx context.Context, tx *db.Tx, h *held) error {
	if c.state == Open || c.action == Adopt && c.state != Done {
		return nil
	}
	var cause *string
	if c.err != nil && c.state == NotDone {
		text := c.err.Error()
		cause = &text
	}
	if c.state == Done {
		if err := c.apply(ctx, tx, h); err != nil {
			return fmt.Errorf("take over what the DNS provider did: %w", err)
		}
		if err := c.log(ctx, tx, h); err != nil {
			return err
		}
	}
	if c.action == Adopt {
		return c.write(ctx, tx, h)
	}
	_, err := db.Exec(ctx, tx, `UPDATE dns_change SET state = $3, error = $4, settled_at = $5, after = $6 WHERE domain_id = $1 AND id = $2`,
		h.ID, c.id, string(c.state), cause, db.Time{Time: tx.Now()}, written(c.after))
	return err
}

// log writes into the store's log that a record was changed. Where the provider's answer
// came late, whoever has asked is known from the journal.
func (c *change) log(ctx context.Context, tx *db.Tx, h *held) (err error) {
	if h.Store == nil {
		return nil
	}
	if !c.by.IsZero() {
		if ctx, err = account.Acting(ctx, tx, c.by); err != nil {
			return err
		}
	}
	action, about := audit.RecordChange, c.after
	switch {
	case c.after == nil:
		action, about = audit.RecordDelete, c.before
	case c.before == nil:
		action = audit.RecordCreate
	}
	return audit.InStore(ctx, tx, h.Store.UUID, action, audit.Thing{Kind: "dns_record", ID: c.record.String(), Name: about.Name + " " + string(about.Type)})
}

// apply does here what the provider has done.
func (c *change) apply(ctx context.Context, tx *db.Tx, h *held) error {
	now := db.Time{Time: tx.Now()}
	if c.after == nil {
		_, err := db.Exec(ctx, tx, `DELETE FROM dns_record WHERE domain_id = $1 AND id = $2`, h.ID, c.record)
		return err
	}
	r := c.after
	r.ID, r.Domain, r.ProviderID, r.UpdatedAt = c.record, h.ID, c.got.ID, tx.Now()
	if r.CreatedAt.IsZero() {
		r.CreatedAt = tx.Now()
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO dns_record (domain_id, id, record_type, name, value, ttl, priority, identity, provider_record_id, is_managed, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
		ON CONFLICT (domain_id, id) DO UPDATE SET name = excluded.name, value = excluded.value, ttl = excluded.ttl, priority = excluded.priority,
			identity = excluded.identity, provider_record_id = excluded.provider_record_id, is_managed = excluded.is_managed, updated_at = excluded.updated_at`,
		h.ID, r.ID, string(r.Type), r.Name, r.Value, r.TTL, r.Priority, h.there(*r).Identity(), r.ProviderID, r.Managed, now)
	if err != nil {
		return err
	}
	// Records of one name and type have one TTL.
	_, err = db.Exec(ctx, tx, `UPDATE dns_record SET ttl = $4, updated_at = $5 WHERE domain_id = $1 AND name = $2 AND record_type = $3 AND ttl <> $4`,
		h.ID, r.Name, string(r.Type), r.TTL, now)
	return err
}
