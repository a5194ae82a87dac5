package stripe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	stripe "github.com/stripe/stripe-go/v85"

	"vitrine/internal/db"
	"vitrine/internal/payment"
)

// KeepCard implements payment.Provider: on a page of Stripe's.
func (p *Provider) KeepCard(ctx context.Context, payer, email, back string) (string, error) {
	customer, err := p.customer(ctx, payer, email)
	if err != nil {
		return "", err
	}
	params := &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("setup"), Customer: stripe.String(customer), PaymentMethodTypes: []*string{stripe.String("card")},
		SuccessURL: stripe.String(back), CancelURL: stripe.String(back),
	}
	page, err := p.api.V1CheckoutSessions.Create(ctx, params)
	if err != nil {
		return "", p.told(err)
	}
	return page.URL, nil
}

// customer returns who a payer is at Stripe, a new customer if need be. Two at once
// lead to the same one: the key is the payer's.
func (p *Provider) customer(ctx context.Context, payer, email string) (string, error) {
	customer, err := p.payer(ctx, payer)
	if err != nil || customer != "" {
		return customer, err
	}
	params := &stripe.CustomerCreateParams{Email: stripe.String(email)}
	params.AddMetadata("payer", payer)
	params.SetIdempotencyKey("customer/" + payer)
	made, err := p.api.V1Customers.Create(ctx, params)
	if err != nil {
		return "", p.told(err)
	}
	err = p.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `INSERT INTO stripe_payer (payer, customer) VALUES ($1, $2) ON CONFLICT (payer) DO NOTHING`, payer, made.ID)
		return err
	})
	return made.ID, err
}

// payer returns who a payer is at Stripe; "" where they are nobody there.
func (p *Provider) payer(ctx context.Context, payer string) (string, error) {
	customer, err := db.One(ctx, p.db, db.Value[string], `SELECT customer FROM stripe_payer WHERE payer = $1`, payer)
	if errors.Is(err, db.ErrNoRows) {
		return "", nil
	}
	return customer, err
}

// card returns the card that a payer left last; nil where they left none.
func (p *Provider) card(ctx context.Context, payer string) (customer string, card *stripe.PaymentMethod, err error) {
	customer, err = p.payer(ctx, payer)
	if err != nil || customer == "" {
		return "", nil, err
	}
	params := &stripe.CustomerListPaymentMethodsParams{Customer: stripe.String(customer), Type: stripe.String("card")}
	params.Limit = stripe.Int64(1)
	for found, err := range p.api.V1Customers.ListPaymentMethods(ctx, params).All(ctx) {
		if err != nil {
			return "", nil, p.told(err)
		}
		return customer, found, nil
	}
	return customer, nil, nil
}

// Card implements payment.Provider.
func (p *Provider) Card(ctx context.Context, payer string) (string, error) {
	_, found, err := p.card(ctx, payer)
	if err != nil || found == nil || found.Card == nil {
		return "", err
	}
	brand := string(found.Card.Brand)
	if brand != "" {
		brand = strings.ToUpper(brand[:1]) + brand[1:]
	}
	return fmt.Sprintf("%s •••• %s, %02d/%d", brand, found.Card.Last4, found.Card.ExpMonth, found.Card.ExpYear), nil
}

var _ payment.Provider = (*Provider)(nil)
