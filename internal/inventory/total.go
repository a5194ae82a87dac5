package inventory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// What a store's levels add up to is kept, by warehouse and in parts: who changes
// levels counts in a part of their own, so that nobody waits for anybody else's
// commit. The sum over the parts is what counts; a part alone may be below nothing.

// parts is how many parts a sum has. The first is for whoever has none.
const parts = 16

// ownPart is that of a writer.
func ownPart(d *db.DB) int64 {
	fresh := d.NewID()
	return 1 + int64(fresh[len(fresh)-1])%(parts-1)
}

// total is what levels add up to, or what is added to that.
type total struct {
	levels   int64
	variants int64 // that have a level here, and none in another warehouse was counted for them
	low      int64 // levels
	quantity int64
	reserved int64
}

type totalKey struct{ store, warehouse id.UUID }

var totalColumns = db.NewColumns("store_id uuid, warehouse_id uuid, levels bigint, variants bigint, low bigint, quantity bigint, reserved bigint")

const (
	intoTotals = `
	INSERT INTO inventory_total AS t (store_id, warehouse_id, part, levels, variants, low, quantity, reserved) `

	addTotals = `
	ON CONFLICT (store_id, warehouse_id, part) DO UPDATE SET levels = t.levels + excluded.levels, variants = t.variants + excluded.variants,
		low = t.low + excluded.low, quantity = t.quantity + excluded.quantity, reserved = t.reserved + excluded.reserved`

	writeTotals = `WITH @given ` + intoTotals + `
	SELECT store_id, warehouse_id, $1, levels, variants, low, quantity, reserved FROM given WHERE TRUE` + addTotals
)

// count adds up what the batch did to the totals, which is written last.
func (b *Batch) count() {
	sums := map[totalKey]*total{}
	counted := map[variantKey]bool{}
	for _, l := range b.touched {
		if l.absent {
			continue
		}
		key := totalKey{l.store.UUID, l.warehouse.UUID}
		if sums[key] == nil {
			sums[key] = &total{}
		}
		t := sums[key]
		was := l.was
		if l.fresh {
			was = Figures{ReorderPoint: -1} // not low
			t.levels++
			if of := (variantKey{l.store.UUID, l.variant.UUID}); !counted[of] && !b.stocked(of) {
				counted[of] = true
				t.variants++
			}
		}
		t.low += int64(btoi(l.Low()) - btoi(was.Low()))
		t.quantity += l.Quantity - was.Quantity
		t.reserved += l.Reserved - was.Reserved
	}
	maps.DeleteFunc(sums, func(_ totalKey, t *total) bool { return *t == total{} })
	if len(sums) == 0 {
		return
	}
	b.tx.Last("stock "+b.tx.NewID().String(), func(ctx context.Context) error {
		rows := totalColumns.Set()
		for _, key := range slices.SortedFunc(maps.Keys(sums), func(a, b totalKey) int {
			return cmp.Or(id.Compare(a.store, b.store), id.Compare(a.warehouse, b.warehouse))
		}) {
			t := sums[key]
			rows.Add(key.store, key.warehouse, t.levels, t.variants, t.low, t.quantity, t.reserved)
		}
		if _, err := rows.Exec(ctx, b.tx, writeTotals, b.part); err != nil {
			return fmt.Errorf("count the stock: %w", err)
		}
		return nil
	})
}

// stocked tells whether a variant had a level before the batch.
func (b *Batch) stocked(v variantKey) bool {
	return slices.ContainsFunc(b.variants[v], func(l *level) bool { return !l.fresh && !l.retired })
}

// sumOf is the query for what levels l add up to, with the sign. A variant counts
// where the first of those of its levels is that a condition on others (of the level
// o) leaves alone.
func sumOf(sign, condition, others string) string {
	return `SELECT l.store_id, l.warehouse_id, 0, ` + sign + `count(*), ` + sign + `count(*) FILTER (WHERE NOT EXISTS (
			SELECT 1 FROM inventory_level o WHERE o.store_id = l.store_id AND o.variant_id = l.variant_id AND NOT o.retired AND ` + others + `)),
		` + sign + `count(*) FILTER (WHERE l.low), ` + sign + `sum(l.quantity), ` + sign + `sum(l.reserved)
	FROM inventory_level l WHERE l.store_id = $1 AND NOT l.retired AND ` + condition + ` GROUP BY l.store_id, l.warehouse_id`
}

// CountAll counts what a store has that was written past the Writer: it has no totals
// yet.
func CountAll(ctx context.Context, tx *db.Tx, st store.ID) error {
	_, err := db.Exec(ctx, tx, intoTotals+sumOf("", "TRUE", "o.id < l.id"), st)
	return err
}

// uncount takes levels that are about to retire out of the totals. $2 in the
// condition is arg.
func uncount(ctx context.Context, tx *db.Tx, st store.ID, condition string, arg any) error {
	_, err := db.Exec(ctx, tx, intoTotals+sumOf("-", condition, `(o.id < l.id OR NOT (`+condition+`))`)+addTotals, st, arg)
	return err
}
