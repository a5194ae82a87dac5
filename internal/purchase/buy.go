package purchase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/job"
	"vitrine/internal/money"
	"vitrine/internal/registrar"
	"vitrine/internal/store"
)

// Why an attempt came to nothing.
const (
	codeTaken       = "domain_unavailable"
	codePrice       = "price_changed"
	codePremium     = "premium_name"
	codeContact     = "contact_refused"
	codePayment     = "payment_failed"
	codeUnsupported = "not_sold_here"
	codeRenewed     = "already_renewed"
	codeRefused     = "registrar_failed"
)

// Order is what a merchant asks for.
type Order struct {
	Domain  string
	Years   int
	Contact registrar.Contact
	Price   money.Amount // of the first year, as they saw it; 0: whatever it costs
}

// Bought is what came of buying or renewing a name.
type Bought struct {
	Purchase Purchase
	Domain   domain.Domain
}

// Buy registers a name for a store and puts the store under it. It returns once the
// name is the merchant's and everything else was tried once; what fails after the
// registration is tried again by itself. Where the registrar is not through with it,
// or does not answer, the error is a fault.Provider, and the attempt goes on. Buying
// for the same store what it has bought already is that purchase again. then, if
// there is one, runs in the last transaction.
func (s *Service) Buy(ctx context.Context, st store.Store, o Order, then func(context.Context, *db.Tx, Bought) error) (Bought, error) {
	name, err := s.check(&o)
	if err != nil {
		return Bought{}, err
	}
	p, err := s.before(ctx, st, name)
	if err != nil || p != nil {
		return s.outcome(ctx, p, then, err)
	}
	h := &held{claim: ID{s.db.NewID()}, Purchase: Purchase{
		Kind: Register, Account: st.Owner, Store: &st.ID, Name: name, Years: o.Years, Contact: &o.Contact, Registrar: s.Mode, Payer: s.payments.Name(),
		Offer: registrar.Offer{Price: o.Price},
	}}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		d, err := s.domains.Attach(ctx, tx, st, name)
		if err != nil {
			return err
		}
		h.Domain = d.ID
		err = insert(ctx, tx, &h.Purchase, h.claim)
		if tx.Violates(err, "purchase_live") {
			return domain.ErrInUse
		}
		if err != nil {
			return err
		}
		if err := audit.InStore(ctx, tx, st.ID.UUID, audit.DomainBuy, audit.Thing{Kind: "domain", ID: d.ID.String(), Name: name}); err != nil {
			return err
		}
		return note(ctx, tx, h.ID, Quoted, fmt.Sprintf("%s was ordered for %s.", name, years(o.Years)))
	})
	if err != nil {
		if p, _ := s.before(ctx, st, name); p != nil { // it was asked for twice at once
			return s.outcome(ctx, p, then, nil)
		}
		return Bought{}, err
	}
	err = s.carryOn(ctx, h)
	return s.outcome(ctx, &h.Purchase, then, err)
}

// check reads an order, and leaves it as the registrar wants it.
func (s *Service) check(o *Order) (name string, err error) {
	var f fault.Form
	name, _, suffix := s.domains.CheckRegistrable(&f, "domain", o.Domain)
	if o.Years < 1 || o.Years > MaxYears {
		f.Addf("years", o.Years, "must be between 1 and %d", MaxYears)
	}
	s.checkContact(&f, "contact_info.", &o.Contact)
	if err := f.Err(); err != nil {
		return "", err
	}
	can := s.registrar.Capabilities()
	switch {
	case !can.Sells(suffix):
		return "", fault.Refusedf(codeUnsupported, "Names under .%s are not sold here.", suffix)
	case o.Years > can.MaxFirstTerm:
		return "", fault.Refusedf("term_too_long", "This registrar registers a name for at most %s at first: it can be renewed later.", years(can.MaxFirstTerm))
	}
	return name, nil
}

func years(n int) string {
	if n == 1 {
		return "one year"
	}
	return fmt.Sprintf("%d years", n)
}

// before returns the attempt that an order repeats, if it does. What is there stands
// in the way of anything else.
func (s *Service) before(ctx context.Context, st store.Store, name string) (*Purchase, error) {
	d, err := domain.Named(ctx, s.db, st.Owner, name)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	mine := d.Store != nil && *d.Store == st.ID
	if d.Purchase.Bought && d.Store == nil {
		return nil, fault.Refusedf("already_yours", "You own %s already: connect it to this store instead.", name)
	}
	p, err := latest(ctx, s.db, st.Owner, name, Register)
	if errors.Is(err, db.ErrNoRows) || err == nil && (!mine || p.Domain != d.ID) {
		return nil, nil // Attach says what is in the way
	}
	return p, err
}

// outcome is what a caller hears of an attempt.
func (s *Service) outcome(ctx context.Context, p *Purchase, then func(context.Context, *db.Tx, Bought) error, err error) (Bought, error) {
	if err != nil {
		return Bought{}, err
	}
	var out Bought
	err = s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		var err error
		if out.Purchase, err = Get(ctx, tx, p.ID); err != nil {
			return err
		}
		if err := out.Purchase.told(); err != nil {
			return err
		}
		if out.Domain, err = domain.ByID(ctx, tx, out.Purchase.Domain); err != nil || then == nil {
			return err
		}
		return then(ctx, tx, out)
	})
	return out, err
}

// told is the error that a caller gets for an attempt that has not led to the name.
func (p *Purchase) told() error {
	switch {
	case p.State.Happened():
		return nil
	case p.State == Released && p.Code == codeRefused:
		return &fault.Error{Kind: fault.Provider, Code: p.Code, Message: p.Reason}
	case p.State == Released:
		return fault.Refusedf(p.Code, "%s", p.Reason)
	}
	return &fault.Error{
		Kind: fault.Provider, Code: "purchase_pending", RetryAfter: 10 * time.Second,
		Message: "The registrar is not through with " + p.Name + " yet. It goes on by itself, and nothing is bought or charged twice.",
	}
}

// HandleJobs has r carry on with the attempts that wait, renew what is to be renewed
// by itself, and tell of names that end.
func (s *Service) HandleJobs(r *job.Runner) {
	r.Every("carry on with purchases", 5*time.Second, s.Due)
	r.AfterSetBack(func(ctx context.Context, tx *db.Tx, latest db.Time) error {
		_, err := db.Exec(ctx, tx, `UPDATE purchase SET next_at = $1 WHERE next_at > $1`, latest)
		return err
	})
	r.Every("renew domains", 10*time.Minute, s.RenewDue)
	r.Every("tell of domains that end", time.Hour, s.Tell)
}

// History are the steps of all attempts at the domain of a store.
func History(ctx context.Context, q db.Q, st store.ID) ([]Event, error) {
	d, err := domain.Get(ctx, q, st)
	if err != nil {
		return nil, err
	}
	return Events(ctx, q, d.ID)
}
