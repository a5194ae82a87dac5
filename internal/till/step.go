package till

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/job"
	"vitrine/internal/order"
	"vitrine/internal/payment"
)

const (
	justNow   = time.Second      // after which a provider is asked again for somebody who looks
	callLimit = 20 * time.Second // for one call to a payment provider
	planLimit = 15 * time.Minute // for a provider that does not answer, until a plan stays as it is
	askLimit  = 2 * time.Minute  // the same for an order, until it can be asked for anew: nobody can pay on a page that nobody knows
	mostWaits = 6                // doublings of the time until a page is looked at again: five minutes
)

// Due carries on with the charges whose time has come.
func (s *Service) Due(ctx context.Context) error {
	due, err := db.All(ctx, s.db, db.Value[ID], `SELECT id FROM charge WHERE next_at <= $1 AND provider = $2 ORDER BY next_at LIMIT 100`,
		db.Time{Time: s.db.Now()}, s.provider.Name())
	if err != nil {
		return err
	}
	return job.Several(ctx, due, func(ctx context.Context, id ID) {
		if _, err := s.resume(ctx, id); err != nil {
			slog.WarnContext(ctx, "payments: a charge could not be carried on", "charge", id, "error", err)
		}
	})
}

// resume carries on with a charge as it is now, and again where others change it
// meanwhile.
func (s *Service) resume(ctx context.Context, id ID) (Charge, error) {
	for {
		c, err := byID(ctx, s.db, id)
		if err == nil {
			err = s.carryOn(ctx, &c)
		}
		if !errors.Is(err, errMoved) || ctx.Err() != nil {
			return c, err
		}
	}
}

