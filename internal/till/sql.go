package till

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/mail"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/store"
)

const columns = `id, store_id, order_id, account_id, plan_id, provider, amount, currency, about, email, card, back_url, page_url, charge_id,
	state, reason, tries, version, next_at, created_at, updated_at`

func scan(row db.Row) (Charge, error) {
	var c Charge
	var currency string
	var reason *string
	var next db.NullTime
	var created, updated db.Time
	err := row.Scan(&c.ID, &c.Store, &c.Order, &c.Account, &c.Plan, &c.Provider, &c.Amount, &currency, &c.about, &c.email, &c.card, &c.back, &c.Page, &c.charge,
		&c.State, &reason, &c.tries, &c.version, &next, &created, &updated)
	if reason != nil {
		c.Reason = *reason
	}
	c.Currency, c.next, c.CreatedAt, c.UpdatedAt = money.Currency(currency), next.Time, created.Time, updated.Time
	return c, err
}

// insert writes a charge before anybody is asked for it. It violates charge_of_order or
// charge_of_plan where there is one that lives.
func (s *Service) insert(ctx context.Context, tx *db.Tx, c *Charge) error {
	now := tx.Now()
	c.ID, c.State, c.Provider, c.next, c.CreatedAt, c.UpdatedAt = ID{tx.NewID()}, Asked, s.provider.Name(), &now, now, now
	_, err := db.Exec(ctx, tx, `
		INSERT INTO charge (id, store_id, order_id, account_id, plan_id, provider, amount, currency, about, email, card, back_url, state, tries, version, next_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, $14, $14, $14)`,
		c.ID, c.Store, c.Order, c.Account, c.Plan, c.Provider, c.Amount, string(c.Currency), c.about, c.email, c.card, c.back, string(c.State), db.Time{Time: now})
	return err
}

// errMoved says that somebody else has changed a charge since it was read.
var errMoved = errors.New("the charge was carried on by another worker")

// write writes what has become of a charge since it was read.
func (c *Charge) write(ctx context.Context, tx *db.Tx) error {
	err := db.ExecOne(ctx, tx, `
		UPDATE charge SET page_url = $3, charge_id = $4, state = $5, reason = $6, tries = $7, next_at = $8, updated_at = $9, version = version + 1
		WHERE id = $1 AND version = $2`,
		c.ID, c.version, c.Page, c.charge, string(c.State), orNull(c.Reason), c.tries, db.NullTime{Time: c.next}, db.Time{Time: tx.Now()})
	if errors.Is(err, db.ErrNoRows) {
		return errMoved
	}
	return err
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// change edits a charge and writes it.
func (s *Service) change(ctx context.Context, c *Charge, edit func(*Charge)) error {
	changed := *c
	edit(&changed)
	changed.UpdatedAt = s.db.Now()
	if err := s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error { return changed.write(ctx, tx) }); err != nil {
		return err
	}
	changed.version++
	*c = changed
	return nil
}

func byID(ctx context.Context, q db.Q, id ID) (Charge, error) {
	c, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM charge WHERE id = $1`, id)
	return c, db.Missing(err, "charge")
}

// Latest returns the charge of an order that was made last, if there is one.
func Latest(ctx context.Context, q db.Q, st store.ID, o order.ID) (Charge, bool, error) {
	return first(db.All(ctx, q, scan, `SELECT `+columns+` FROM charge WHERE store_id = $1 AND order_id = $2 ORDER BY id DESC LIMIT 1`, st, o))
}

// ofPlan returns the charge of a user for a plan that was made last.
func ofPlan(ctx context.Context, q db.Q, user account.ID) (Charge, bool, error) {
	return first(db.All(ctx, q, scan, `SELECT `+columns+` FROM charge WHERE account_id = $1 ORDER BY id DESC LIMIT 1`, user))
}

func first(found []Charge, err error) (Charge, bool, error) {
	if err != nil || len(found) == 0 {
		return Charge{}, false, err
	}
	return found[0], true, nil
}

// confirm mails the shopper what they have bought, once.
func confirm(ctx context.Context, tx *db.Tx, c *Charge, o order.Order) error {
	name, err := db.One(ctx, tx, db.Value[string], `SELECT name FROM store WHERE id = $1`, *c.Store)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Hello,\n\nthank you for your order %s at %s.\n\n", o.Label(), name)
	for _, item := range o.Items {
		fmt.Fprintf(&b, "%d × %s: %s %s\n", item.Quantity, item.Title, o.Currency.Format(item.Total), o.Currency)
	}
	fmt.Fprintf(&b, "\nTotal: %s %s, paid.\n\nHow it stands: %s\n", o.Currency.Format(o.Total), o.Currency, c.back)
	return mail.Queue(ctx, tx, mail.Message{To: o.Email, Subject: "Your order " + o.Label() + " at " + name, Text: b.String(), Key: "order-paid/" + o.ID.String()})
}
