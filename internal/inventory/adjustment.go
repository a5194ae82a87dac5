package inventory

import (
	"context"
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

const historyColumns = `id, level_id, n, quantity_change, reserved_change, quantity_after, reserved_after, reason, reference_id, notes, actor, created_at`

// history follows the chain of a level's adjustments from the one that start names,
// for $2 rows.
func history(start string) string {
	return `
		WITH RECURSIVE history (` + historyColumns + `, before_id, place) AS (
			SELECT ` + historyColumns + `, before_id, 1 FROM inventory_adjustment WHERE store_id = $1 AND id = (` + start + `)
			UNION ALL
			SELECT a.id, a.level_id, a.n, a.quantity_change, a.reserved_change, a.quantity_after, a.reserved_after,
				a.reason, a.reference_id, a.notes, a.actor, a.created_at, a.before_id, h.place + 1
			FROM history h JOIN inventory_adjustment a ON a.store_id = $1 AND a.id = h.before_id
			WHERE h.place < $2
		)
		SELECT ` + historyColumns + ` FROM history ORDER BY place`
}

var (
	firstPage = history(`SELECT last_entry FROM inventory_level WHERE store_id = $1 AND id = $3`)
	nextPage  = history(`SELECT x.before_id FROM inventory_adjustment x WHERE x.store_id = $1 AND x.level_id = $3 AND x.id = $4`)
)

// ListAdjustments returns a page of a level's adjustments, the newest first. Those
// of a level that is gone can still be read.
func ListAdjustments(ctx context.Context, q db.Q, st store.ID, l LevelID, p db.Page) ([]Adjustment, bool, error) {
	_, err := db.One(ctx, q, db.Value[int], `SELECT 1 FROM inventory_level WHERE store_id = $1 AND id = $2`, st, l)
	if err != nil {
		return nil, false, db.Missing(err, "inventory level")
	}
	statement, args := firstPage, []any{st, p.Limit + 1, l}
	if !p.Before.IsZero() {
		statement, args = nextPage, append(args, p.Before)
	}
	found, err := db.All(ctx, q, scanAdjustment, statement, args...)
	found, more := db.Cut(p, found)
	return found, more, err
}
