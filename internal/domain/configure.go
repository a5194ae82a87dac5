package domain

import (
	"context"
	"slices"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// Configuration is what Configure did: the records that lead to the platform, and how
// many of them are new.
type Configuration struct {
	Created int
	Records []Record
}

// wanted are the records that lead visitors to the platform.
func (s *Service) wanted() []Record {
	return []Record{
		{Type: dns.A, Name: root, Value: s.Address, TTL: DefaultTTL, Managed: true},
		{Type: dns.CNAME, Name: "www", Value: s.Target, TTL: DefaultTTL, Managed: true},
	}
}

// Configure makes the records that lead visitors to the platform, unless they are
// there. A record made by hand that stands in their way is refused, or with replace
// taken away. Doing it again changes nothing.
func (s *Service) Configure(ctx context.Context, st store.ID, by account.ID, replace bool, then func(context.Context, *db.Tx, Configuration) error) (Configuration, error) {
	var out Configuration
	err := s.hold(ctx, st, func(ctx context.Context, h *held) error {
		if h.VerifiedAt == nil {
			return errNotVerified
		}
		if err := s.enterZone(ctx, h); err != nil {
			return err
		}
		changes, err := s.lead(ctx, h, replace)
		if err != nil {
			return err
		}
		return s.run(ctx, h, by, changes, func(tx *db.Tx) error {
			h.AutoConfigured = true
			if err := h.save(ctx, tx); err != nil {
				return err
			}
			if out, err = s.configured(ctx, tx, h, changes); err != nil {
				return err
			}
			return also(ctx, tx, then, out)
		})
	})
	return out, err
}

// configured returns the managed records in the order of wanted.
func (s *Service) configured(ctx context.Context, q db.Q, h *held, changes []*change) (out Configuration, err error) {
	all, err := h.records(ctx, q)
	if err != nil {
		return out, err
	}
	for _, want := range s.wanted() {
		for _, r := range all {
			if r.Managed && r.Type == want.Type && r.Name == want.Name {
				out.Records = append(out.Records, r)
			}
		}
	}
	for _, c := range changes {
		if c.action == Create && c.before == nil {
			out.Created++
		}
	}
	return out, nil
}

// lead plans what makes a domain lead to the platform.
func (s *Service) lead(ctx context.Context, h *held, replace bool) ([]*change, error) {
	here, err := h.records(ctx, s.db)
	if err != nil {
		return nil, err
	}
	there, err := s.provider.ListRecords(ctx, *h.Zone)
	if err != nil {
		return nil, told(ctx, h, err)
	}
	var away, toward []*change
	for _, want := range s.wanted() {
		blocking := blocking(h, want, here, there)
		kept := slices.IndexFunc(blocking, func(r Record) bool { return r.Managed && !r.ID.IsZero() && r.Type == want.Type })
		if same := slices.IndexFunc(blocking, func(r Record) bool { return h.there(r).Same(h.there(want)) }); same >= 0 {
			kept = same
		}
		for i, r := range blocking {
			if i == kept {
				continue
			}
			if !replace && !r.Managed {
				return nil, fault.Refusedf("record_conflict", "The record %s %s %q was made by hand and is in the way: delete it, or replace it.", r.Name, r.Type, h.there(r).Data())
			}
			away = append(away, &change{action: Delete, record: r.ID, before: &r})
		}
		if kept < 0 {
			toward = append(toward, &change{action: Create, after: &want})
			continue
		}
		if c := toWanted(h, blocking[kept], want, there); c != nil {
			toward = append(toward, c)
		}
	}
	return append(away, toward...), nil
}

// toWanted makes a record what it should be, or is nil where it is so.
func toWanted(h *held, is, want Record, there []dns.Record) *change {
	want.ID, want.Domain, want.ProviderID, want.CreatedAt = is.ID, is.Domain, is.ProviderID, is.CreatedAt
	lost := !slices.ContainsFunc(there, func(t dns.Record) bool { return t.ID == is.ProviderID || h.there(is).Same(t) })
	switch {
	case lost:
		return &change{action: Create, record: is.ID, before: &is, after: &want}
	case !is.ID.IsZero() && is.Managed && h.there(is).Equal(h.there(want)):
		return nil
	}
	return &change{action: Update, record: is.ID, before: &is, after: &want}
}

// blocking are the records that stand where want is to be, here and at the provider:
// those of its name and type, and beside a CNAME all of its name. Those that only
// the provider has come without an id.
func blocking(h *held, want Record, here []Record, there []dns.Record) []Record {
	inTheWay := func(r Record) bool {
		return r.Name == want.Name && (r.Type == want.Type || want.Type == dns.CNAME || r.Type == dns.CNAME)
	}
	var found []Record
	for _, r := range here {
		if inTheWay(r) {
			found = append(found, r)
		}
	}
	for _, t := range there {
		r := Record{Type: t.Type, Name: h.relative(t.Name), Value: t.Value, TTL: t.TTL, Priority: t.Priority, ProviderID: t.ID}
		known := slices.ContainsFunc(here, func(k Record) bool { return k.ProviderID == t.ID || h.there(k).Same(t) })
		if dns.Within(t.Name, h.Name) && !known && inTheWay(r) {
			found = append(found, r)
		}
	}
	return found
}
