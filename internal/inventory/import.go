package inventory

import (
	"context"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/store"
)

// SetOnHand sets what lies of variants in the default warehouse. It tells how many
// levels that changed or made, and which of the variants, by their place in the list,
// were refused and why.
func (w *Writer) SetOnHand(ctx context.Context, tx *db.Tx, st store.ID, variants []catalog.VariantID, units []int64, note Note) (changed int, refused []Fault, err error) {
	r := bulk{items: make([]Item, len(variants)), note: note, faults: []Fault{}}
	for i := range variants {
		r.items[i] = Item{Variant: &variants[i].UUID, Target: Target{Quantity: units[i]}}
	}
	if err := r.resolve(ctx, tx, st); err != nil {
		return 0, nil, err
	}
	err = w.In(ctx, tx, st, Request{Prepare: r.prepare, Decide: r.decide})
	return r.changed, r.faults, err
}

// OnHand returns what lies of variants in all warehouses; one without a level is not
// in the answer.
func OnHand(ctx context.Context, q db.Q, st store.ID, variants []catalog.VariantID) (map[catalog.VariantID]int64, error) {
	units := make(map[catalog.VariantID]int64, len(variants))
	if len(variants) == 0 {
		return units, nil
	}
	err := db.Each(ctx, q, func(row db.Row) error {
		var v catalog.VariantID
		var n int64
		err := row.Scan(&v, &n)
		units[v] = n
		return err
	}, `SELECT variant_id, CAST(sum(quantity) AS BIGINT) FROM inventory_level
		WHERE store_id = $1 AND NOT retired AND variant_id IN `+db.List(2, len(variants))+` GROUP BY variant_id`,
		append([]any{st}, db.Args(variants)...)...)
	return units, err
}
