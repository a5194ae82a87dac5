package purchase

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/job"
	"vitrine/internal/payment"
	"vitrine/internal/registrar"
)

const (
	payWithin    = 15 * time.Minute    // for a payment provider that does not answer
	lateEffect   = 2 * time.Minute     // how long an order may still arrive after it was not answered
	knownWithin  = 72 * time.Hour      // for a registrar to say what became of an order, before the operator is told
	finishWithin = 30 * 24 * time.Hour // for what is done once the name is the merchant's
	clockSkew    = 5 * time.Minute     // between our clock and a registrar's
)

// step takes an attempt one step further, or says when to try again.
func (s *Service) step(ctx context.Context, h *held) error {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
	defer cancel()
	switch {
	case h.State == Quoted && h.Offer.Currency == "":
		return s.quote(call, h)
	case h.State == Quoted:
		return s.authorise(call, h)
	case h.State == Authorised:
		return s.order(call, h)
	case h.State == Registering:
		return s.doubt(ctx, h, "The registrar's answer was lost.")
	case h.State == Unknown, h.State == NeedsOperator:
		return s.inquire(call, h)
	case h.State == Released:
		return s.letGo(call, h)
	}
	return s.finish(context.WithoutCancel(ctx), h)
}

// now lets an attempt go on at once.
func (s *Service) now(h *held) {
	at := s.db.Now()
	h.next, h.tries = &at, 0
}

// later lets an attempt be tried again after a while that grows from seconds to an
// hour.
func (s *Service) later(h *held) {
	at := s.db.Now().Add(job.Wait(h.tries))
	h.next, h.tries = &at, h.tries+1
}

// quote asks for what the name costs, and sees whether it is free and the price is
// the one that the merchant agreed to, if they said one.
func (s *Service) quote(ctx context.Context, h *held) error {
	offer, err := s.registrar.CheckAvailability(ctx, h.Name)
	agreed := h.Offer.Price
	switch {
	case err != nil && registrar.KindOf(err) == registrar.Unsupported:
		return s.comeToNothing(ctx, h, codeUnsupported, err.Error())
	case err != nil:
		return s.comeToNothing(ctx, h, codeRefused, "The registrar could not be asked for the price: "+words(ctx, h, err))
	case h.Kind == Register && offer.Unknown:
		return s.comeToNothing(ctx, h, codeRefused, "The registry of "+h.Name+" does not answer. Please try again later.")
	case h.Kind == Register && !offer.Available:
		return s.comeToNothing(ctx, h, codeTaken, h.Name+" is not available.")
	case h.Kind == Register && agreed != 0 && agreed != offer.Price:
		return s.comeToNothing(ctx, h, codePrice, fmt.Sprintf("%s costs %s %s by now.", h.Name, offer.Currency.Format(offer.Price), offer.Currency))
	case h.Kind == Register && offer.Premium && !s.registrar.Capabilities().Premium:
		return s.comeToNothing(ctx, h, codePremium, h.Name+" is a premium name, and those are not sold here.")
	case h.Kind == Register && offer.Premium && agreed == 0:
		return s.comeToNothing(ctx, h, codePremium, fmt.Sprintf("%s is a premium name and costs %s %s in its first year: order it with that price.", h.Name, offer.Currency.Format(offer.Price), offer.Currency))
	}
	h.Offer = offer
	s.now(h)
	return s.change(ctx, h, fmt.Sprintf("%s costs %s %s for %s.", h.Name, offer.Currency.Format(h.total()), offer.Currency, years(h.Years)), nil)
}

// authorise holds what the attempt costs.
func (s *Service) authorise(ctx context.Context, h *held) error {
	id, err := s.payments.Authorise(ctx, payment.Charge{
		Key: h.key(), Payer: h.Account.String(), Amount: h.total(), Currency: h.Offer.Currency, For: h.Name,
	})
	switch {
	case err == nil:
		h.State, h.Charge = Authorised, &id
		s.now(h)
		return s.change(ctx, h, fmt.Sprintf("%s %s were authorised.", h.Offer.Currency.Format(h.total()), h.Offer.Currency), nil)
	case payment.KindOf(err) != payment.Unanswered:
		return s.comeToNothing(ctx, h, codePayment, err.Error())
	case s.db.Now().Sub(h.CreatedAt) > payWithin:
		return s.comeToNothing(ctx, h, codePayment, "The payment provider did not answer.")
	}
	slog.WarnContext(ctx, "purchases: the payment provider did not answer", "purchase", h.ID, "error", err)
	s.later(h)
	return s.change(ctx, h, "The payment provider did not answer.", nil)
}

// order asks the registrar, after it is noted that it is asked.
func (s *Service) order(ctx context.Context, h *held) error {
	at := s.db.Now()
	h.State, h.asked = Registering, &at
	if err := s.change(ctx, h, "The registrar is asked.", nil); err != nil {
		return err
	}
	got, err := s.ask(ctx, h)
	switch {
	case err == nil:
		return s.happened(ctx, h, got)
	case registrar.Open(err):
		return s.doubt(ctx, h, words(ctx, h, err))
	}
	if h.Kind == Renew {
		if now, infoErr := s.registrar.GetDomainInfo(ctx, h.Name); infoErr == nil && now.Expires.After(*h.Before) {
			return s.wasRenewed(ctx, h, now)
		}
	}
	code := codeRefused
	switch registrar.KindOf(err) {
	case registrar.Taken:
		code = codeTaken
	case registrar.PriceChanged:
		code = codePrice
	case registrar.BadContact:
		code = codeContact
	case registrar.Unsupported:
		code = codeUnsupported
	}
	return s.comeToNothing(ctx, h, code, words(ctx, h, err))
}

