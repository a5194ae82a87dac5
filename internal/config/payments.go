package config

// Payments are the settings of who takes the money for orders and names.
type Payments struct {
	PaymentProviderMode string
	StripeSecretKey     string
	StripeWebhookSecret string
	StripeEndpoint      string
}

func (p *Payments) table() []setting {
	return []setting{
		{name: "payment_provider_mode", fallback: "test", help: "who takes the money for names, plans and shoppers' orders: `stripe`, or `test`, which takes none and says so on its pages", set: text(&p.PaymentProviderMode)},
		{name: "stripe_secret_key", fallback: "", help: "the secret key of an account at Stripe, `sk_…`", secret: true, set: text(&p.StripeSecretKey)},
		{name: "stripe_webhook_secret", fallback: "", help: "what Stripe signs its webhooks with, `whsec_…`: have it send them to `/api/v1/payments/webhook`", secret: true, set: text(&p.StripeWebhookSecret)},
		{name: "stripe_endpoint", fallback: "", help: "the API of Stripe. Default: Stripe's own", set: text(&p.StripeEndpoint)},
	}
}
