package domain

import (
	"context"
	"log/slog"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// CreateRecord makes a record at the provider and here. then, if there is one, runs
// in the transaction that keeps it.
func (s *Service) CreateRecord(ctx context.Context, st store.ID, by account.ID, r Record, then func(context.Context, *db.Tx, Record) error) (Record, error) {
	err := s.checkFirst(ctx, st, &r)
	if err != nil {
		return Record{}, err
	}
	err = s.hold(ctx, st, func(ctx context.Context, h *held) error {
		all, err := h.records(ctx, s.db)
		if err != nil {
			return err
		}
		if err := s.allow(h.Domain, r, all, RecordID{}); err != nil {
			return err
		}
		c := &change{action: Create, after: &r}
		return s.run(ctx, h, by, []*change{c}, func(tx *db.Tx) error { return also(ctx, tx, then, r) })
	})
	return r, err
}

// checkFirst refuses a malformed record before anything is asked or waited for.
func (s *Service) checkFirst(ctx context.Context, st store.ID, r *Record) error {
	d, err := Get(ctx, s.db, st)
	if err != nil {
		return err
	}
	return d.check(r)
}

func also[T any](ctx context.Context, tx *db.Tx, then func(context.Context, *db.Tx, T) error, v T) error {
	if then == nil {
		return nil
	}
	return then(ctx, tx, v)
}

// UpdateRecord changes a record at the provider and here.
func (s *Service) UpdateRecord(ctx context.Context, st store.ID, by account.ID, id RecordID, edit func(*Record)) (Record, error) {
	var r Record
	before, err := GetRecord(ctx, s.db, st, id)
	if err != nil {
		return Record{}, err
	}
	kind := before.Type
	edit(&before)
	if before.Type != kind {
		return Record{}, fault.Invalidf("record_type", "cannot be changed: make another record and delete this one")
	}
	if err := s.checkFirst(ctx, st, &before); err != nil {
		return Record{}, err
	}
	err = s.hold(ctx, st, func(ctx context.Context, h *held) error {
		before, err := h.record(ctx, s.db, id)
		if err != nil {
			return err
		}
		r = before
		edit(&r)
		if err := h.check(&r); err != nil {
			return err
		}
		if h.there(r).Equal(h.there(before)) {
			return nil
		}
		all, err := h.records(ctx, s.db)
		if err != nil {
			return err
		}
		if err := s.allow(h.Domain, r, all, id); err != nil {
			return err
		}
		c := &change{action: Update, record: id, before: &before, after: &r}
		return s.run(ctx, h, by, []*change{c}, func(*db.Tx) error { return nil })
	})
	return r, err
}

// DeleteRecord takes a record away at the provider and here.
func (s *Service) DeleteRecord(ctx context.Context, st store.ID, by account.ID, id RecordID) error {
	return s.hold(ctx, st, func(ctx context.Context, h *held) error {
		before, err := h.record(ctx, s.db, id)
		if err != nil {
			return err
		}
		if before.Managed {
			slog.WarnContext(ctx, "domains: a managed record is deleted: the store may not be found any more", "domain", h.Name, "record", before.Name, "type", before.Type)
		}
		c := &change{action: Delete, record: id, before: &before}
		return s.run(ctx, h, by, []*change{c}, func(tx *db.Tx) error { return h.follow(ctx, tx, &before) })
	})
}

// follow keeps whether a domain is configured in step with its managed records, when
// one of them has come or gone.
func (h *held) follow(ctx context.Context, tx *db.Tx, changed *Record) error {
	if changed == nil || !changed.Managed {
		return nil
	}
	left, err := h.records(ctx, tx)
	if err != nil || hasManaged(left) == h.AutoConfigured {
		return err
	}
	h.AutoConfigured = !h.AutoConfigured
	return h.save(ctx, tx)
}

func hasManaged(all []Record) bool {
	for _, r := range all {
		if r.Managed {
			return true
		}
	}
	return false
}
