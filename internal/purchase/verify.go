package purchase

import (
	"context"
	"fmt"
	"iter"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/payment"
	"vitrine/internal/registrar"
)

// Difference is something about an attempt that does not add up, or that only a person
// can settle.
type Difference struct {
	ID   ID
	Name string
	What string
}

func (d Difference) String() string {
	return fmt.Sprintf("purchase %s of %s: %s", d.ID, d.Name, d.What)
}

// checks are statements that find what does not add up: an attempt, its name, and a
// sentence.
var checks = []string{
	`SELECT id, domain, 'it came to nothing, and a sum was charged for it' FROM purchase WHERE state = 'released' AND captured ORDER BY id`,

	`SELECT id, domain, 'its name was registered or renewed, and nothing was charged for it' FROM purchase
		WHERE state = 'done' AND NOT captured AND (code IS NULL OR code <> 'waived') ORDER BY id`,

	`SELECT id, domain, 'the operator has to settle it: vitrine settle' FROM purchase WHERE state = 'needs_operator' ORDER BY id`,

	`SELECT id, domain, 'nobody has carried it on for an hour' FROM purchase WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY id`,

	`SELECT p.id, p.domain, 'its name was registered, and nobody owns it' FROM purchase p
		WHERE p.kind = 'register' AND p.order_id IS NOT NULL AND NOT EXISTS (
			SELECT 1 FROM custom_domain d WHERE d.domain = p.domain AND d.is_purchased) ORDER BY p.id`,

	`SELECT p.id, p.domain, 'another attempt was paid with the same charge' FROM purchase p
		WHERE p.charge_id IS NOT NULL AND EXISTS (SELECT 1 FROM purchase o WHERE o.charge_id = p.charge_id AND o.id <> p.id) ORDER BY p.id`,
}

// overdueAfter is how long an attempt may wait to be carried on.
const overdueAfter = time.Hour

// askedBack is how far back the payment provider is asked what became of each charge.
const askedBack = 90 * 24 * time.Hour

// Verify yields what does not add up about the attempts of every account: in the
// database, and between it and those who are asked. A registrar or payment provider
// that does not answer is an error. Either can be nil: it is not asked.
func Verify(ctx context.Context, d *db.DB, names registrar.Provider, mode string, payments payment.Provider) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		for i, check := range checks {
			var args []any
			if i == 3 {
				args = append(args, db.Time{Time: d.Now().Add(-overdueAfter)})
			}
			found, err := db.All(ctx, d, func(row db.Row) (x Difference, err error) {
				return x, row.Scan(&x.ID, &x.Name, &x.What)
			}, check, args...)
			if err != nil {
				yield(Difference{}, fmt.Errorf("look at the purchases: %w", err))
				return
			}
			for _, x := range found {
				if !yield(x, nil) {
					return
				}
			}
		}
		if payments != nil && !verifyCharges(ctx, d, payments, yield) || names == nil {
			return
		}
		verifyNames(ctx, d, names, mode, yield)
	}
}

// verifyCharges asks what became of the charges of attempts that have ended.
func verifyCharges(ctx context.Context, d *db.DB, payments payment.Provider, yield func(Difference, error) bool) bool {
	ended, err := db.All(ctx, d, scan, `
		SELECT `+columns+` FROM purchase WHERE payment_provider = $1 AND state IN ('done', 'released') AND next_at IS NULL AND created_at > $2 ORDER BY id`,
		payments.Name(), db.Time{Time: d.Now().Add(-askedBack)})
	if err != nil {
		return yield(Difference{}, err)
	}
	for _, p := range ended {
		_, s, err := payments.Find(ctx, p.key())
		x := Difference{ID: p.ID, Name: p.Name}
		switch {
		case err != nil && payment.KindOf(err) == payment.NotThere:
			if p.captured {
				x.What = "it counts as charged, and the payment provider has no such charge"
			}
		case err != nil:
			return yield(x, fmt.Errorf("ask for the charge of purchase %s: %w", p.ID, err))
		case p.State == Released && (s == payment.Authorised || s == payment.Captured):
			x.What = "it came to nothing, and its charge is " + string(s)
		case p.captured && s != payment.Captured && s != payment.Refunded:
			x.What = "it counts as charged, and its charge is " + string(s)
		}
		if x.What != "" && !yield(x, nil) {
			return false
		}
	}
	return true
}

// verifyNames asks the registrar for the names that were bought there and have not
// ended.
func verifyNames(ctx context.Context, d *db.DB, names registrar.Provider, mode string, yield func(Difference, error) bool) {
	type owned struct {
		name    string
		expires time.Time
	}
	all, err := db.All(ctx, d, func(row db.Row) (o owned, err error) {
		var expires db.Time
		err = row.Scan(&o.name, &expires)
		o.expires = expires.Time
		return o, err
	}, `SELECT domain, expiry_date FROM custom_domain c WHERE is_purchased AND purchase_provider = $1 AND expiry_date > $2
		AND NOT EXISTS (SELECT 1 FROM purchase p WHERE p.domain = c.domain AND p.live) ORDER BY domain`, mode, db.Time{Time: d.Now()})
	if err != nil {
		yield(Difference{}, err)
		return
	}
	for _, o := range all {
		got, err := names.GetDomainInfo(ctx, o.name)
		x := Difference{Name: o.name}
		switch {
		case err != nil && registrar.KindOf(err) == registrar.NotOurs:
			x.What = "it counts as bought, and the registrar does not have it"
		case err != nil:
			if !yield(x, fmt.Errorf("ask the registrar for %s: %w", o.name, err)) {
				return
			}
			continue
		case !got.Expires.Truncate(time.Second).Equal(o.expires.Truncate(time.Second)):
			x.What = fmt.Sprintf("it ends on %s here, and on %s at the registrar", o.expires.Format(time.DateOnly), got.Expires.Format(time.DateOnly))
		}
		if x.What != "" && !yield(x, nil) {
			return
		}
	}
}
