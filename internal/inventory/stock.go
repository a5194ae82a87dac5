package inventory

import (
	"context"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// Move is units that are moved by hand, and what is noted of it. Then is as in a
// Request and gets the level's figures.
type Move struct {
	Units int64
	Note
	Then func(context.Context, *db.Tx, Figures) error
}

// check refuses what cannot be moved or noted, of a whole number of units.
func (m *Move) check() error {
	var f fault.Form
	checkUnits(&f, "quantity", &m.Units, 1)
	m.Note.check(&f)
	return f.Err()
}

// Reserve holds units of a level.
func (w *Writer) Reserve(ctx context.Context, st store.ID, l LevelID, m Move) (Figures, error) {
	if err := m.check(); err != nil {
		return Figures{}, err
	}
	return w.move(ctx, st, l, m, Reserved, change{reserved: m.Units, byHand: m.Units}, (*Stock).Reserve)
}

// Release gives back units of a level that were reserved by hand.
func (w *Writer) Release(ctx context.Context, st store.ID, l LevelID, m Move) (Figures, error) {
	if err := m.check(); err != nil {
		return Figures{}, err
	}
	return w.move(ctx, st, l, m, Unreserved, change{reserved: -m.Units, byHand: -m.Units}, (*Stock).Release)
}

// Fulfill takes units that were reserved by hand out of the warehouse.
func (w *Writer) Fulfill(ctx context.Context, st store.ID, l LevelID, m Move) (Figures, error) {
	if err := m.check(); err != nil {
		return Figures{}, err
	}
	return w.move(ctx, st, l, m, Sold, change{quantity: -m.Units, reserved: -m.Units, byHand: -m.Units}, (*Stock).Fulfill)
}

// byHand are the reasons that Adjust takes.
var byHand = []Reason{Received, Sold, Returned, Damaged, Correction}

// Adjust changes what is on hand by units, which may be fewer than none.
func (w *Writer) Adjust(ctx context.Context, st store.ID, l LevelID, why Reason, m Move) (Figures, error) {
	var form fault.Form
	if checkUnits(&form, "quantity_change", &m.Units, -MaxQuantity); m.Units == 0 {
		form.Addf("quantity_change", 0, "must not be 0")
	}
	if !slices.Contains(byHand, why) {
		form.Addf("reason", string(why), "must be received, sold, returned, damaged or correction")
	}
	m.Note.check(&form)
	if err := form.Err(); err != nil {
		return Figures{}, err
	}
	return w.move(ctx, st, l, m, why, change{quantity: m.Units}, func(s *Stock, l LevelID, n int64, note Note) (Figures, error) {
		return s.Adjust(l, n, why, note)
	})
}

func (w *Writer) move(ctx context.Context, st store.ID, l LevelID, m Move, why Reason, c change, decide func(*Stock, LevelID, int64, Note) (Figures, error)) (Figures, error) {
	var f Figures
	r := Request{
		Prepare: func(s *Stock) { s.NeedLevel(l) },
		Decide: func(s *Stock) (err error) {
			f, err = decide(s, l, m.Units, m.Note)
			return err
		},
	}
	if m.Then != nil {
		r.Then = func(ctx context.Context, tx *db.Tx) error { return m.Then(ctx, tx, f) }
	} else {
		r.quick = &quick{level: l, change: c, why: why, note: m.Note, after: &f}
	}
	err := w.Do(ctx, st, r)
	return f, err
}
