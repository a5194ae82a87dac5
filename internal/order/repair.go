package order

import (
	"context"
	"fmt"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// What customers and discounts count is mended by what it is off by, as one statement
// sees it: orders that are placed meanwhile count on top of that.
var mends = []struct{ what, statement string }{
	{"what %d customers of its count is added up anew", `
		UPDATE customer SET orders = customer.orders + x.n, spent = customer.spent + x.paid
		FROM (
			SELECT c.id, COALESCE(o.n, 0) - c.orders AS n, COALESCE(o.paid, 0) - c.spent AS paid
			FROM customer c
			LEFT JOIN (
				SELECT customer_id, count(*) AS n, CAST(sum(CASE WHEN payment_status = 'unpaid' THEN 0 ELSE total - refunded END) AS BIGINT) AS paid
				FROM shop_order WHERE store_id = $1 GROUP BY customer_id
			) o ON o.customer_id = c.id
			WHERE c.store_id = $1 AND (c.orders, c.spent) <> (COALESCE(o.n, 0), COALESCE(o.paid, 0))
		) x
		WHERE customer.store_id = $1 AND customer.id = x.id`},

	{"how often %d discounts of its were used is counted anew", `
		UPDATE discount SET times_used = discount.times_used + x.n
		FROM (
			SELECT d.id, COALESCE(o.n, 0) - d.times_used AS n
			FROM discount d
			LEFT JOIN (
				SELECT discount_id, count(*) AS n FROM shop_order
				WHERE store_id = $1 AND discount_id IS NOT NULL AND status <> 'cancelled' GROUP BY discount_id
			) o ON o.discount_id = d.id
			WHERE d.store_id = $1 AND d.times_used <> COALESCE(o.n, 0)
		) x
		WHERE discount.store_id = $1 AND discount.id = x.id`},
}

// stale are holders of a store that are no open orders, and whose levels have reserved
// what is held of them: giving back leaves those as they should be. Where they have
// not, a person has to look.
const stale = `
	SELECT DISTINCT h.holder_id FROM inventory_hold h
	LEFT JOIN shop_order o ON o.store_id = h.store_id AND o.id = h.holder_id
	WHERE h.store_id = $1 AND (o.id IS NULL OR o.status NOT IN ('pending', 'paid')) AND NOT EXISTS (
		SELECT 1 FROM inventory_hold x LEFT JOIN inventory_level l ON l.store_id = x.store_id AND l.id = x.level_id
		WHERE x.store_id = $1 AND x.holder_id = h.holder_id AND (l.id IS NULL OR l.reserved - l.by_hand <> (
			SELECT sum(y.quantity) FROM inventory_hold y WHERE y.store_id = $1 AND y.level_id = x.level_id)))
	ORDER BY h.holder_id`

// Repair mends what can be derived from orders: what customers and discounts count, and
// units that nobody has any more, which are given back. It tells what it did. It can
// be done again, and while others buy.
func (s *Service) Repair(ctx context.Context, tell func(what string)) error {
	if err := s.CancelExpired(ctx); err != nil {
		return err
	}
	stores, err := db.All(ctx, s.db, db.Value[store.ID], `SELECT id FROM store ORDER BY id`)
	if err != nil {
		return err
	}
	for _, st := range stores {
		if err := s.giveBack(ctx, st, tell); err != nil {
			return err
		}
		if err := s.recount(ctx, st, tell); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) giveBack(ctx context.Context, st store.ID, tell func(what string)) error {
	holders, err := db.All(ctx, s.db, db.Value[id.UUID], stale, st)
	if err != nil {
		return err
	}
	reason := "held for nobody"
	for _, holder := range holders {
		reference := holder.String()
		if err := s.stock.GiveBack(ctx, st, holder, inventory.Note{Reference: &reference, Notes: &reason}); err != nil {
			return fmt.Errorf("give back what %s holds in store %s: %w", holder, st, err)
		}
		tell(fmt.Sprintf("store %s: what was held for %s, which is no open order, is given back", st, holder))
	}
	return nil
}

func (s *Service) recount(ctx context.Context, st store.ID, tell func(what string)) error {
	for _, m := range mends {
		n := int64(0)
		err := s.db.InTx(ctx, func(tx *db.Tx) (err error) {
			if err := tx.Lock(ctx, "mend the orders of "+st.String()); err != nil { // or two would both add what is missing
				return err
			}
			n, err = db.Exec(ctx, tx, m.statement, st)
			return err
		})
		if err != nil {
			return fmt.Errorf("mend what store %s counts: %w", st, err)
		}
		if n > 0 {
			tell(fmt.Sprintf("store %s: "+m.what, st, n))
		}
	}
	return nil
}
