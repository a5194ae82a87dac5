package inventory

import (
	"context"
	"fmt"
	"iter"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Difference is something about a level that does not add up.
type Difference struct {
	Store store.ID
	Level LevelID
	What  string
}

func (d Difference) String() string {
	return fmt.Sprintf("store %s, level %s: %s", d.Store, d.Level, d.What)
}

// Verify replays the ledger of every store against its levels, and the open holds
// against what is reserved, and yields each difference; an error ends it. A store is
// looked at as it is at one moment, also while others sell.
func Verify(ctx context.Context, q db.Q) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		stores, err := db.All(ctx, q, db.Value[store.ID], `SELECT id FROM store ORDER BY id`)
		if err != nil {
			yield(Difference{}, err)
			return
		}
		for _, st := range stores {
			for _, check := range []func(context.Context, db.Q, store.ID, func(Difference) bool) error{replayLedger, addHolds} {
				more := true
				err := check(ctx, q, st, func(d Difference) bool { more = more && yield(d, nil); return more })
				if err != nil {
					yield(Difference{}, err)
				}
				if err != nil || !more {
					return
				}
			}
		}
	}
}

// replay is a level whose ledger is read.
type replay struct {
	level                                LevelID
	quantity, reserved, byHand, entries  int64 // as the level says
	backorder                            bool
	quantitySoFar, reservedSoFar, number int64 // as the ledger says up to here
}

// replayLedger reads each level together with its adjustments in their order.
func replayLedger(ctx context.Context, q db.Q, st store.ID, yield func(Difference) bool) error {
	var r replay
	tell := func(what string, args ...any) { yield(Difference{st, r.level, fmt.Sprintf(what, args...)}) }
	err := db.Each(ctx, q, func(row db.Row) error {
		var l replay
		var n, quantityChange, reservedChange, quantityAfter, reservedAfter *int64
		err := row.Scan(&l.level, &l.quantity, &l.reserved, &l.byHand, &l.entries, &l.backorder, &n, &quantityChange, &reservedChange, &quantityAfter, &reservedAfter)
		if err != nil {
			return err
		}
		if l.level != r.level {
			r.compare(tell)
			r = l
		}
		if n == nil {
			return nil
		}
		if r.number++; *n != r.number {
			tell("adjustment %d follows %d", *n, r.number-1)
			r.number = *n
		}
		r.quantitySoFar += *quantityChange
		r.reservedSoFar += *reservedChange
		if *quantityAfter != r.quantitySoFar || *reservedAfter != r.reservedSoFar {
			tell("adjustment %d says %d on hand and %d reserved, replayed it is %d and %d", *n, *quantityAfter, *reservedAfter, r.quantitySoFar, r.reservedSoFar)
		}
		return nil
	}, `SELECT l.id, l.quantity, l.reserved, l.by_hand, l.entries, l.backorder, a.n, a.quantity_change, a.reserved_change, a.quantity_after, a.reserved_after
		FROM inventory_level l LEFT JOIN inventory_adjustment a ON a.store_id = l.store_id AND a.level_id = l.id
		WHERE l.store_id = $1 ORDER BY l.id, a.n`, st)
	if err == nil {
		r.compare(tell)
	}
	return err
}

// compare tells where a level differs from its ledger, and from what must hold.
func (r *replay) compare(tell func(string, ...any)) {
	if r.level.IsZero() {
		return
	}
	if r.quantity != r.quantitySoFar || r.reserved != r.reservedSoFar {
		tell("it has %d on hand and %d reserved, its ledger %d and %d", r.quantity, r.reserved, r.quantitySoFar, r.reservedSoFar)
	}
	if r.entries != r.number {
		tell("it counts %d adjustments, its ledger has %d", r.entries, r.number)
	}
	if r.quantity < 0 || r.reserved < 0 || r.reserved > r.quantity && !r.backorder {
		tell("%d on hand and %d reserved cannot be", r.quantity, r.reserved)
	}
}

// addHolds compares what levels have reserved with what is held of them.
func addHolds(ctx context.Context, q db.Q, st store.ID, yield func(Difference) bool) error {
	return db.Each(ctx, q, func(row db.Row) error {
		d := Difference{Store: st}
		var reserved, byHand, held int64
		if err := row.Scan(&d.Level, &reserved, &byHand, &held); err != nil {
			return err
		}
		d.What = fmt.Sprintf("%d are reserved, but %d are held by hand and %d for orders", reserved, byHand, held)
		yield(d)
		return nil
	}, `SELECT l.id, l.reserved, l.by_hand, CAST(coalesce(h.held, 0) AS BIGINT)
		FROM inventory_level l
		LEFT JOIN (SELECT level_id, sum(quantity) AS held FROM inventory_hold WHERE store_id = $1 GROUP BY level_id) h ON h.level_id = l.id
		WHERE l.store_id = $1 AND l.reserved - l.by_hand <> coalesce(h.held, 0) ORDER BY l.id`, st)
}
