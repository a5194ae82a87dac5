package app

import (
	"errors"
	"fmt"

	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/payment"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/payment/stripe"
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
