package inventory

import (
	"context"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
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
		r.Alone = func(ctx context.Context) (done bool, err error) {
			f, done, err = w.single(ctx, st, l, c, why, m.Note)
			return done, err
		}
	}
	err := w.Do(ctx, st, r)
	return f, err
}

// A change alone is one statement. It leaves to the batch what must be explained or
// told: a refusal, and a level that becomes low or flips.
const changeAlone = `
	UPDATE inventory_level
	SET quantity = quantity + $3, reserved = reserved + $4, by_hand = by_hand + $5, updated_at = $6,
		entries = entries + 1, last_entry = $7, entry_before = last_entry
	WHERE store_id = $1 AND id = $2 AND NOT retired
		AND quantity + $3 BETWEEN 0 AND 1000000000 AND reserved + $4 BETWEEN 0 AND 1000000000 AND by_hand + $5 >= 0
		AND (backorder OR reserved + $4 <= quantity + $3)
		AND (quantity - reserved <= reorder_point) = (quantity + $3 - reserved - $4 <= reorder_point)
		AND (quantity - reserved <= 0) = (quantity + $3 - reserved - $4 <= 0)
	RETURNING quantity, reserved, reorder_point, reorder_quantity, entries, entry_before`

const entryAlone = `
	INSERT INTO inventory_adjustment (store_id, id, level_id, n, before_id, quantity_change, reserved_change,
		quantity_after, reserved_after, reason, reference_id, notes, actor, created_at)`

// aloneOnPostgres is both in one statement, which is one trip and one transaction.
const aloneOnPostgres = `WITH l AS (` + changeAlone + `), entry AS (` + entryAlone + `
	SELECT $1, $7, $2, l.entries, l.entry_before, $3, $4, l.quantity, l.reserved, $8, $9, $10, $11, $6 FROM l)
	SELECT quantity, reserved, reorder_point, reorder_quantity, entries, entry_before FROM l`

// single makes a change that shares its transaction with no other. done is false
// when it did nothing.
func (w *Writer) single(ctx context.Context, st store.ID, l LevelID, c change, why Reason, note Note) (f Figures, done bool, err error) {
	now, entry := w.db.Now(), w.db.NewID()
	args := []any{st, l, c.quantity, c.reserved, c.byHand, db.Time{Time: now}, entry}
	var n int64
	var before *id.UUID
	scan := func(row db.Row) (Figures, error) {
		f := Figures{UpdatedAt: now}
		err := row.Scan(&f.Quantity, &f.Reserved, &f.ReorderPoint, &f.ReorderQuantity, &n, &before)
		return f, err
	}
	var found []Figures
	if w.db.Engine() == db.Postgres {
		found, err = db.All(ctx, w.db.Keyed(), scan, aloneOnPostgres, append(args, string(why), note.Reference, note.Notes, note.Actor)...)
	} else {
		err = w.db.InTx(ctx, func(tx *db.Tx) error {
			if found, err = db.All(ctx, tx.Prepared(), scan, changeAlone, args...); err != nil || len(found) == 0 {
				return err
			}
			_, err = db.Exec(ctx, tx.Prepared(), entryAlone+` VALUES `+db.List(1, 14),
				st, entry, l, n, before, c.quantity, c.reserved, found[0].Quantity, found[0].Reserved, string(why), note.Reference, note.Notes, note.Actor, args[5])
			return err
		})
	}
	if err != nil || len(found) == 0 {
		return Figures{}, false, err
	}
	return found[0], true, nil
}