func (s *Service) ask(ctx context.Context, h *held) (registrar.Registration, error) {
	if h.Kind == Renew {
		return s.registrar.RenewDomain(ctx, registrar.Renewal{Offer: h.Offer, Years: h.Years, Expires: *h.Before, Key: h.key()})
	}
	return s.registrar.PurchaseDomain(ctx, registrar.Purchase{
		Offer: h.Offer, Years: h.Years, Contact: *h.Contact, Nameservers: s.Settings.Nameservers, Key: h.key(), Since: h.CreatedAt.Add(-clockSkew),
	})
}

// words are those of a registrar, or that it did not answer.
func words(ctx context.Context, h *held, err error) string {
	slog.WarnContext(ctx, "purchases: the registrar did not do what it was asked for", "purchase", h.ID, "domain", h.Name, "error", err)
	if registrar.KindOf(err) == registrar.Unanswered {
		return "The registrar did not answer."
	}
	return err.Error()
}

// doubt notes that nobody knows what became of an order. From here on the registrar
// is only asked about it.
func (s *Service) doubt(ctx context.Context, h *held, why string) error {
	h.State, h.tries = Unknown, 0
	s.later(h)
	return s.change(ctx, h, why, nil)
}

// inquire finds out what became of an order.
func (s *Service) inquire(ctx context.Context, h *held) error {
	got, err := s.registrar.GetDomainInfo(ctx, h.Name)
	settled := s.db.Now().Sub(*h.asked) >= lateEffect
	switch {
	case err == nil && h.Kind == Renew && got.Expires.After(*h.Before):
		return s.happened(ctx, h, got)
	case err == nil && h.Kind == Register && (got.Key == "" || got.Key == h.key()):
		return s.happened(ctx, h, got)
	case err == nil && h.Kind == Register:
		return s.comeToNothing(ctx, h, codeTaken, h.Name+" was registered by somebody else.")
	case (err == nil || registrar.KindOf(err) == registrar.NotOurs) && settled:
		return s.comeToNothing(ctx, h, codeRefused, "The registrar did not take the order.")
	}
	if err != nil {
		_ = words(ctx, h, err)
	}
	s.later(h)
	if h.State == Unknown && s.db.Now().Sub(*h.asked) > knownWithin {
		h.State = NeedsOperator
		return s.change(ctx, h, "The registrar has not said for three days what became of the order: the operator has to find out, and it is asked on.", nil)
	}
	return s.change(ctx, h, "", nil)
}

// happened keeps that the name was registered or renewed.
func (s *Service) happened(ctx context.Context, h *held, got registrar.Registration) error {
	h.State, h.live, h.OrderID, h.Expires = Registered, false, &got.OrderID, &got.Expires
	s.now(h)
	step := fmt.Sprintf("%s is registered until %s.", h.Name, got.Expires.Format(time.DateOnly))
	if h.Kind == Renew {
		step = fmt.Sprintf("%s is renewed until %s.", h.Name, got.Expires.Format(time.DateOnly))
	}
	return s.change(ctx, h, step, func(ctx context.Context, tx *db.Tx) error {
		if h.Kind == Renew {
			return domain.Extended(ctx, tx, h.Domain, *h.Before, got.Expires, got.OrderID)
		}
		d, err := domain.Acquired(ctx, tx, domain.Registration{
			Owner: h.Account, Store: h.Store, Name: h.Name, Registrar: h.Registrar, OrderID: got.OrderID, Expires: got.Expires,
		})
		h.Domain = d.ID
		return err
	})
}

// comeToNothing ends an attempt that has had no effect. What was authorised is let
// go of in the next step.
func (s *Service) comeToNothing(ctx context.Context, h *held, code, why string) error {
	h.State, h.live, h.Code, h.Reason = Released, false, code, why
	s.now(h)
	return s.change(ctx, h, why, func(ctx context.Context, tx *db.Tx) error {
		if h.Kind == Renew {
			return mailUnpaid(ctx, tx, h)
		}
		return s.domains.Unreserve(ctx, tx, h.Domain)
	})
}

// wasRenewed ends a renewal of a name that ends later than we knew: its end is taken
// over, and nothing is charged.
func (s *Service) wasRenewed(ctx context.Context, h *held, now registrar.Registration) error {
	h.State, h.live, h.Code = Released, false, codeRenewed
	h.Reason = fmt.Sprintf("%s was renewed before, until %s.", h.Name, now.Expires.Format(time.DateOnly))
	s.now(h)
	return s.change(ctx, h, h.Reason, func(ctx context.Context, tx *db.Tx) error {
		return domain.Extended(ctx, tx, h.Domain, *h.Before, now.Expires, now.OrderID)
	})
}

// letGo cancels what was authorised for an attempt that came to nothing.
func (s *Service) letGo(ctx context.Context, h *held) error {
	id, state, err := s.payments.Find(ctx, h.key())
	if err == nil && state == payment.Authorised {
		err = s.payments.Cancel(ctx, id)
	}
	if err != nil && payment.KindOf(err) != payment.NotThere {
		slog.WarnContext(ctx, "purchases: what was authorised could not be let go of", "purchase", h.ID, "error", err)
		s.later(h)
		return s.change(ctx, h, "", nil)
	}
	step := ""
	if err == nil {
		step = "Nothing was charged."
	}
	h.next, h.Contact = nil, nil
	return s.change(ctx, h, step, nil)
}
