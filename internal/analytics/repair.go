package analytics

import (
	"context"
	"fmt"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// sums are the tables that AddUp fills.
var sums = []string{"sales_day", "sales_day_product", "sales_span_product", "sales_span", "sales_mark"}

// Repair adds the orders of each store anew whose sums are wrong, and tells which they
// are. Every figure is exact meanwhile: who reads adds what is not in the sums. It can be
// done again, and while others buy.
func Repair(ctx context.Context, d *db.DB, tell func(what string)) error {
	wrong := map[store.ID]bool{}
	for x, err := range Verify(ctx, d) {
		if err != nil {
			return err
		}
		wrong[x.Store] = true
	}
	for st := range wrong {
		err := d.InTx(ctx, func(tx *db.Tx) error {
			if _, err := lock(ctx, tx, st); err != nil {
				return err
			}
			for _, table := range sums {
				if _, err := db.Exec(ctx, tx, `DELETE FROM `+table+` WHERE store_id = $1`, st); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			err = AddUp(ctx, d, st)
		}
		if err != nil {
			return fmt.Errorf("add up anew what store %s sold: %w", st, err)
		}
		tell(fmt.Sprintf("store %s: what it sold is added up anew", st))
	}
	return nil
}
