package analytics

import (
	"context"
	"fmt"
	"iter"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Difference is a sum that is not what the orders come to.
type Difference struct {
	Store store.ID
	What  string
}

func (d Difference) String() string { return fmt.Sprintf("store %s, sales: %s", d.Store, d.What) }

// added are the orders of the store $1 that are in the sums.
var added = some{`shop_order o`, `o.store_id = $1 AND o.number <= (SELECT m.number FROM sales_mark m WHERE m.store_id = $1)`}

// checks are statements that find the sums of a store that are wrong. Each looks at the
// store as it is at one moment.
var checks = []string{
	`SELECT 'the orders of ' || day || ' come to something else'
		FROM (
			SELECT store_id, day, orders, units, revenue FROM sales_day WHERE store_id = $1
			UNION ALL ` + added.sales("-") + `
		) d
		GROUP BY day HAVING sum(orders) <> 0 OR sum(units) <> 0 OR sum(revenue) <> 0 ORDER BY day`,

	`SELECT 'products of ' || day || ' sold otherwise'
		FROM (
			SELECT day, product_id
			FROM (
				SELECT store_id, day, product_id, units, revenue FROM sales_day_product WHERE store_id = $1
				UNION ALL ` + added.productsByDay("-") + `
			) p
			GROUP BY day, product_id HAVING sum(units) <> 0 OR sum(revenue) <> 0
		) d
		GROUP BY day ORDER BY day`,

	`SELECT 'products of the ' || days || ' days until ' || last_day || ' sold otherwise'
		FROM (
			SELECT days, last_day, product_id
			FROM (
				SELECT s.days, s.last_day, p.product_id, p.units, p.revenue
				FROM sales_span s JOIN sales_span_product p ON p.store_id = s.store_id AND p.days = s.days WHERE s.store_id = $1
				UNION ALL
				SELECT s.days, s.last_day, p.product_id, -p.units, -p.revenue
				FROM sales_span s JOIN sales_day_product p ON p.store_id = s.store_id AND p.day >= s.first_day AND p.day <= s.last_day WHERE s.store_id = $1
			) p
			GROUP BY days, last_day, product_id HAVING sum(units) <> 0 OR sum(revenue) <> 0
		) d
		GROUP BY days, last_day ORDER BY days`,
}

// Verify looks at the sums of every store and yields those that are wrong. An error
// ends it.
func Verify(ctx context.Context, d *db.DB) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		stores, err := db.All(ctx, d, db.Value[store.ID], `SELECT store_id FROM sales_mark ORDER BY store_id`)
		if err != nil {
			yield(Difference{}, err)
			return
		}
		for _, st := range stores {
			for _, check := range checks {
				found, err := db.All(ctx, d, db.Value[string], check, st)
				if err != nil {
					yield(Difference{}, fmt.Errorf("look at what store %s sold: %w", st, err))
					return
				}
				for _, what := range found {
					if !yield(Difference{st, what}, nil) {
						return
					}
				}
			}
		}
	}
}
