// Package sandbox is a payment provider that moves no money: for trying things out and
// for tests. It keeps its charges in the platform's own database. A few amounts, to
// the cent, behave as a real card can.
package sandbox

import (
	"context"
	"errors"

	"vitrine/internal/db"
	"vitrine/internal/money"
	"vitrine/internal/payment"
)

// The amounts, in minor units, that do not simply go through.
const (
	Declines  money.Amount = 4_000_02 // the bank says no
	NeedsCard money.Amount = 4_000_03 // the payer has to confirm it
	GetsLost  money.Amount = 4_000_04 // it is authorised, and the answer is lost once
)

// Provider implements payment.Provider.
type Provider struct{ db *db.DB }

// New returns a provider.
func New(d *db.DB) *Provider { return &Provider{d} }

// Name implements payment.Provider.
func (p *Provider) Name() string { return "test" }

// Authorise implements payment.Provider.
func (p *Provider) Authorise(ctx context.Context, c payment.Charge) (string, error) {
	switch c.Amount {
	case Declines:
		return "", payment.Errorf(payment.Declined, "The card was declined.")
	case NeedsCard:
		return "", payment.Errorf(payment.NeedsPayer, "The bank wants the payment to be confirmed.")
	}
	id, fresh := "test_"+c.Key, int64(0)
	err := p.db.InTx(ctx, func(tx *db.Tx) (err error) {
		fresh, err = db.Exec(ctx, tx, `
			INSERT INTO test_charge (id, payer, amount, currency, about, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO NOTHING`,
			id, c.Payer, c.Amount, string(c.Currency), c.For, string(payment.Authorised), db.Time{Time: tx.Now()})
		return err
	})
	if err != nil {
		return "", err
	}
	if fresh == 1 && c.Amount == GetsLost {
		return "", payment.Errorf(payment.Unanswered, "The payment provider did not answer.")
	}
	return id, nil
}

// Capture implements payment.Provider.
func (p *Provider) Capture(ctx context.Context, id string) error {
	return p.move(ctx, id, payment.Authorised, payment.Captured)
}

// Cancel implements payment.Provider.
func (p *Provider) Cancel(ctx context.Context, id string) error {
	return p.move(ctx, id, payment.Authorised, payment.Cancelled)
}

// Refund implements payment.Provider.
func (p *Provider) Refund(ctx context.Context, id string) error {
	return p.move(ctx, id, payment.Captured, payment.Refunded)
}

func (p *Provider) move(ctx context.Context, id string, from, to payment.State) error {
	return p.db.InTx(ctx, func(tx *db.Tx) error {
		err := db.ExecOne(ctx, tx, `UPDATE test_charge SET state = $3 WHERE id = $1 AND state IN ($2, $3)`, id, string(from), string(to))
		if errors.Is(err, db.ErrNoRows) {
			return payment.Errorf(payment.NotThere, "There is no charge %s that is %s.", id, from)
		}
		return err
	})
}

// Find implements payment.Provider.
func (p *Provider) Find(ctx context.Context, key string) (string, payment.State, error) {
	id := "test_" + key
	s, err := db.One(ctx, p.db, db.Value[payment.State], `SELECT state FROM test_charge WHERE id = $1`, id)
	if errors.Is(err, db.ErrNoRows) {
		err = payment.Errorf(payment.NotThere, "There is no such charge.")
	}
	return id, s, err
}
