package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// overdueAfter is how long an expired hold may stay before it counts as leaked.
const overdueAfter = time.Hour

// expiredAtOnce is how many orders are looked up at a time.
const expiredAtOnce = 200

type overdue struct {
	store store.ID
	order ID
}

// CancelExpired cancels the unpaid orders whose hold has run out, in all stores: what
// they hold can be sold again. It is done again and again; each order is a move of
// its own, so it can be stopped anywhere.
func (s *Service) CancelExpired(ctx context.Context) error {
	for {
		found, err := db.All(ctx, s.db, func(row db.Row) (o overdue, err error) {
			return o, row.Scan(&o.store, &o.order)
		}, `SELECT store_id, id FROM shop_order WHERE hold_until <= $1 ORDER BY hold_until LIMIT $2`, db.Time{Time: s.db.Now()}, expiredAtOnce)
		if err != nil {
			return fmt.Errorf("look for orders that were not paid: %w", err)
		}
		var failed []error
		for _, o := range found {
			_, err := s.move(ctx, o.store, o.order, expire, nil, nil)
			if err != nil && !fault.Is(err, fault.NotFound) {
				failed = append(failed, fmt.Errorf("cancel order %s: %w", o.order, err))
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if len(found) < expiredAtOnce || len(failed) > 0 {
			return errors.Join(failed...)
		}
	}
}
