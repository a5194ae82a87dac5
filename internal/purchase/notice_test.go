package purchase_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/domain"
	"vitrine/internal/fixture"
	"vitrine/internal/mail"
	"vitrine/internal/payment"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/purchase"
	"vitrine/internal/registrar"
	registrarmock "vitrine/internal/registrar/mock"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

// poor is a payment provider whose cards are all declined once they are.
type poor struct {
	payment.Provider
	declines bool
}

func (p *poor) Authorise(ctx context.Context, c payment.Charge) (string, error) {
	if p.declines {
		return "", payment.Errorf(payment.Declined, "The card was declined.")
	}
	return p.Provider.Authorise(ctx, c)
}

// mute is a registrar that says nothing once it is silent, and does nothing.
type mute struct {
	registrar.Provider
	silent bool
}

var errSilent = registrar.Errorf(registrar.Unanswered, "nothing")

func (m *mute) RenewDomain(ctx context.Context, r registrar.Renewal) (registrar.Registration, error) {
	if m.silent {
		return registrar.Registration{}, errSilent
	}
	return m.Provider.RenewDomain(ctx, r)
}

func (m *mute) GetDomainInfo(ctx context.Context, name string) (registrar.Registration, error) {
	if m.silent {
		return registrar.Registration{}, errSilent
	}
	return m.Provider.GetDomainInfo(ctx, name)
}

// owner is somebody with a bought name.
type owner struct {
	t         *testing.T
	db        *db.DB
	clock     *clock.Fixed
	email     string
	store     store.Store
	card      *poor
	names     *mute
	purchases *purchase.Service
	mails     *mail.Service
	expires   time.Time
}

func eachOwner(t *testing.T, fn func(o *owner)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		o := &owner{t: t, clock: clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))}
		o.db = dbtest.Open(t, address, o.clock)
		o.mails = mail.New(o.db, nil, "https://vitrine.example", nil)
		who, err := fixture.Account(t.Context(), o.db)
		if err != nil {
			t.Fatal(err)
		}
		u, err := account.Get(t.Context(), o.db, who)
		if err != nil {
			t.Fatal(err)
		}
		o.email = u.Email
		err = o.db.InTx(t.Context(), func(tx *db.Tx) (err error) {
			o.store, err = setup.Open(t.Context(), tx, who, store.New("Tea House"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		domains, _ := fixture.Domains(o.db, o.clock)
		o.card, o.names = &poor{Provider: sandbox.New(o.db)}, &mute{Provider: registrarmock.New(o.db)}
		o.purchases = purchase.New(o.db, domains, o.names, o.card, fixture.PurchaseSettings)
		bought, err := o.purchases.Buy(t.Context(), o.store, purchase.Order{Domain: "tea-house.com", Years: 1, Contact: registrar.Contact{
			FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com", Phone: "+442079460958", Address: "12 St James's Square", City: "London", Country: "GB", ZIP: "SW1Y 4JH",
		}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		o.expires = *bought.Domain.Purchase.Expires
		fn(o)
	})
}

// until moves the clock to so long before the end of the name.
func (o *owner) until(left time.Duration) {
	o.clock.Advance(o.expires.Add(-left).Sub(o.clock.Now()))
}

// heard are the subjects of all mails to the owner, oldest first.
func (o *owner) heard() []string {
	o.t.Helper()
	all, err := o.mails.Outbox(o.t.Context(), 100)
	if err != nil {
		o.t.Fatal(err)
	}
	var subjects []string
	for _, m := range all {
		if m.To != o.email || !strings.Contains(m.Text, "https://vitrine.example/dashboard") {
			o.t.Errorf("a mail to %s: %s", m.To, m.Text)
		}
		subjects = append([]string{m.Subject}, subjects...)
	}
	return subjects
}

const day = 24 * time.Hour

func TestNotices_areMailedAt60And30And7And1DaysAndAfterTheEnd(t *testing.T) {
	eachOwner(t, func(o *owner) {
		for _, left := range []time.Duration{90 * day, 61 * day, 60 * day, 45 * day, 30 * day, 7 * day, 2 * day, day, time.Hour, -time.Hour, -2 * day, -40 * day} {
			o.until(left)
			for range 2 {
				if err := o.purchases.Tell(o.t.Context()); err != nil {
					o.t.Fatal(err)
				}
			}
		}
		want := []string{
			"tea-house.com expires in 60 days", "tea-house.com expires in 30 days", "tea-house.com expires in 7 days", "tea-house.com expires in 1 day", "tea-house.com has expired",
		}
		if got := o.heard(); !slices.Equal(got, want) {
			o.t.Errorf("heard %q", got)
		}
	})
}

func TestNotices_tellOnceADayThatTheCardWasDeclined(t *testing.T) {
	eachOwner(t, func(o *owner) {
		err := o.db.InTx(o.t.Context(), func(tx *db.Tx) error {
			_, err := domain.SetAutoRenew(o.t.Context(), tx, o.store.ID, true)
			return err
		})
		if err != nil {
			o.t.Fatal(err)
		}
		o.card.declines = true
		o.until(2 * day)
		for range 3 { // in the last days it is tried each hour
			if err := o.purchases.RenewDue(o.t.Context()); err != nil {
				o.t.Fatal(err)
			}
			o.clock.Advance(61 * time.Minute)
		}
		if got := o.heard(); !slices.Equal(got, []string{"tea-house.com could not be renewed: the payment failed"}) {
			o.t.Errorf("heard %q", got)
		}
		o.card.declines = false
		if err := o.purchases.RenewDue(o.t.Context()); err != nil {
			o.t.Fatal(err)
		}
		now, err := domain.Get(o.t.Context(), o.db, o.store.ID)
		if err != nil || !now.Purchase.Expires.After(o.expires) || len(o.heard()) != 1 {
			o.t.Errorf("it ends %v, %v; heard %q", now.Purchase.Expires, err, o.heard())
		}
	})
}

func TestPhaseOf_tellsGraceAndRedemption(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for left, want := range map[time.Duration]purchase.Phase{
		61 * day: purchase.Running, 60 * day: purchase.Ending, time.Second: purchase.Ending, 0: purchase.Grace, -29 * day: purchase.Grace,
		-30 * day: purchase.Redemption, -59 * day: purchase.Redemption, -60 * day: purchase.Lost,
	} {
		if got := purchase.PhaseOf(now.Add(left), now); got != want {
			t.Errorf("%v before its end: %d, want %d", left, got, want)
		}
	}
}
