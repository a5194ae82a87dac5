package domain

import (
	"context"
	"slices"
	"strings"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/store"
)

// Difference is what the records here and those at the provider do not have in
// common, and what would bring them together: the provider is asked to create or
// update what is here, and what only the provider has is adopted.
type Difference struct {
	Action   Action
	Record   *Record     // here; nil for one to adopt
	Observed *dns.Record // at the provider, its name relative to the domain; nil for one to create
	Ignored  bool        // the merchant does not want to hear of it
}

// Plan says what Sync would do.
func (s *Service) Plan(ctx context.Context, st store.ID) ([]Difference, error) {
	all, err := s.Drift(ctx, st)
	return toSettle(all), err
}

// toSettle are the differences that a merchant wants to hear of.
func toSettle(all []Difference) []Difference {
	return slices.DeleteFunc(append([]Difference{}, all...), func(x Difference) bool { return x.Ignored })
}

// Sync brings the records here and those at the provider together, and returns what
// it did.
func (s *Service) Sync(ctx context.Context, st store.ID, by account.ID, then func(context.Context, *db.Tx, []Difference) error) ([]Difference, error) {
	out := []Difference{}
	err := s.hold(ctx, st, func(ctx context.Context, h *held) error {
		if h.Zone == nil {
			return s.db.InTx(ctx, func(tx *db.Tx) error { return also(ctx, tx, then, out) })
		}
		if err := s.enterZone(ctx, h); err != nil {
			return err
		}
		all, err := s.compare(ctx, h)
		if err != nil {
			return err
		}
		out = toSettle(all)
		var changes []*change
		for _, difference := range out {
			changes = append(changes, difference.change())
		}
		return s.run(ctx, h, by, changes, func(tx *db.Tx) error { return also(ctx, tx, then, out) })
	})
	return out, err
}

// change is what Sync does about a difference.
func (x Difference) change() *change {
	switch x.Action {
	case Create:
		after := *x.Record
		return &change{action: Create, record: x.Record.ID, before: x.Record, after: &after}
	case Update:
		before, after := x.observed(), *x.Record
		return &change{action: Update, record: x.Record.ID, before: &before, after: &after}
	}
	return x.adoption()
}

// adoption takes over here what the provider has, which may be nothing.
func (x Difference) adoption() *change {
	c := &change{action: Adopt, before: x.Record}
	if x.Record != nil {
		c.record = x.Record.ID
	}
	if x.Observed != nil {
		after := x.observed()
		c.after = &after
	}
	return c
}

// observed is the record as the provider has it.
func (x Difference) observed() Record {
	var r Record
	if x.Record != nil {
		r = *x.Record
	}
	o := x.Observed
	r.Type, r.Name, r.Value, r.TTL, r.Priority, r.ProviderID = o.Type, o.Name, o.Value, o.TTL, o.Priority, o.ID
	return r
}

// compare tells what the records here and at the provider do not have in common.
func (s *Service) compare(ctx context.Context, h *held) ([]Difference, error) {
	here, err := h.records(ctx, s.db)
	if err != nil {
		return nil, err
	}
	there, err := s.provider.ListRecords(ctx, *h.Zone)
	if err != nil {
		return nil, told(ctx, h, err)
	}
	out := []Difference{}
	for _, r := range here {
		i := slices.IndexFunc(there, func(o dns.Record) bool { return o.ID == r.ProviderID })
		if i < 0 {
			i = slices.IndexFunc(there, h.there(r).Same)
		}
		if i < 0 {
			out = append(out, Difference{Action: Create, Record: &r})
			continue
		}
		if o := there[i]; !h.there(r).Equal(o) || o.ID != r.ProviderID {
			out = append(out, Difference{Action: Update, Record: &r, Observed: h.observed(o)})
		}
		there = slices.Delete(there, i, i+1)
	}
	for _, o := range there {
		if h.minds(o) {
			out = append(out, Difference{Action: Adopt, Observed: h.observed(o)})
		}
	}
	return out, h.markIgnored(ctx, s.db, out)
}

// minds tells whether a record that only the provider has is the merchant's to see:
// within the domain, and not one by which somebody proves something for a moment.
func (h *held) minds(o dns.Record) bool {
	ownNames := o.Type == dns.NS && o.Name == h.Name
	proof := o.Type == dns.TXT && (strings.HasPrefix(o.Name, "_acme-challenge.") || o.Name == h.Challenge())
	return dns.Within(o.Name, h.Name) && !ownNames && !proof
}

func (h *held) observed(o dns.Record) *dns.Record {
	o.Name = h.relative(o.Name)
	return &o
}
