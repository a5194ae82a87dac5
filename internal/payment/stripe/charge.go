package stripe

import (
	"context"
	"errors"
	"strings"

	stripe "github.com/stripe/stripe-go/v85"

	"vitrine/internal/db"
	"vitrine/internal/payment"
)

// keyed is where our key of a charge stands among what Stripe keeps of it.
const keyed = "key"

var errNotThere = payment.Errorf(payment.NotThere, "Stripe has no such charge.")

// Authorise implements payment.Provider.
func (p *Provider) Authorise(ctx context.Context, c payment.Charge) (string, error) {
	customer, card, err := p.card(ctx, c.Payer)
	if err != nil {
		return "", err
	}
	if card == nil {
		return "", payment.Errorf(payment.NeedsPayer, "There is no card to charge yet: add one to your account.")
	}
	amount, err := smallest(c.Amount, c.Currency)
	if err != nil {
		return "", err
	}
	_, fresh, err := p.begin(ctx, c.Key, &customer)
	if err != nil {
		return "", err
	}
	if !fresh { // it was asked for before, perhaps with another card
		if id, s, err := p.Find(ctx, c.Key); payment.KindOf(err) != payment.NotThere || err == nil {
			return id, authorised(s, err)
		}
	}
	params := &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(amount), Currency: stripe.String(strings.ToLower(string(c.Currency))), Customer: stripe.String(customer),
		PaymentMethod: stripe.String(card.ID), PaymentMethodTypes: []*string{stripe.String("card")}, CaptureMethod: stripe.String("manual"),
		Confirm: stripe.Bool(true), OffSession: stripe.Bool(true), Description: stripe.String(c.For),
	}
	params.AddMetadata(keyed, c.Key)
	params.SetIdempotencyKey(c.Key)
	made, err := p.api.V1PaymentIntents.Create(ctx, params)
	if err != nil {
		return "", p.told(err)
	}
	if err := p.named(ctx, c.Key, made.ID); err != nil {
		return "", err
	}
	return made.ID, authorised(stateOf(made), nil)
}

// authorised is nil for a charge that is, or was captured since.
func authorised(s payment.State, err error) error {
	switch {
	case err != nil:
		return err
	case s == payment.Authorised || s == payment.Captured:
		return nil
	case s == payment.Waiting:
		return payment.Errorf(payment.NeedsPayer, "The bank wants the payment to be confirmed.")
	}
	return payment.Errorf(payment.Declined, "The card was declined.")
}

// Ask implements payment.Provider: on a page of Stripe's.
func (p *Provider) Ask(ctx context.Context, c payment.Charge, back string) (payment.Page, error) {
	amount, err := smallest(c.Amount, c.Currency)
	if err != nil {
		return payment.Page{}, err
	}
	if _, _, err := p.begin(ctx, c.Key, nil); err != nil {
		return payment.Page{}, err
	}
	params := &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("payment"), ClientReferenceID: stripe.String(c.Key),
		SuccessURL: stripe.String(back), CancelURL: stripe.String(back),
		PaymentMethodTypes: []*string{stripe.String("card")},
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
				Currency: stripe.String(strings.ToLower(string(c.Currency))), UnitAmount: stripe.Int64(amount),
				ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: stripe.String(c.For)},
			},
		}},
		PaymentIntentData: &stripe.CheckoutSessionCreatePaymentIntentDataParams{CaptureMethod: stripe.String("manual"), Description: stripe.String(c.For)},
	}
	if c.Email != "" {
		params.CustomerEmail = stripe.String(c.Email)
	}
	params.AddMetadata(keyed, c.Key)
	params.PaymentIntentData.AddMetadata(keyed, c.Key)
	params.SetIdempotencyKey(c.Key)
	made, err := p.api.V1CheckoutSessions.Create(ctx, params)
	if err != nil {
		return payment.Page{}, p.told(err)
	}
	return payment.Page{Charge: made.ID, URL: made.URL}, p.named(ctx, c.Key, made.ID)
}

// Find implements payment.Provider. Where Stripe's answer was lost, the charge is
// looked for among those of its payer. A page whose address nobody has leads to none.
func (p *Provider) Find(ctx context.Context, key string) (string, payment.State, error) {
	c, err := known(ctx, p.db, key)
	switch {
	case errors.Is(err, db.ErrNoRows):
		return "", "", errNotThere
	case err != nil:
		return "", "", err
	case c.id != nil:
		s, _, err := p.state(ctx, *c.id)
		return *c.id, s, err
	case c.customer == nil:
		return "", "", errNotThere
	}
	params := &stripe.PaymentIntentListParams{
		Customer: c.customer, CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: c.created.Unix() - clocksDiffer},
	}
	params.Limit = stripe.Int64(100)
	for found, err := range p.api.V1PaymentIntents.List(ctx, params).All(ctx) {
		if err != nil {
			return "", "", p.told(err)
		}
		if found.Metadata[keyed] == key {
			return found.ID, stateOf(found), p.named(ctx, key, found.ID)
		}
	}
	return "", "", errNotThere
}

// clocksDiffer is by how many seconds, at most, ours and Stripe's do.
const clocksDiffer = 300

// state returns where a charge is, and the payment that it came to.
func (p *Provider) state(ctx context.Context, id string) (payment.State, string, error) {
	if !onPage(id) {
		params := &stripe.PaymentIntentRetrieveParams{}
		params.AddExpand("latest_charge")
		found, err := p.api.V1PaymentIntents.Retrieve(ctx, id, params)
		if err != nil {
			return "", "", p.told(err)
		}
		return stateOf(found), found.ID, nil
	}
	params := &stripe.CheckoutSessionRetrieveParams{}
	params.AddExpand("payment_intent.latest_charge")
	page, err := p.api.V1CheckoutSessions.Retrieve(ctx, id, params)
	switch {
	case err != nil:
		return "", "", p.told(err)
	case page.Status == stripe.CheckoutSessionStatusComplete && page.PaymentIntent != nil:
		return stateOf(page.PaymentIntent), page.PaymentIntent.ID, nil
	case page.Status == stripe.CheckoutSessionStatusExpired:
		return payment.Cancelled, "", nil
	}
	return payment.Waiting, "", nil
}

// onPage tells whether a charge is one that is paid on a page of Stripe's.
func onPage(id string) bool { return strings.HasPrefix(id, "cs_") }

func stateOf(i *stripe.PaymentIntent) payment.State {
	switch i.Status {
	case stripe.PaymentIntentStatusRequiresCapture:
		return payment.Authorised
	case stripe.PaymentIntentStatusSucceeded:
		if i.LatestCharge != nil && i.LatestCharge.Refunded {
			return payment.Refunded
		}
		return payment.Captured
	case stripe.PaymentIntentStatusProcessing, stripe.PaymentIntentStatusRequiresAction:
		return payment.Waiting
	}
	return payment.Cancelled // declined ones too: nothing was taken
}
