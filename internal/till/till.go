// Package till takes the money for shoppers' orders and merchants' plans. Every sum is a
// row that is written before the payment provider is asked for it. From then on the
// order says what is to become of it, the provider says what has, and a step brings the
// two together: so nothing is lost with a process or an answer, and whoever carries a
// charge on twice changes nothing.
package till

import (
	"context"
	"errors"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/job"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/payment"
	"vitrine/internal/store"
)

// ID names a charge, to the payment provider too.
type ID struct{ id.UUID }

// State says how far a charge is.
type State string

// The states. What is Released or Refunded is over, and the order can be charged anew.
const (
	Asked    State = "asked"    // the provider is to be asked
	Waiting  State = "waiting"  // the payer has a page on which they say how they pay
	Paid     State = "paid"     // what it is for is given: the sum is to be captured
	Captured State = "captured" // it is ours
	Released State = "released" // it came to nothing, and nothing is charged
	Refunded State = "refunded" // what it was for is taken back, and so is the sum
)

// Charge is a sum that somebody pays for an order or a plan.
type Charge struct {
	ID        ID
	Store     *store.ID // of the order
	Order     *order.ID
	Account   *account.ID // whose plan it is for
	Plan      *string
	Provider  string
	Amount    money.Amount
	Currency  money.Currency
	State     State
	Page      *string // where the payer says how they pay, while it is Waiting
	Reason    string  // why it is not further
	CreatedAt time.Time
	UpdatedAt time.Time

	about, email, card, back string

	charge  *string // what the provider calls it
	tries   int
	version int64
	next    *time.Time // when it is to be carried on; nil: not by itself
}

// Open tells whether somebody is being asked for the sum.
func (c Charge) Open() bool { return c.State == Asked || c.State == Waiting }

// Service takes money. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	orders   *order.Service
	provider payment.Provider
	heard    []Listener
}

// Listener is told, in a transaction, that the provider says something of a charge under
// a key. Keys that it does not know are not its own.
type Listener func(ctx context.Context, tx *db.Tx, key id.UUID) error

// New returns a Service. The provider's webhooks are told to others, too.
func New(d *db.DB, orders *order.Service, p payment.Provider, others ...Listener) *Service {
	return &Service{db: d, orders: orders, provider: p, heard: others}
}

// HandleJobs has r carry on with the charges that wait, and forget old webhooks.
func (s *Service) HandleJobs(r *job.Runner) {
	r.Every("carry on with payments", 5*time.Second, s.Due)
	r.Every("forget payment notices", time.Hour, s.forget)
	r.AfterSetBack(func(ctx context.Context, tx *db.Tx, latest db.Time) error {
		_, err := db.Exec(ctx, tx, `UPDATE charge SET next_at = $1 WHERE next_at > $1`, latest)
		return err
	})
}

// Bill is what an order's shopper is asked with.
type Bill struct {
	Back string // the address of the order's page
	Card string // what they say in a form of ours, in tests only
}

// Ask asks for the money of an order that waits for it, or goes on with what was asked
// for before. It returns how the charge stands; its Page, if there is one, is where the
// shopper goes on.
func (s *Service) Ask(ctx context.Context, st store.Store, id order.ID, b Bill) (Charge, error) {
	o, err := order.Get(ctx, s.db, st.ID, id)
	switch {
	case err != nil:
		return Charge{}, err
	case !o.Allows(order.ToPay):
		return Charge{}, fault.Refusedf("order_"+string(o.Status), "Order %s is %s and cannot be paid.", o.Label(), o.Status)
	}
	c := Charge{
		Store: &st.ID, Order: &o.ID, Amount: o.Total, Currency: o.Currency, about: "Order " + o.Label() + " at " + st.Name,
		email: o.Email, card: b.Card, back: b.Back,
	}
	if o.Total == 0 {
		c.State = Captured
		_, err := s.orders.Pay(ctx, st.ID, o.ID, nil, func(ctx context.Context, tx *db.Tx, o order.Order) error { return confirm(ctx, tx, &c, o) })
		return c, err
	}
	return s.begin(ctx, c, "charge_of_order", func() (Charge, bool, error) { return Latest(ctx, s.db, st.ID, o.ID) })
}

// begin writes a charge down, unless there is one that lives, and carries it on.
func (s *Service) begin(ctx context.Context, c Charge, unique string, there func() (Charge, bool, error)) (Charge, error) {
	err := s.db.InTx(ctx, func(tx *db.Tx) error { return s.insert(ctx, tx, &c) })
	if s.db.Violates(err, unique) {
		found, ok, err := there()
		if err != nil || !ok {
			return Charge{}, err
		}
		if found.State == Asked { // by somebody else at this moment: the provider takes it as one
			return s.resume(ctx, found.ID)
		}
		return s.Look(ctx, found)
	}
	if err != nil {
		return Charge{}, err
	}
	return s.resume(ctx, c.ID)
}

// Look asks the provider how a charge stands that somebody is being asked for, unless it
// was asked just now.
func (s *Service) Look(ctx context.Context, c Charge) (Charge, error) {
	if !c.Open() || c.Provider != s.provider.Name() || s.db.Now().Sub(c.UpdatedAt) < justNow {
		return c, nil
	}
	now := s.db.Now()
	c.next = &now
	err := s.carryOn(ctx, &c)
	if errors.Is(err, errMoved) {
		return s.resume(ctx, c.ID)
	}
	return c, err
}

// ChangePlan moves a user to a plan, and charges the first month of one that costs
// something.
func (s *Service) ChangePlan(ctx context.Context, user account.ID, plan string) (account.User, error) {
	u, err := account.Get(ctx, s.db, user)
	if err != nil {
		return account.User{}, err
	}
	p, err := account.PlanFor(ctx, s.db, u, plan)
	if err != nil {
		return account.User{}, err
	}
	if p.Price == 0 || p.ID == u.Plan {
		err := s.db.InTx(ctx, func(tx *db.Tx) (err error) {
			u, err = account.ChangePlan(ctx, tx, user, p.ID)
			return err
		})
		return u, err
	}
	c, err := s.chargePlan(ctx, Charge{Account: &user, Plan: &p.ID, Amount: p.Price, Currency: p.Currency, about: "The plan " + p.Name + ", for a " + p.Period, email: u.Email})
	switch {
	case err != nil:
		return account.User{}, err
	case c.State == Released:
		return account.User{}, fault.Refusedf("payment_failed", "%s", c.Reason)
	case c.State == Asked:
		return account.User{}, &fault.Error{
			Kind: fault.Provider, Code: "payment_pending", RetryAfter: 10 * time.Second,
			Message: "The payment provider has not answered yet. The plan changes once it has, and nothing is charged twice.",
		}
	}
	return account.Get(ctx, s.db, user)
}

// chargePlan charges a plan, after another one that is being charged to the same user.
func (s *Service) chargePlan(ctx context.Context, wanted Charge) (Charge, error) {
	for {
		c, err := s.begin(ctx, wanted, "charge_of_plan", func() (Charge, bool, error) { return ofPlan(ctx, s.db, *wanted.Account) })
		if err != nil || c.State == Asked || c.Plan != nil && *c.Plan == *wanted.Plan {
			return c, err
		}
	}
}
