package inventory

import (
	"context"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Check refuses numbers that a level cannot have.
func (t Target) Check() error {
	var f fault.Form
	checkUnits(&f, "quantity", &t.Quantity, 0)
	checkUnits(&f, "reorder_point", t.ReorderPoint, 0)
	checkUnits(&f, "reorder_quantity", t.ReorderQuantity, 0)
	return f.Err()
}

func checkUnits(f *fault.Form, path string, n *int64, least int64) {
	if n != nil && (*n < least || *n > MaxQuantity) {
		f.Addf(path, *n, "must be from %d to %d", least, MaxQuantity)
	}
}

// Set makes a level of a variant in a warehouse, or sets the one that is there.
// Without a warehouse it is the default one.
func (w *Writer) Set(ctx context.Context, tx *db.Tx, st store.ID, v catalog.VariantID, in *WarehouseID, to Target, note Note) (Level, error) {
	if err := to.Check(); err != nil {
		return Level{}, err
	}
	if in == nil {
		standard, err := defaultWarehouse(ctx, tx, st)
		if err != nil {
			return Level{}, err
		}
		in = &standard
	}
	var l LevelID
	err := w.In(ctx, tx, st, Request{
		Prepare: func(s *Stock) { s.NeedPlace(v, *in) },
		Decide: func(s *Stock) (err error) {
			l, _, err = s.Set(v, *in, to, note)
			return err
		},
	})
	if err != nil {
		return Level{}, err
	}
	return GetLevel(ctx, tx, st, l)
}

// Transferred is a move of units from one warehouse to another.
type Transferred struct {
	ID       id.UUID // what both adjustments refer to
	From, To Level
}

// Transfer moves units of a variant from one warehouse to another.
func (w *Writer) Transfer(ctx context.Context, tx *db.Tx, st store.ID, v catalog.VariantID, from, to WarehouseID, n int64, note Note) (Transferred, error) {
	var f fault.Form
	checkUnits(&f, "quantity", &n, 1)
	if note.check(&f); from == to {
		f.Addf("to_warehouse_id", to.String(), "must be another warehouse")
	}
	if err := f.Err(); err != nil {
		return Transferred{}, err
	}
	t := Transferred{ID: tx.NewID()}
	reference := t.ID.String()
	note.Reference = &reference
	var source, target LevelID
	err := w.In(ctx, tx, st, Request{
		Prepare: func(s *Stock) {
			s.NeedPlace(v, from)
			s.NeedPlace(v, to)
		},
		Decide: func(s *Stock) (err error) {
			source, target, err = s.Transfer(v, from, to, n, note)
			return err
		},
	})
	if err != nil {
		return Transferred{}, err
	}
	if t.From, err = GetLevel(ctx, tx, st, source); err != nil {
		return Transferred{}, err
	}
	t.To, err = GetLevel(ctx, tx, st, target)
	return t, err
}

// defaultWarehouse returns the warehouse that is meant when none is named.
func defaultWarehouse(ctx context.Context, q db.Q, st store.ID) (WarehouseID, error) {
	found, err := db.One(ctx, q, func(row db.Row) (WarehouseID, error) {
		var w WarehouseID
		err := row.Scan(&w)
		return w, err
	}, `SELECT id FROM warehouse WHERE store_id = $1 AND is_default AND deleted_at IS NULL`, st)
	return found, db.Missing(err, "warehouse")
}
