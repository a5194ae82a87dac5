package stripe

import (
	"errors"
	"net/http"
	"strings"

	stripe "github.com/stripe/stripe-go/v85"

	"vitrine/internal/money"
	"vitrine/internal/payment"
)

// told is what an error of Stripe's means. Its words are passed on where they are
// about the payer's card; what stands in others is for Stripe's log, by its request.
func (p *Provider) told(err error) error {
	e, ok := errors.AsType[*stripe.Error](err)
	switch {
	case !ok: // not asked, or not answered
		return payment.Errorf(payment.Unanswered, "Stripe did not answer.")
	case e.Type == stripe.ErrorTypeCard && (e.Code == stripe.ErrorCodeAuthenticationRequired || e.DeclineCode == "authentication_required"):
		return payment.Errorf(payment.NeedsPayer, "The bank wants the payment to be confirmed.")
	case e.Type == stripe.ErrorTypeCard:
		return payment.Errorf(payment.Declined, "%s", p.clean(or(e.Msg, "The card was declined.")))
	case e.Type == stripe.ErrorTypeIdempotency, e.HTTPStatusCode == http.StatusConflict, e.HTTPStatusCode == http.StatusTooManyRequests,
		e.HTTPStatusCode >= http.StatusInternalServerError, e.HTTPStatusCode == 0:
		return payment.Errorf(payment.Unanswered, "Stripe could not answer now (request %s).", or(e.RequestID, "unknown"))
	case e.HTTPStatusCode == http.StatusUnauthorized || e.HTTPStatusCode == http.StatusForbidden:
		return payment.Errorf(payment.Declined, "Stripe does not accept the platform's key: the operator has to look at the setting stripe_secret_key.")
	case e.HTTPStatusCode == http.StatusNotFound || e.Code == stripe.ErrorCodeResourceMissing || e.Code == stripe.ErrorCodePaymentIntentUnexpectedState ||
		e.Code == stripe.ErrorCodeChargeAlreadyRefunded:
		return payment.Errorf(payment.NotThere, "Stripe has no such charge in that state (request %s).", or(e.RequestID, "unknown"))
	}
	return payment.Errorf(payment.Declined, "Stripe does not take this payment: %s", p.clean(e.Msg))
}

// clean takes the platform's secrets out of words.
func (p *Provider) clean(s string) string {
	for _, secret := range []string{p.settings.Key, p.settings.WebhookSecret} {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "***")
		}
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// smallest is a sum in the unit that Stripe counts a currency in: its minor unit, but
// for a few (docs.stripe.com/currencies).
func smallest(a money.Amount, c money.Currency) (int64, error) {
	n := int64(a)
	switch c {
	case "ISK", "UGX": // without decimals, and sent with two
		return n * 100, nil
	case "MGA": // sent without its decimals
		if n%100 == 0 {
			return n / 100, nil
		}
	case "BHD", "JOD", "KWD", "OMR", "TND": // the last of three decimals is not for cards
		if n%10 == 0 {
			return n, nil
		}
	default:
		return n, nil
	}
	return 0, payment.Errorf(payment.Declined, "Cards cannot be charged %s %s: it has too many decimals.", c.Format(a), c)
}