// carryOn takes a charge as far as it goes for now.
func (s *Service) carryOn(ctx context.Context, c *Charge) error {
	for c.next != nil && !c.next.After(s.db.Now()) {
		call, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
		err := s.step(call, c)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// owed says what is to become of a charge.
type owed struct {
	open bool // it is wanted
	kept bool // what it is for was given, and not taken back
}

func (s *Service) owed(ctx context.Context, c *Charge) (owed, error) {
	if c.Plan != nil {
		return owed{open: s.db.Now().Sub(c.CreatedAt) < planLimit, kept: true}, nil
	}
	o, err := order.Get(ctx, s.db, *c.Store, *c.Order)
	inTime := o.HoldUntil == nil || s.db.Now().Before(*o.HoldUntil)
	return owed{open: o.Status == order.Pending && inTime, kept: o.Payment == order.Settled}, err
}

// step takes a charge one step further, or says when to try again.
func (s *Service) step(ctx context.Context, c *Charge) error {
	to, err := s.owed(ctx, c)
	if err != nil {
		return err
	}
	switch {
	case c.State == Asked && to.open && s.db.Now().Sub(c.CreatedAt) < askLimit:
		return s.ask(ctx, c)
	case c.State == Asked:
		return s.release(ctx, c, cmp.Or(c.Reason, tooLate))
	case c.State == Waiting:
		return s.look(ctx, c, to)
	case c.State == Paid && to.kept:
		return s.capture(ctx, c)
	case c.State == Captured && to.kept:
		return s.change(ctx, c, over)
	}
	return s.giveBack(ctx, c)
}

const tooLate = "It was not paid in time."

// over says that there is nothing left to do.
func over(c *Charge) { c.next = nil }

// atOnce lets a charge go on.
func (s *Service) atOnce(c *Charge) {
	now := s.db.Now()
	c.next, c.tries = &now, 0
}

// later has a charge tried again after a while.
func (s *Service) later(ctx context.Context, c *Charge, most int, why string) error {
	return s.change(ctx, c, func(c *Charge) {
		at := s.db.Now().Add(job.Wait(min(c.tries, most)))
		c.next, c.tries, c.Reason = &at, c.tries+1, why
	})
}

// ask asks the provider for the sum. Under the charge's key it is asked for once,
// however often that is done.
func (s *Service) ask(ctx context.Context, c *Charge) error {
	wanted := payment.Charge{Key: c.ID.String(), Amount: c.Amount, Currency: c.Currency, For: c.about, Email: c.email, Card: c.card}
	var page payment.Page
	var err error
	if c.Plan != nil {
		wanted.Payer = c.Account.String()
		page.Charge, err = s.provider.Authorise(ctx, wanted)
	} else {
		page, err = s.provider.Ask(ctx, wanted, c.back)
	}
	switch {
	case err != nil && payment.KindOf(err) == payment.Unanswered:
		slog.WarnContext(ctx, "payments: the provider did not answer", "charge", c.ID, "error", err)
		return s.later(ctx, c, mostWaits, "The payment provider did not answer.")
	case err != nil:
		return s.release(ctx, c, err.Error())
	case page.URL == "":
		return s.settle(ctx, c, page.Charge)
	}
	return s.change(ctx, c, func(c *Charge) {
		at := s.db.Now().Add(job.Wait(0))
		c.State, c.charge, c.Page, c.next, c.tries, c.Reason = Waiting, &page.Charge, &page.URL, &at, 0, ""
	})
}

// look asks what has become of a charge that its payer was asked for.
func (s *Service) look(ctx context.Context, c *Charge, to owed) error {
	id, state, err := s.provider.Find(ctx, c.ID.String())
	switch {
	case err != nil && payment.KindOf(err) == payment.Unanswered:
		return s.later(ctx, c, mostWaits, "The payment provider did not answer.")
	case err != nil:
		return s.release(ctx, c, err.Error())
	case state == payment.Authorised || state == payment.Captured:
		return s.settle(ctx, c, id)
	case state != payment.Waiting:
		return s.release(ctx, c, "The bank declined it, or its page was closed.")
	case !to.open:
		return s.release(ctx, c, tooLate)
	}
	return s.later(ctx, c, mostWaits, "")
}

// settle gives what a sum that is held is for. Where that cannot be given any more, as
// when the order was cancelled meanwhile, the sum is let go of.
func (s *Service) settle(ctx context.Context, c *Charge, id string) error {
	paid := *c
	paid.State, paid.charge, paid.Page, paid.Reason = Paid, &id, nil, ""
	s.atOnce(&paid)
	err := s.give(ctx, &paid)
	switch {
	case err == nil:
		paid.version++
		*c = paid
		return nil
	case fault.Is(err, fault.Refused), fault.Is(err, fault.NotFound):
		return s.release(ctx, c, err.Error())
	}
	return err
}

var errPaidOtherwise = fault.Refusedf("order_paid", "The order was paid another way.")

func (s *Service) give(ctx context.Context, paid *Charge) error {
	if paid.Plan != nil {
		return s.db.InTx(ctx, func(tx *db.Tx) error {
			if _, err := account.ChangePlan(ctx, tx, *paid.Account, *paid.Plan); err != nil {
				return err
			}
			return paid.write(ctx, tx)
		})
	}
	_, err := s.orders.Pay(ctx, *paid.Store, *paid.Order, nil, func(ctx context.Context, tx *db.Tx, o order.Order) error {
		if o.PaidAt == nil || !o.PaidAt.Equal(tx.Now()) { // it was before
			return errPaidOtherwise
		}
		if err := paid.write(ctx, tx); err != nil {
			return err
		}
		return confirm(ctx, tx, paid, o)
	})
	return err
}

// capture takes what was held.
func (s *Service) capture(ctx context.Context, c *Charge) error {
	if err := s.provider.Capture(ctx, *c.charge); err != nil {
		slog.WarnContext(ctx, "payments: what was authorised could not be captured", "charge", c.ID, "error", err)
		return s.later(ctx, c, forever, "What was authorised could not be captured: "+err.Error())
	}
	return s.change(ctx, c, func(c *Charge) { c.State, c.next, c.Reason = Captured, nil, "" })
}

// forever is how often the wait until a sum is asked for, or given back, may double: it
// is done each hour in the end.
const forever = 12

// release ends a charge that comes to nothing. What may be held is let go of next.
func (s *Service) release(ctx context.Context, c *Charge, why string) error {
	return s.change(ctx, c, func(c *Charge) {
		c.State, c.Page, c.Reason = Released, nil, why
		s.atOnce(c)
	})
}

// giveBack leaves the payer with what is theirs, wherever the sum is.
func (s *Service) giveBack(ctx context.Context, c *Charge) error {
	id, state, err := s.provider.Find(ctx, c.ID.String())
	if err == nil {
		switch state {
		case payment.Waiting, payment.Authorised:
			err = s.provider.Cancel(ctx, id)
		case payment.Captured:
			err = s.provider.Refund(ctx, id)
		}
	} else if payment.KindOf(err) == payment.NotThere {
		err = nil
	}
	if err != nil {
		slog.WarnContext(ctx, "payments: a sum could not be given back", "charge", c.ID, "error", err)
		return s.later(ctx, c, forever, c.Reason)
	}
	return s.change(ctx, c, func(c *Charge) {
		if c.next = nil; c.State != Released {
			c.State = Refunded
		}
	})
}
