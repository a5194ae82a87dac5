package stripe

import (
	"context"

	stripe "github.com/stripe/stripe-go/v85"

	"vitrine/internal/payment"
)

// Capture implements payment.Provider.
func (p *Provider) Capture(ctx context.Context, id string) error {
	return p.move(ctx, id, payment.Authorised, payment.Captured, func(intent string) error {
		_, err := p.api.V1PaymentIntents.Capture(ctx, intent, &stripe.PaymentIntentCaptureParams{})
		return err
	})
}

// Cancel implements payment.Provider.
func (p *Provider) Cancel(ctx context.Context, id string) error {
	s, _, err := p.state(ctx, id)
	if err == nil && s == payment.Waiting && onPage(id) {
		_, err := p.api.V1CheckoutSessions.Expire(ctx, id, &stripe.CheckoutSessionExpireParams{})
		if err == nil {
			return nil
		}
		if err = p.told(err); payment.KindOf(err) == payment.Unanswered {
			return err
		} // it was paid, or it expired, in between
	}
	if err != nil {
		return err
	}
	return p.move(ctx, id, payment.Authorised, payment.Cancelled, func(intent string) error {
		_, err := p.api.V1PaymentIntents.Cancel(ctx, intent, &stripe.PaymentIntentCancelParams{})
		return err
	})
}

// Refund implements payment.Provider.
func (p *Provider) Refund(ctx context.Context, id string) error {
	return p.move(ctx, id, payment.Captured, payment.Refunded, func(intent string) error {
		params := &stripe.RefundCreateParams{PaymentIntent: stripe.String(intent)}
		params.SetIdempotencyKey("refund/" + intent)
		_, err := p.api.V1Refunds.Create(ctx, params)
		return err
	})
}

// move looks where a charge is, and has it moved where it is not there yet.
func (p *Provider) move(ctx context.Context, id string, from, to payment.State, do func(intent string) error) error {
	s, intent, err := p.state(ctx, id)
	switch {
	case err != nil:
		return err
	case s == to:
		return nil
	case s != from:
		return payment.Errorf(payment.NotThere, "There is no charge %s that is %s: it is %s.", id, from, s)
	}
	if err := do(intent); err != nil {
		return p.told(err)
	}
	return nil
}
