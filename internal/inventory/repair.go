package inventory

import (
	"context"
	"fmt"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// What is kept of levels is mended by what it is off by, as one statement sees it: in
// a committed state levels and totals belong together, so that those who write
// meanwhile add to the one as to the other.
const (
	mendTotals = intoTotals + `
	SELECT store_id, warehouse_id, 0, CAST(sum(levels) AS BIGINT), 0, CAST(sum(low) AS BIGINT), CAST(sum(quantity) AS BIGINT), CAST(sum(reserved) AS BIGINT)
	FROM (
		SELECT store_id, warehouse_id, 1 AS levels, CASE WHEN low THEN 1 ELSE 0 END AS low, quantity, reserved FROM inventory_level WHERE store_id = $1 AND NOT retired
		UNION ALL
		SELECT store_id, warehouse_id, -levels, -low, -quantity, -reserved FROM inventory_total WHERE store_id = $1
	) sums
	WHERE TRUE GROUP BY store_id, warehouse_id
	HAVING sum(levels) <> 0 OR sum(low) <> 0 OR sum(quantity) <> 0 OR sum(reserved) <> 0` + addTotals

	mendVariants = intoTotals + `
	SELECT w.store_id, w.warehouse_id, 0, 0, x.off, 0, 0, 0
	FROM (
		SELECT store_id, warehouse_id FROM inventory_level WHERE store_id = $1 AND NOT retired
		UNION SELECT store_id, warehouse_id FROM inventory_total WHERE store_id = $1
		ORDER BY warehouse_id LIMIT 1
	) w CROSS JOIN (
		SELECT (SELECT count(DISTINCT variant_id) FROM inventory_level WHERE store_id = $1 AND NOT retired)
			- (SELECT CAST(COALESCE(sum(variants), 0) AS BIGINT) FROM inventory_total WHERE store_id = $1) AS off
	) x
	WHERE x.off <> 0` + addTotals
)

// RepairTotals has the totals of every store be what its levels come to, and tells
// of the stores where they were not. It can be done again, and while others sell.
func RepairTotals(ctx context.Context, d *db.DB, tell func(what string)) error {
	stores, err := db.All(ctx, d, db.Value[store.ID], `SELECT id FROM store ORDER BY id`)
	if err != nil {
		return err
	}
	for _, st := range stores {
		mended := int64(0)
		err := d.InTx(ctx, func(tx *db.Tx) error {
			mended = 0
			if err := tx.Lock(ctx, "mend the totals of "+st.String()); err != nil { // or two would both add what is missing
				return err
			}
			for _, mend := range []string{mendTotals, mendVariants} {
				n, err := db.Exec(ctx, tx, mend, st)
				if err != nil {
					return fmt.Errorf("mend the totals of store %s: %w", st, err)
				}
				mended += n
			}
			return nil
		})
		if err != nil {
			return err
		}
		if mended > 0 {
			tell(fmt.Sprintf("store %s: the totals of its stock are added up anew", st))
		}
	}
	return nil
}

// GiveBack has a holder give back all that it has in a store. Doing it again changes
// nothing.
func (w *Writer) GiveBack(ctx context.Context, st store.ID, holder id.UUID, note Note) error {
	return w.Do(ctx, st, Request{
		Prepare: func(s *Stock) { s.NeedHolder(holder) },
		Decide:  func(s *Stock) error { return s.ReleaseHolds(holder, note) },
	})
}
