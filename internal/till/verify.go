package till

import (
	"context"
	"fmt"
	"iter"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/payment"
)

// Difference is something about a charge that does not add up.
type Difference struct {
	ID   ID
	What string
}

func (d Difference) String() string { return fmt.Sprintf("charge %s: %s", d.ID, d.What) }

const (
	overdueAfter = time.Hour           // that a charge may wait to be carried on
	askedBack    = 90 * 24 * time.Hour // that the provider is asked for
)

// checks are statements that find what does not add up. $1 is when what is overdue was
// due; in the last one it is since when charges are looked at.
var checks = []string{
	`SELECT id, 'nobody has carried it on for an hour' FROM charge WHERE next_at <= $1 ORDER BY id`,

	`SELECT id, 'its sum could not be taken yet: ' || COALESCE(reason, '') FROM charge WHERE state = 'paid' AND created_at <= $1 ORDER BY id`,

	`SELECT c.id, 'its order is ' || o.payment_status || ', and the sum is ' || c.state FROM charge c
		JOIN shop_order o ON o.store_id = c.store_id AND o.id = c.order_id
		WHERE c.next_at IS NULL AND c.created_at > $1 AND (c.state = 'captured' AND o.payment_status <> 'paid' OR c.state = 'refunded' AND o.payment_status <> 'refunded')
		ORDER BY c.id`,
}

// Verify yields what does not add up about the charges of orders and plans: in the
// database and, unless it is nil, between it and the provider, whose silence is an error.
func Verify(ctx context.Context, d *db.DB, p payment.Provider) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		due, since := db.Time{Time: d.Now().Add(-overdueAfter)}, db.Time{Time: d.Now().Add(-askedBack)}
		for i, check := range checks {
			from := due
			if i == len(checks)-1 {
				from = since
			}
			found, err := db.All(ctx, d, func(row db.Row) (x Difference, err error) { return x, row.Scan(&x.ID, &x.What) }, check, from)
			if err != nil {
				yield(Difference{}, fmt.Errorf("look at the charges: %w", err))
				return
			}
			for _, x := range found {
				if !yield(x, nil) {
					return
				}
			}
		}
		if p != nil {
			verifyOutside(ctx, d, p, since, yield)
		}
	}
}

func verifyOutside(ctx context.Context, d *db.DB, p payment.Provider, since db.Time, yield func(Difference, error) bool) {
	over, err := db.All(ctx, d, scan, `SELECT `+columns+` FROM charge WHERE provider = $1 AND next_at IS NULL AND created_at > $2 ORDER BY id`, p.Name(), since)
	if err != nil {
		yield(Difference{}, err)
		return
	}
	for _, c := range over {
		_, s, err := p.Find(ctx, c.ID.String())
		if err != nil && payment.KindOf(err) == payment.NotThere {
			s, err = payment.Cancelled, nil
		}
		x := Difference{ID: c.ID}
		switch {
		case err != nil:
			if !yield(x, fmt.Errorf("ask for charge %s: %w", c.ID, err)) {
				return
			}
			continue
		case c.State == Captured && s != payment.Captured, c.State != Captured && (s == payment.Captured || s == payment.Authorised):
			x.What = fmt.Sprintf("it is %s here, and %s at the payment provider", c.State, s)
		}
		if x.What != "" && !yield(x, nil) {
			return
		}
	}
}
