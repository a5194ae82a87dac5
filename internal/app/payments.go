package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/payment"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/payment/stripe"
	"vitrine/internal/purchase"
	"vitrine/internal/storefront"
	"vitrine/internal/till"
)

func newPayments(c *config.Config, d *db.DB) (payment.Provider, error) {
	switch c.PaymentProviderMode {
	case "test":
		return sandbox.New(d), nil
	case "stripe":
		if c.StripeSecretKey == "" || c.StripeWebhookSecret == "" {
			return nil, errors.New("the settings stripe_secret_key and stripe_webhook_secret are needed in the payment_provider_mode stripe")
		}
		return stripe.New(d, stripe.Settings{Key: c.StripeSecretKey, WebhookSecret: c.StripeWebhookSecret, Endpoint: c.StripeEndpoint}), nil
	}
	return nil, fmt.Errorf("the setting payment_provider_mode names a mode that nobody knows: %q", c.PaymentProviderMode)
}

// takeMoney makes what money is taken with: for names, and for orders and plans.
func (a *App) takeMoney(c *config.Config, d *db.DB) (err error) {
	if a.Payments, err = newPayments(c, d); err != nil {
		return err
	}
	a.Till = till.New(d, a.Orders, a.Payments, purchase.Noticed)
	a.Purchases, err = newPurchases(c, d, a.Domains, a.Payments)
	return err
}

// bank is where test payments are confirmed; nil where payments are real.
func bank(p payment.Provider) storefront.Bank {
	if test, ok := p.(*sandbox.Provider); ok {
		return test
	}
	return nil
}

// deliverTests has the webhooks of test payments delivered.
func (a *App) deliverTests() {
	if test, ok := a.Payments.(*sandbox.Provider); ok {
		a.Jobs.Every("deliver what test payments say", 5*time.Second, func(ctx context.Context) error { return test.Deliver(ctx, a.Till.Receive) })
		a.Jobs.AfterSetBack(test.Hurry)
	}
}
