package order

import (
	"context"
	"fmt"
	"iter"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Difference is something about an order, or what orders count, that does not add up.
type Difference struct {
	Store   store.ID
	Subject string // "order", "customer" or "discount"
	ID      id.UUID
	What    string
}

func (d Difference) String() string {
	return fmt.Sprintf("store %s, %s %s: %s", d.Store, d.Subject, d.ID, d.What)
}

// checks are statements that find what does not add up in a store: what it is about,
// its id, and a sentence. Each looks at the store as it is at one moment.
var checks = []string{
	`SELECT 'order', o.id, 'its totals do not come to its total'
		FROM shop_order o WHERE o.store_id = $1 AND o.total <> o.subtotal - o.discount_total + o.tax_total + o.shipping_total`,

	`SELECT 'order', o.id, 'its lines do not come to its subtotal, its discount and its tax'
		FROM shop_order o
		WHERE o.store_id = $1 AND (o.subtotal, o.discount_total, o.tax_total - o.shipping_tax) <> (
			SELECT COALESCE(sum(l.total), 0), COALESCE(sum(l.discount), 0), COALESCE(sum(l.tax), 0)
			FROM order_line l WHERE l.store_id = o.store_id AND l.order_id = o.id)`,

	`SELECT 'order', a.order_id, 'it is open and does not hold what it was given'
		FROM order_allocation a
		JOIN shop_order o ON o.store_id = a.store_id AND o.id = a.order_id
		LEFT JOIN inventory_hold h ON h.store_id = a.store_id AND h.holder_id = a.order_id AND h.line = a.line AND h.level_id = a.level_id
		WHERE a.store_id = $1 AND o.status IN ('pending', 'paid') AND (h.quantity IS NULL OR h.quantity <> a.quantity)`,

	`SELECT 'order', h.holder_id, 'units are held for it, and it is not open'
		FROM inventory_hold h LEFT JOIN shop_order o ON o.store_id = h.store_id AND o.id = h.holder_id
		WHERE h.store_id = $1 AND (o.id IS NULL OR o.status NOT IN ('pending', 'paid'))`,

	`SELECT 'customer', c.id, 'there are other orders of theirs than counted, or they paid something else'
		FROM customer c
		LEFT JOIN (
			SELECT customer_id, count(*) AS n, CAST(sum(CASE WHEN payment_status = 'unpaid' THEN 0 ELSE total - refunded END) AS BIGINT) AS paid
			FROM shop_order WHERE store_id = $1 GROUP BY customer_id
		) o ON o.customer_id = c.id
		WHERE c.store_id = $1 AND (c.orders, c.spent) <> (COALESCE(o.n, 0), COALESCE(o.paid, 0))`,

	`SELECT 'discount', d.id, 'it was used in another number of orders than it counts'
		FROM discount d
		LEFT JOIN (
			SELECT discount_id, count(*) AS n FROM shop_order
			WHERE store_id = $1 AND discount_id IS NOT NULL AND status <> 'cancelled' GROUP BY discount_id
		) o ON o.discount_id = d.id
		WHERE d.store_id = $1 AND d.times_used <> COALESCE(o.n, 0)`,

	`SELECT 'order', o.id, 'it holds stock and is overdue by more than an hour'
		FROM shop_order o WHERE o.store_id = $1 AND o.hold_until <= $2`,
}

// Verify looks at the orders of every store and yields what does not add up: money,
// what customers and discounts count, holds, and holds that have run out. An error
// ends it.
func Verify(ctx context.Context, d *db.DB) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		stores, err := db.All(ctx, d, db.Value[store.ID], `SELECT id FROM store ORDER BY id`)
		if err != nil {
			yield(Difference{}, err)
			return
		}
		for _, st := range stores {
			found, err := verify(ctx, d, st)
			if err != nil {
				yield(Difference{}, err)
				return
			}
			for _, difference := range found {
				if !yield(difference, nil) {
					return
				}
			}
		}
	}
}

func verify(ctx context.Context, d *db.DB, st store.ID) ([]Difference, error) {
	var all []Difference
	for i, check := range checks {
		args := []any{st}
		if i == len(checks)-1 {
			args = append(args, db.Time{Time: d.Now().Add(-overdueAfter)})
		}
		found, err := db.All(ctx, d, func(row db.Row) (Difference, error) {
			difference := Difference{Store: st}
			return difference, row.Scan(&difference.Subject, &difference.ID, &difference.What)
		}, check, args...)
		if err != nil {
			return nil, fmt.Errorf("look at the orders of store %s: %w", st, err)
		}
		all = append(all, found...)
	}
	return all, nil
}
