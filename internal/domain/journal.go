package domain

import (
	"context"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// Outcome says what is known of a change.
type Outcome string

// The outcomes.
const (
	Open    Outcome = "open"   // nobody knows yet
	Done    Outcome = "done"   // the provider has done it
	NotDone Outcome = "failed" // it has not
)

// Change is an entry in the journal of a domain's records.
type Change struct {
	ID      ChangeID
	Action  Action
	Record  RecordID
	Before  *Record // nil where there was none
	After   *Record // nil where there is none
	Outcome Outcome
	Error   *string     // why it was not done
	Actor   *account.ID // nil for one who is gone
	Undoes  *ChangeID   // the change that it takes back
	Undone  *ChangeID   // the change that has taken it back
	At      time.Time
	Settled *time.Time
}

// Subject is the record that a change is about, as it was last.
func (c Change) Subject() Record {
	if c.After != nil {
		return *c.After
	}
	if c.Before != nil {
		return *c.Before
	}
	return Record{}
}

const journal = `
	SELECT c.id, c.action, c.record_id, c.before, c.after, c.state, c.error, c.account_id, c.undoes,
		(SELECT u.id FROM dns_change u WHERE u.domain_id = c.domain_id AND u.undoes = c.id AND u.state = 'done' ORDER BY u.id DESC LIMIT 1), c.created_at, c.settled_at
	FROM dns_change c WHERE c.domain_id = $1 `

func scanEntry(row db.Row) (Change, error) {
	var c Change
	var before, after *db.JSON[Record]
	var created db.Time
	var settled db.NullTime
	err := row.Scan(&c.ID, &c.Action, &c.Record, &before, &after, &c.Outcome, &c.Error, &c.Actor, &c.Undoes, &c.Undone, &created, &settled)
	if before != nil {
		c.Before = &before.V
	}
	if after != nil {
		c.After = &after.V
	}
	c.At, c.Settled = created.Time, settled.Time
	return c, err
}

// GetChange returns a change to the records of a store's domain.
func GetChange(ctx context.Context, q db.Q, st store.ID, which ChangeID) (Change, error) {
	d, err := Get(ctx, q, st)
	if err != nil {
		return Change{}, err
	}
	return d.entry(ctx, q, which)
}

func (d Domain) entry(ctx context.Context, q db.Q, which ChangeID) (Change, error) {
	c, err := db.One(ctx, q, scanEntry, journal+`AND c.id = $2`, d.ID, which)
	return c, db.Missing(err, "DNS change")
}

// ListChanges returns a page of the journal of a store's domain, newest first.
func ListChanges(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Change, bool, error) {
	d, err := Get(ctx, q, st)
	if err != nil {
		return nil, false, err
	}
	after, args := "", []any{d.ID, p.Limit + 1}
	if !p.Before.IsZero() {
		after = `AND c.id < $3 `
		args = append(args, p.Before)
	}
	found, err := db.All(ctx, q, scanEntry, journal+after+`ORDER BY c.id DESC LIMIT $2`, args...)
	found, more := db.Cut(p, found)
	return found, more, err
}

// Undo takes a change back, as long as the record is as the change left it, and
// returns the change that does it. What was taken over from the provider is
// forgotten here alone: then the two differ again.
func (s *Service) Undo(ctx context.Context, st store.ID, by account.ID, which ChangeID, then func(context.Context, *db.Tx, Change) error) (Change, error) {
	var out Change
	err := s.hold(ctx, st, func(ctx context.Context, h *held) error {
		if h.Provider != nil && *h.Provider != s.Mode {
			return errElsewhere
		}
		back, err := s.inverse(ctx, h, which)
		if err != nil {
			return err
		}
		return s.run(ctx, h, by, []*change{back}, func(tx *db.Tx) error {
			about := back.before
			if about == nil || back.after != nil && back.after.Managed {
				about = back.after
			}
			if err := h.follow(ctx, tx, about); err != nil {
				return err
			}
			if out, err = h.entry(ctx, tx, back.id); err != nil {
				return err
			}
			return also(ctx, tx, then, out)
		})
	})
	return out, err
}

var (
	errElsewhere    = fault.Refusedf("provider_changed", "The platform keeps records at another DNS provider than it did then.")
	errChangedSince = fault.Refusedf("changed_since", "The record was changed since: undo what came later first.")
)

// inverse is the change that takes one back.
func (s *Service) inverse(ctx context.Context, h *held, which ChangeID) (*change, error) {
	c, err := h.entry(ctx, s.db, which)
	if err != nil {
		return nil, err
	}
	if c.Outcome != Done {
		return nil, fault.Refusedf("change_not_done", "This change was not made: there is nothing to undo.")
	}
	all, err := h.records(ctx, s.db)
	if err != nil {
		return nil, err
	}
	var now *Record
	for _, r := range all {
		if r.ID == c.Record {
			now = &r
		}
	}
	if (now == nil) != (c.After == nil) || now != nil && !h.there(*now).Same(h.there(*c.After)) {
		return nil, errChangedSince
	}
	back := c.back(now)
	if back.after == nil || back.action == Adopt {
		return back, nil
	}
	if now != nil && h.there(*now).Equal(h.there(*back.after)) && now.Managed == back.after.Managed {
		return nil, fault.Refusedf("nothing_to_undo", "This change made the record again as it was: there is nothing to undo.")
	}
	except := c.Record
	if now == nil {
		except = RecordID{}
	}
	return back, s.allow(h.Domain, *back.after, all, except)
}

// back leads from the record as it is now to what it was before a change.
func (c Change) back(now *Record) *change {
	back := &change{record: c.Record, undoes: &c.ID, before: now}
	if c.Before != nil {
		after := *c.Before
		after.ID, after.CreatedAt = c.Record, time.Time{}
		back.after = &after
	}
	switch {
	case c.Action == Adopt:
		back.action = Adopt
	case back.after == nil:
		back.action = Delete
	case now == nil:
		back.action = Create
	default:
		back.action = Update
		back.after.ProviderID, back.after.CreatedAt = now.ProviderID, now.CreatedAt
	}
	return back
}
