package inventory

import (
	"context"
	"fmt"
	"iter"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Difference is something about a level, or about a store's totals (without a level),
// that does not add up.
type Difference struct {
	Store store.ID
	Level LevelID
	What  string
}

func (d Difference) String() string {
	if d.Level.IsZero() {
		return fmt.Sprintf("store %s: %s", d.Store, d.What)
	}
	return fmt.Sprintf("store %s, level %s: %s", d.Store, d.Level, d.What)
}

// Verify replays the ledger of every store against its levels, and the open holds
// against what is reserved, adds up the totals, and yields each difference; an error ends it. A store is
// looked at as it is at one moment, also while others sell.
func Verify(ctx context.Context, q db.Q) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		stores, err := db.All(ctx, q, db.Value[store.ID], `SELECT id FROM store ORDER BY id`)
		if err != nil {
			yield(Difference{}, err)
			return
		}
		for _, st := range stores {
			for _, check := range []func(context.Context, db.Q, store.ID, func(Difference) bool) error{replayLedger, addHolds, addUp, countVariants} {
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
	level                      LevelID
	there                      bool  // there is such a level
	quantity, reserved, number int64 // as the level says
	backorder                  bool
	last                       *id.UUID
	quantitySoFar              int64 // as the ledger says up to here
	reservedSoFar              int64
	numberSoFar                int64
	lastSoFar                  *id.UUID
}

// replayed is a row of a level or, with a number from 1, of its ledger.
type replayed struct {
	level                          LevelID
	number                         int64
	id, before                     *id.UUID
	quantity, reserved             int64
	quantityChange, reservedChange int64
	backorder                      bool
	entries                        int64
}

// replayLedger reads each level and then its adjustments in their order.
func replayLedger(ctx context.Context, q db.Q, st store.ID, yield func(Difference) bool) error {
	var r replay
	tell := func(what string, args ...any) { yield(Difference{st, r.level, fmt.Sprintf(what, args...)}) }
	err := db.Each(ctx, q, func(row db.Row) error {
		var e replayed
		err := row.Scan(&e.level, &e.number, &e.id, &e.before, &e.quantity, &e.reserved, &e.quantityChange, &e.reservedChange, &e.backorder, &e.entries)
		if err != nil {
			return err
		}
		if e.level != r.level {
			r.compare(tell)
			r = replay{level: e.level}
		}
		if e.number == 0 {
			r.there, r.quantity, r.reserved, r.number, r.backorder, r.last = true, e.quantity, e.reserved, e.entries, e.backorder, e.id
		} else {
			r.add(e, tell)
		}
		return nil
	}, `SELECT id AS level, 0 AS number, last_entry AS name, entry_before AS before, quantity, reserved, 0 AS quantity_change, 0 AS reserved_change, backorder, entries
			FROM inventory_level WHERE store_id = $1
		UNION ALL
		SELECT level_id, n, id, before_id, quantity_after, reserved_after, quantity_change, reserved_change, FALSE, 0
			FROM inventory_adjustment WHERE store_id = $1
		ORDER BY level, number`, st)
	if err == nil {
		r.compare(tell)
	}
	return err
}

// add replays an adjustment.
func (r *replay) add(e replayed, tell func(string, ...any)) {
	if e.number != r.numberSoFar+1 || !same(e.before, r.lastSoFar) {
		tell("adjustment %d does not follow %d", e.number, r.numberSoFar)
	}
	r.numberSoFar, r.lastSoFar = e.number, e.id
	r.quantitySoFar += e.quantityChange
	r.reservedSoFar += e.reservedChange
	if e.quantity != r.quantitySoFar || e.reserved != r.reservedSoFar {
		tell("adjustment %d says %d on hand and %d reserved, replayed it is %d and %d", e.number, e.quantity, e.reserved, r.quantitySoFar, r.reservedSoFar)
	}
}

func same(a, b *id.UUID) bool { return a == b || a != nil && b != nil && *a == *b }

// compare tells where a level differs from its ledger, and from what must hold.
func (r *replay) compare(tell func(string, ...any)) {
	switch {
	case r.level.IsZero():
		return
	case !r.there:
		tell("it has %d adjustments, but is not there", r.numberSoFar)
		return
	}
	if r.quantity != r.quantitySoFar || r.reserved != r.reservedSoFar {
		tell("it has %d on hand and %d reserved, its ledger %d and %d", r.quantity, r.reserved, r.quantitySoFar, r.reservedSoFar)
	}
	if r.number != r.numberSoFar || !same(r.last, r.lastSoFar) {
		tell("it counts %d adjustments, its ledger has %d or ends with another", r.number, r.numberSoFar)
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
	}, `SELECT level, CAST(sum(reserved) AS BIGINT), CAST(sum(by_hand) AS BIGINT), CAST(sum(held) AS BIGINT)
		FROM (
			SELECT id AS level, reserved, by_hand, 0 AS held FROM inventory_level WHERE store_id = $1
			UNION ALL
			SELECT level_id, 0, 0, quantity FROM inventory_hold WHERE store_id = $1
		) sums
		GROUP BY level HAVING sum(reserved) - sum(by_hand) <> sum(held) ORDER BY level`, st)
}

// addUp compares the totals of each warehouse with its levels.
func addUp(ctx context.Context, q db.Q, st store.ID, yield func(Difference) bool) error {
	return db.Each(ctx, q, func(row db.Row) error {
		var w WarehouseID
		var t total
		if err := row.Scan(&w, &t.levels, &t.low, &t.quantity, &t.reserved); err != nil {
			return err
		}
		yield(Difference{Store: st, What: fmt.Sprintf("the totals of warehouse %s are off by %d levels, %d low ones, %d on hand and %d reserved", w, t.levels, t.low, t.quantity, t.reserved)})
		return nil
	}, `SELECT warehouse_id, CAST(sum(levels) AS BIGINT), CAST(sum(low) AS BIGINT), CAST(sum(quantity) AS BIGINT), CAST(sum(reserved) AS BIGINT)
		FROM (
			SELECT warehouse_id, levels, low, quantity, reserved FROM inventory_total WHERE store_id = $1
			UNION ALL
			SELECT warehouse_id, -1, CASE WHEN low THEN -1 ELSE 0 END, -quantity, -reserved FROM inventory_level WHERE store_id = $1 AND NOT retired
		) sums
		GROUP BY warehouse_id
		HAVING sum(levels) <> 0 OR sum(low) <> 0 OR sum(quantity) <> 0 OR sum(reserved) <> 0 ORDER BY warehouse_id`, st)
}

// countVariants compares how many variants the totals say to have a level with how
// many have.
func countVariants(ctx context.Context, q db.Q, st store.ID, yield func(Difference) bool) error {
	return db.Each(ctx, q, func(row db.Row) error {
		var said, there int64
		err := row.Scan(&said, &there)
		if err == nil && said != there {
			yield(Difference{Store: st, What: fmt.Sprintf("the totals say that %d variants have levels, but %d have", said, there)})
		}
		return err
	}, `SELECT (SELECT CAST(coalesce(sum(variants), 0) AS BIGINT) FROM inventory_total WHERE store_id = $1), count(DISTINCT variant_id)
		FROM inventory_level WHERE store_id = $1 AND NOT retired`, st)
}
