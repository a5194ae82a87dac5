package purchase_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/domain"
	"vitrine/internal/payment"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/purchase"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/registrartest"
)

// outages are when the registrar cannot be reached, or does not answer after it has
// done what it was asked for: days after the beginning, and for how many.
var outages = []struct {
	from, days int
	late       bool
}{{400, 5, false}, {700, 2, true}, {1100, 26, false}, {1500, 4, true}, {2000, 10, false}, {2600, 3, true}, {3200, 20, false}}

// weathered is a registrar with outages.
type weathered struct {
	registrar.Provider
	clock clock.Clock
	began time.Time
}

func (w *weathered) do(call func() error) error {
	since := w.clock.Now().Sub(w.began)
	for _, o := range outages {
		if from := time.Duration(o.from) * day; since >= from && since < from+time.Duration(o.days)*day {
			if o.late {
				_ = call()
				return registrar.Errorf(registrar.Unanswered, "cut off")
			}
			return registrar.Errorf(registrar.Unreachable, "It cannot be reached.")
		}
	}
	return call()
}

func (w *weathered) CheckAvailability(ctx context.Context, name string) (o registrar.Offer, err error) {
	err = w.do(func() (err error) { o, err = w.Provider.CheckAvailability(ctx, name); return err })
	return o, err
}

func (w *weathered) RenewDomain(ctx context.Context, r registrar.Renewal) (got registrar.Registration, err error) {
	err = w.do(func() (err error) { got, err = w.Provider.RenewDomain(ctx, r); return err })
	return got, err
}

func (w *weathered) GetDomainInfo(ctx context.Context, name string) (got registrar.Registration, err error) {
	err = w.do(func() (err error) { got, err = w.Provider.GetDomainInfo(ctx, name); return err })
	return got, err
}

// cards are the payers of some names: one is declined now and then for weeks, another
// for ever from the fourth year on.
type cards struct {
	payment.Provider
	clock clock.Clock
	began time.Time
	empty bool // whether any is declined at all
}

func (c *cards) Authorise(ctx context.Context, ch payment.Charge) (string, error) {
	since := c.clock.Now().Sub(c.began)
	switch n := number(ch.For); {
	case !c.empty:
	case n%10 == 3 && int(since/day)%90 < 20, n%10 == 7 && since > 4*365*day:
		return "", payment.Errorf(payment.Declined, "The card was declined.")
	}
	return c.Provider.Authorise(ctx, ch)
}

// number is that of a name.
func number(name string) (n int) {
	_, _ = fmt.Sscanf(name, "name%d.com", &n)
	return n
}

func TestTenYears_autoRenewLosesNoNameThatCouldBeKeptAndRenewsNoneTwice(t *testing.T) {
	t.Parallel()
	for mode, start := range peers {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			if mode != "mock" && many(0, 1) == 0 {
				t.Skip("in the acceptance run only: names of this registrar are looked at each hour")
			}
			dbtest.EachURL(t, func(t *testing.T, address string) {
				d := newDesk(t, address, start)
				began := d.clock.Now()
				d.mend()
				payers := &cards{Provider: sandbox.New(d.db), clock: d.clock, began: began}
				d.use(&weathered{d.peer.provider, d.clock, began}, payers)
				n := many(10, 1000)
				d.buyOverAYear(n)
				payers.empty = true
				for d.clock.Now().Before(began.AddDate(10, 0, 0)) {
					d.pass()
				}
				d.checkYears(n, began)
			})
		})
	}
}

// use puts other providers in the place of the desk's.
func (d *desk) use(r registrar.Provider, p payment.Provider) {
	d.Service = purchase.New(d.db, d.domains, r, p, d.Settings)
}

// buyOverAYear buys names all through the first year, to be renewed by themselves.
func (d *desk) buyOverAYear(n int) {
	d.t.Helper()
	for i := range n {
		name := fmt.Sprintf("name%d.com", i)
		st := d.store(name)
		order := purchase.Order{Domain: name, Years: 1, Contact: registrartest.Contact}
		for try := 0; ; try++ {
			_, err := d.Buy(d.t.Context(), st, order, nil)
			if err == nil {
				break
			}
			if try > 40 {
				d.t.Fatal(err)
			}
			d.clock.Advance(day)
			d.carryOn()
		}
		d.inTx(func(tx *db.Tx) error {
			_, err := domain.SetAutoRenew(d.t.Context(), tx, st.ID, true)
			return err
		})
		d.clock.Advance(300 * day / time.Duration(n))
	}
}

func (d *desk) carryOn() {
	d.t.Helper()
	for _, do := range []func(context.Context) error{d.RenewDue, d.Due} {
		if err := do(d.t.Context()); err != nil {
			d.t.Fatal(err)
		}
		d.clock.Advance(3 * time.Minute)
	}
	if err := d.Due(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// pass lets a day pass, or an hour where a name is about to end.
func (d *desk) pass() {
	d.t.Helper()
	step, now := day, d.clock.Now()
	if d.count(`SELECT count(*) FROM custom_domain WHERE is_purchased AND expiry_date > $1 AND expiry_date <= $2`, db.Time{Time: now.Add(-day)}, db.Time{Time: now.Add(3 * day)}) > 0 {
		step = time.Hour
	}
	d.carryOn()
	d.clock.Advance(step)
}

// checkYears checks that each name that could be paid for is still there, renewed as
// often as years have passed and charged for, and that those that could not were not.
func (d *desk) checkYears(n int, began time.Time) {
	d.t.Helper()
	there, now := d.peer.orders(), d.clock.Now()
	renewed, bought := map[string]int{}, map[string]time.Time{}
	for _, a := range d.attempts() {
		switch {
		case a.kind == purchase.Register && a.state == purchase.Done:
			bought[a.name] = a.until.Time.Truncate(time.Second)
		case a.state == purchase.Done:
			if renewed[a.name]++; d.charged(a) != payment.Captured {
				d.t.Errorf("%s was renewed and not charged", a.name)
			}
		case a.state != purchase.Released || d.charged(a) != "" && d.charged(a) != payment.Cancelled:
			d.t.Errorf("%s of %s ended as %s, its charge %q", a.kind, a.name, a.state, d.charged(a))
		}
	}
	kept, lost := 0, 0
	for i := range n {
		name := fmt.Sprintf("name%d.com", i)
		until := there[name]
		if want := registrar.After(bought[name], renewed[name]); !until.Equal(want) || !d.here(name).Truncate(time.Second).Equal(until) {
			d.t.Errorf("%s was renewed %d times and lasts until %v, here %v", name, renewed[name], until, d.here(name))
		}
		unpaid := i%10 == 7
		switch {
		case unpaid && until.Before(began.AddDate(6, 0, 0)):
			lost++
		case unpaid || until.Before(now.Add(-3*day)):
			d.t.Errorf("%s lasts until %v (nobody pays for it any more: %v)", name, until, unpaid)
		case until.After(now.AddDate(1, 0, 32)):
			d.t.Errorf("%s was renewed ahead of its time, until %v", name, until)
		default:
			kept++
		}
	}
	d.t.Logf("after ten years %d names are kept, and %d that nobody paid for are lost, after %d attempts to renew", kept, lost, len(d.attempts())-n)
}
