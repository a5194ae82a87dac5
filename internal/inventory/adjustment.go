package inventory

import (
	"context"
	"encoding/binary"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Adjustment is a row of the ledger.
type Adjustment struct {
	ID             id.UUID
	Level          LevelID
	N              int64 // counts the level's rows, from 1
	QuantityChange int64
	ReservedChange int64
	QuantityAfter  int64
	ReservedAfter  int64
	Reason         Reason
	Note
	CreatedAt time.Time
}

func scanAdjustment(row db.Row) (Adjustment, error) {
	var a Adjustment
	var created db.Time
	err := row.Scan(&a.ID, &a.Level, &a.N, &a.QuantityChange, &a.ReservedChange, &a.QuantityAfter, &a.ReservedAfter,
		&a.Reason, &a.Reference, &a.Notes, &a.Actor, &created)
	a.CreatedAt = created.Time
	return a, err
}

// Place is where the adjustment stands in its level's list, as a db.Page names it.
func (a Adjustment) Place() id.UUID {
	var place id.UUID
	binary.BigEndian.PutUint64(place[8:], uint64(a.N)) //nolint:gosec // from 1
	return place
}

// ListAdjustments returns a page of a level's adjustments, the newest first. Those
// of a level that is gone can still be read.
func ListAdjustments(ctx context.Context, q db.Q, st store.ID, l LevelID, p db.Page) ([]Adjustment, bool, error) {
	_, err := db.One(ctx, q, db.Value[int], `SELECT 1 FROM inventory_level WHERE store_id = $1 AND id = $2`, st, l)
	if err != nil {
		return nil, false, db.Missing(err, "inventory level")
	}
	var w db.Where
	w.Add("store_id = ?", st)
	w.Add("level_id = ?", l)
	if !p.Before.IsZero() {
		w.Add("n < ?", int64(binary.BigEndian.Uint64(p.Before[8:]))) //nolint:gosec // a cursor of ours, or nonsense that finds nothing
	}
	found, err := db.All(ctx, q, scanAdjustment, `
		SELECT id, level_id, n, quantity_change, reserved_change, quantity_after, reserved_after, reason, reference_id, notes, actor, created_at
		FROM inventory_adjustment `+w.String()+` ORDER BY n DESC LIMIT `+w.Arg(p.Limit+1), w.Args...)
	found, more := db.Cut(p, found)
	return found, more, err
}
