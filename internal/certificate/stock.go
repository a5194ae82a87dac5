package certificate

import (
	"context"
	"time"

	"vitrine/internal/db"
)

// Stock tells how the certificates are that authorities have issued.
type Stock struct {
	Good, Due, Expired int
	Soonest            *time.Time // when the first of those that have not expired does
}

// TakeStock counts the certificates at a time.
func TakeStock(ctx context.Context, q db.Q, now time.Time) (Stock, error) {
	return db.One(ctx, q, func(row db.Row) (Stock, error) {
		var (
			s       Stock
			soonest db.NullTime
		)
		err := row.Scan(&s.Good, &s.Due, &s.Expired, &soonest)
		s.Soonest = soonest.Time
		return s, err
	}, `
		SELECT count(*) FILTER (WHERE renew_at > $1 AND not_after > $1), count(*) FILTER (WHERE renew_at <= $1 AND not_after > $1),
			count(*) FILTER (WHERE not_after <= $1), min(not_after) FILTER (WHERE not_after > $1)
		FROM certificate`, db.Time{Time: now})
}
