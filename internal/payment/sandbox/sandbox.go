// Package sandbox is a payment provider that moves no money: for trying things out and
// for tests. It keeps its charges in the platform's own database. A few amounts, to
// the cent, and a few cards behave as real ones can.
package sandbox

import (
	"context"
	"crypto/rand"
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
	ComesLate money.Amount = 4_000_05 // on a page: the provider says only later that it is authorised
)

// The cards that somebody can pay with on a page. Any other simply goes through.
const (
	Decline = "decline" // as Declines, and so on
	Confirm = "confirm"
	Lose    = "lose"
	Delay   = "delay"
)

// BankPage is where, below the address that a page leads back to, the payer is asked to
// confirm a payment. Whoever serves that address serves it, and tells Answer.
const BankPage = "/bank"

// Provider implements payment.Provider.
type Provider struct {
	db     *db.DB
	secret [32]byte // that notices are signed with; they do not leave the process
}

// New returns a provider.
func New(d *db.DB) *Provider {
	p := &Provider{db: d}
	_, _ = rand.Read(p.secret[:]) // never fails
	return p
}

// Name is what the provider is called.
const Name = "test"

// Name implements payment.Provider.
func (p *Provider) Name() string { return Name }

// Authorise implements payment.Provider.
func (p *Provider) Authorise(ctx context.Context, c payment.Charge) (string, error) {
	switch c.Amount {
	case Declines:
		return "", errDeclined
	case NeedsCard:
		return "", payment.Errorf(payment.NeedsPayer, "The bank wants the payment to be confirmed.")
	}
	fresh, err := p.keep(ctx, c, payment.Authorised)
	if err != nil {
		return "", err
	}
	if fresh && c.Amount == GetsLost {
		return "", errLost
	}
	return idOf(c.Key), nil
}

var (
	errDeclined = payment.Errorf(payment.Declined, "The card was declined.")
	errLost     = payment.Errorf(payment.Unanswered, "The payment provider did not answer.")
)

// Ask implements payment.Provider.
func (p *Provider) Ask(ctx context.Context, c payment.Charge, back string) (payment.Page, error) {
	page, state := payment.Page{Charge: idOf(c.Key)}, payment.Authorised
	switch {
	case c.Card == Decline || c.Amount == Declines:
		return payment.Page{}, errDeclined
	case c.Card == Confirm || c.Amount == NeedsCard:
		page.URL, state = back+BankPage, payment.Waiting
	case c.Card == Delay || c.Amount == ComesLate:
		page.URL, state = back, payment.Waiting
	}
	fresh, err := p.keep(ctx, c, state)
	if err != nil || !fresh {
		return page, err
	}
	if page.URL == back {
		err = p.later(ctx, c.Key)
	}
	if c.Card == Lose || c.Amount == GetsLost {
		err = errLost
	}
	return page, err
}

// idOf is what a charge is called here.
func idOf(key string) string { return "test_" + key }

// keep writes a charge, unless it is there.
func (p *Provider) keep(ctx context.Context, c payment.Charge, s payment.State) (fresh bool, err error) {
	err = p.db.InTx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `
			INSERT INTO test_charge (id, payer, amount, currency, about, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO NOTHING`,
			idOf(c.Key), c.Payer, c.Amount, string(c.Currency), c.For, string(s), db.Time{Time: tx.Now()})
		fresh = n == 1
		return err
	})
	return fresh, err
}

// Answer is what the payer says on BankPage.
func (p *Provider) Answer(ctx context.Context, key string, yes bool) error {
	to := payment.Cancelled
	if yes {
		to = payment.Authorised
	}
	err := p.move(ctx, idOf(key), to, payment.Waiting)
	if err == nil {
		err = p.soon(ctx, key)
	}
	return err
}

// KeepCard implements payment.Provider: everybody has a card.
func (p *Provider) KeepCard(context.Context, string, string, string) (string, error) { return "", nil }

// Card implements payment.Provider.
func (p *Provider) Card(context.Context, string) (string, error) { return "Test card", nil }

// Capture implements payment.Provider.
func (p *Provider) Capture(ctx context.Context, id string) error {
	return p.move(ctx, id, payment.Captured, payment.Authorised)
}

// Cancel implements payment.Provider.
func (p *Provider) Cancel(ctx context.Context, id string) error {
	return p.move(ctx, id, payment.Cancelled, payment.Authorised, payment.Waiting)
}

// Refund implements payment.Provider.
func (p *Provider) Refund(ctx context.Context, id string) error {
	return p.move(ctx, id, payment.Refunded, payment.Captured)
}

func (p *Provider) move(ctx context.Context, id string, to payment.State, from ...payment.State) error {
	return p.db.InTx(ctx, func(tx *db.Tx) error {
		args := []any{id, string(to)}
		for _, s := range from {
			args = append(args, string(s))
		}
		err := db.ExecOne(ctx, tx, `UPDATE test_charge SET state = $2 WHERE id = $1 AND (state = $2 OR state IN `+db.List(3, len(from))+`)`, args...)
		if errors.Is(err, db.ErrNoRows) {
			return payment.Errorf(payment.NotThere, "There is no charge %s that is %s.", id, from[0])
		}
		return err
	})
}

// Find implements payment.Provider.
func (p *Provider) Find(ctx context.Context, key string) (string, payment.State, error) {
	s, err := db.One(ctx, p.db, db.Value[payment.State], `SELECT state FROM test_charge WHERE id = $1`, idOf(key))
	if errors.Is(err, db.ErrNoRows) {
		err = payment.Errorf(payment.NotThere, "There is no such charge.")
	}
	return idOf(key), s, err
}

var _ payment.Provider = (*Provider)(nil)
