package till_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/payment"
	"vitrine/internal/payment/stripe"
	"vitrine/internal/payment/stripe/stripetest"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/till"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	os.Exit(dbtest.Main(m))
}

// logged is all that was logged.
var logged record

type record struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

const (
	hold   = time.Hour
	back   = "https://shop.example/orders/1"
	secret = "whsec_platform"
	price  = 1250
)

// shop sells mugs for money.
type shop struct {
	db     *db.DB
	clock  *clock.Fixed
	owner  account.ID
	store  store.Store
	orders *order.Service
	stock  *inventory.Writer
	mug    catalog.VariantID
	at     *stripetest.Server
	till   *till.Service
	stripe payment.Provider
}

func each(t *testing.T, fn func(t *testing.T, s *shop)) {
	t.Helper()
	t.Parallel()
	dbtest.EachFrom(t, time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), func(t *testing.T, d *db.DB, now *clock.Fixed) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		stock := inventory.NewWriter(d, nil)
		s := &shop{db: d, clock: now, owner: owner, stock: stock, orders: order.New(d, stock, order.Settings{HoldFor: hold}), at: stripetest.New(t, now)}
		s.stripe = stripe.New(d, stripe.Settings{Key: stripetest.Key, WebhookSecret: secret, Endpoint: s.at.URL})
		s.till = till.New(d, s.orders, s.stripe)
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			made := store.New("Mug House")
			made.Type = store.Hybrid
			if s.store, err = setup.Open(t.Context(), tx, owner, made); err != nil {
				return err
			}
			p, v := catalog.NewProduct("Mug"), catalog.NewVariant()
			v.Price = price
			p.Variants = append(p.Variants, v)
			if p, err = catalog.Create(t.Context(), tx, s.store.ID, p); err != nil {
				return err
			}
			s.mug = p.Variants[0].ID
			_, err = stock.Set(t.Context(), tx, s.store.ID, s.mug, nil, inventory.Target{Quantity: 1000}, inventory.Note{})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		fn(t, s)
	})
}

func (s *shop) order(t *testing.T) order.Order {
	t.Helper()
	o, err := s.orders.Place(t.Context(), s.store, order.Request{Email: "ada@example.com", Items: []order.Wanted{{Variant: s.mug, Quantity: 1}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (s *shop) ask(t *testing.T, o order.Order) till.Charge {
	t.Helper()
	c, err := s.till.Ask(t.Context(), s.store, o.ID, till.Bill{Back: back})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// settle lets time pass until nothing is left to do.
func (s *shop) settle(t *testing.T, passes int) {
	t.Helper()
	for range passes {
		s.clock.Advance(10 * time.Minute)
		for _, do := range []func(context.Context) error{s.orders.CancelExpired, s.till.Due} {
			if err := do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// want fails the test unless an order and its last charge stand so.
func (s *shop) want(t *testing.T, o order.Order, status order.Status, state till.State) {
	t.Helper()
	now, err := order.Get(t.Context(), s.db, s.store.ID, o.ID)
	c, _, other := till.Latest(t.Context(), s.db, s.store.ID, o.ID)
	if err := errors.Join(err, other); err != nil || now.Status != status || c.State != state {
		t.Errorf("the order is %s and its charge %s (%s), want %s and %s: %v", now.Status, c.State, c.Reason, status, state, err)
	}
}

// agree fails the test unless the doctor finds nothing, and the sums are these.
func (s *shop) agree(t *testing.T, taken, held int64) {
	t.Helper()
	for x, err := range till.Verify(t.Context(), s.db, s.stripe) {
		t.Errorf("%s, %v", x, err)
	}
	for x, err := range inventory.Verify(t.Context(), s.db) {
		t.Errorf("%s, %v", x, err)
	}
	for x, err := range order.Verify(t.Context(), s.db) {
		t.Errorf("%s, %v", x, err)
	}
	kept, err := db.All(t.Context(), s.db, db.Value[string], `SELECT COALESCE(reason, '') || about || COALESCE(page_url, '') FROM charge`)
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(kept, " ") + logged.String(); strings.Contains(all, stripetest.Key) || strings.Contains(all, secret) {
		t.Error("a secret is where others can read it")
	}
	if s.at.Taken() != taken || s.at.Held() != held {
		t.Errorf("%d are taken and %d held, want %d and %d", s.at.Taken(), s.at.Held(), taken, held)
	}
}

func (s *shop) asked(what string) (n int) {
	for _, seen := range s.at.Seen() {
		if strings.HasPrefix(seen, what) {
			n++
		}
	}
	return n
}

func TestTill_anOrderIsPaidOnAPageAndRefundedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		o := s.order(t)
		c := s.ask(t, o)
		if c.State != till.Waiting || c.Page == nil {
			t.Fatalf("%+v", c)
		}
		s.clock.Advance(2 * time.Second)
		if again := s.ask(t, o); again.ID != c.ID || *again.Page != *c.Page || s.asked("POST /v1/checkout/sessions") != 1 {
			t.Errorf("asked twice: %+v", again)
		}
		if !s.at.Pay(*c.Page) {
			t.Fatal("nobody can pay")
		}
		s.clock.Advance(2 * time.Second)
		if c, err := s.till.Look(t.Context(), s.ask(t, o)); err != nil || c.State != till.Captured {
			t.Fatalf("%+v, %v", c, err)
		}
		s.want(t, o, order.Paid, till.Captured)
		s.agree(t, price, 0)
		if _, err := s.till.Ask(t.Context(), s.store, o.ID, till.Bill{Back: back}); !fault.Is(err, fault.Refused) {
			t.Errorf("a paid order is asked for: %v", err)
		}
		if _, err := s.orders.Cancel(t.Context(), s.store.ID, o.ID, nil, nil); err != nil {
			t.Fatal(err)
		}
		s.at.Fail(stripetest.Lost)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { _ = s.till.Due(context.WithoutCancel(t.Context())) })
		}
		wg.Wait()
		s.settle(t, 3)
		s.want(t, o, order.Cancelled, till.Refunded)
		s.agree(t, 0, 0)
	})
}

func TestTill_whatIsLeftUnpaidIsCancelledAndCannotBePaidAnyMore(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		left, byHand, late := s.order(t), s.order(t), s.order(t)
		pages := map[order.ID]string{}
		for _, o := range []order.Order{left, byHand, late} {
			pages[o.ID] = *s.ask(t, o).Page
		}
		if _, err := s.orders.Pay(t.Context(), s.store.ID, byHand.ID, nil, nil); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(hold)
		if !s.at.Pay(pages[late.ID]) { // and nobody looks until the order is cancelled
			t.Fatal("nobody can pay")
		}
		s.settle(t, 2)
		s.want(t, left, order.Cancelled, till.Released)
		s.want(t, byHand, order.Paid, till.Released)
		s.want(t, late, order.Cancelled, till.Released)
		if s.at.Pay(pages[left.ID]) || s.at.Pay(pages[byHand.ID]) {
			t.Error("a page is open of what nobody is to pay")
		}
		s.agree(t, 0, 0)
	})
}

func TestTill_aPageThatEndedIsAskedForAnew(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		o := s.order(t)
		first := s.ask(t, o)
		s.at.Expire(*first.Page)
		s.clock.Advance(time.Minute)
		if _, err := s.till.Look(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		s.want(t, o, order.Pending, till.Released)
		second := s.ask(t, o)
		if second.ID == first.ID || !s.at.Pay(*second.Page) {
			t.Fatalf("%+v", second)
		}
		s.settle(t, 1)
		s.want(t, o, order.Paid, till.Captured)
		s.agree(t, price, 0)
	})
}

// mortal is a provider whose caller dies before or after a call, now and then.
type mortal struct {
	payment.Provider
	mu   sync.Mutex
	dice *rand.Rand
	odds int // one call in so many kills; 0: none
}

func (m *mortal) die() {
	m.mu.Lock()
	dies := m.odds > 0 && m.dice.IntN(m.odds) == 0
	m.mu.Unlock()
	if dies {
		runtime.Goexit()
	}
}

func (m *mortal) Ask(ctx context.Context, c payment.Charge, back string) (payment.Page, error) {
	m.die()
	defer m.die()
	return m.Provider.Ask(ctx, c, back)
}

func (m *mortal) Capture(ctx context.Context, id string) error {
	m.die()
	defer m.die()
	return m.Provider.Capture(ctx, id)
}

func (m *mortal) Cancel(ctx context.Context, id string) error {
	m.die()
	defer m.die()
	return m.Provider.Cancel(ctx, id)
}

func (m *mortal) Refund(ctx context.Context, id string) error {
	m.die()
	defer m.die()
	return m.Provider.Refund(ctx, id)
}

func (m *mortal) Find(ctx context.Context, key string) (string, payment.State, error) {
	m.die()
	defer m.die()
	return m.Provider.Find(ctx, key)
}

func TestTill_withFaultsAndDeathsEveryOrderIsPaidOnceOrNotAtAll(t *testing.T) {
	orders := 25
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		orders = 1000
	}
	each(t, func(t *testing.T, s *shop) {
		dice := rand.New(rand.NewPCG(7, 7))
		m := &mortal{Provider: s.stripe, dice: rand.New(rand.NewPCG(8, 8)), odds: 6}
		s.till = till.New(s.db, s.orders, m)
		alone := func(do func()) { // a process of its own
			done := make(chan struct{})
			go func() {
				defer close(done)
				do()
			}()
			<-done
		}
		faults := []stripetest.Fault{stripetest.None, stripetest.Fails, stripetest.Cut, stripetest.Lost}
		var all []order.Order
		for range orders {
			o := s.order(t)
			all = append(all, o)
			s.at.Fail(faults[dice.IntN(4)], faults[dice.IntN(4)], faults[dice.IntN(4)])
			for range 3 {
				alone(func() { _, _ = s.till.Ask(t.Context(), s.store, o.ID, till.Bill{Back: back}) })
				if c, ok, err := till.Latest(t.Context(), s.db, s.store.ID, o.ID); err == nil && ok && c.Page != nil && dice.IntN(2) == 0 {
					s.at.Pay(*c.Page)
				}
				s.clock.Advance(7 * time.Second)
			}
			if dice.IntN(3) == 0 {
				if _, err := s.orders.Cancel(t.Context(), s.store.ID, o.ID, nil, nil); err != nil {
					t.Fatal(err)
				}
			}
			alone(func() { _ = s.till.Due(t.Context()) })
		}
		s.settle(t, 8)
		m.mu.Lock()
		m.odds = 0
		m.mu.Unlock()
		s.at.Fail()
		s.settle(t, 16)
		var taken int64
		count := map[order.Status]int{}
		for _, o := range all {
			now, err := order.Get(t.Context(), s.db, s.store.ID, o.ID)
			if err != nil || now.Status == order.Pending {
				t.Fatalf("%+v, %v", now, err)
			}
			if count[now.Status]++; now.Status == order.Paid {
				taken += price
			}
		}
		if count[order.Paid] == 0 || count[order.Cancelled] == 0 {
			t.Errorf("nothing is tested: %v", count)
		}
		s.agree(t, taken, 0)
	})
}

func (s *shop) customer(t *testing.T, card string) {
	t.Helper()
	page, err := s.stripe.KeepCard(t.Context(), s.owner.String(), "ada@example.com", back)
	if err != nil {
		t.Fatal(err)
	}
	s.at.KeepCard(page, card)
}

func TestTill_aPlanIsChargedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		plans, err := account.Plans(t.Context(), s.db)
		if err != nil {
			t.Fatal(err)
		}
		growth := plans[slices.IndexFunc(plans, func(p account.Plan) bool { return p.ID == "growth" })]
		if _, err := s.till.ChangePlan(t.Context(), s.owner, "free"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.till.ChangePlan(t.Context(), s.owner, "growth"); !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "no card") {
			t.Errorf("without a card: %v", err)
		}
		s.customer(t, stripetest.Declines)
		if _, err := s.till.ChangePlan(t.Context(), s.owner, "growth"); !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "declined") {
			t.Errorf("with a card that is declined: %v", err)
		}
		s.customer(t, stripetest.Good)
		if _, err := s.till.ChangePlan(t.Context(), s.owner, "gold"); !fault.Is(err, fault.Invalid) {
			t.Errorf("an unknown plan: %v", err)
		}
		s.at.Fail(stripetest.Lost)
		if _, err := s.till.ChangePlan(t.Context(), s.owner, "growth"); !fault.Is(err, fault.Provider) {
			t.Errorf("with an answer that is lost: %v", err)
		}
		if u, _ := account.Get(t.Context(), s.db, s.owner); u.Plan != "free" {
			t.Errorf("the plan is %s", u.Plan)
		}
		s.settle(t, 1)
		u, err := s.till.ChangePlan(t.Context(), s.owner, "growth")
		if err != nil || u.Plan != "growth" {
			t.Fatalf("%+v, %v", u, err)
		}
		s.agree(t, int64(growth.Price), 0)
		if u, err := s.till.ChangePlan(t.Context(), s.owner, "free"); err != nil || u.Plan != "free" {
			t.Fatalf("%+v, %v", u, err)
		}
		s.agree(t, int64(growth.Price), 0)
	})
}

func TestTill_aWebhookIsBelievedOnlyWhenItIsSigned(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		o := s.order(t)
		c := s.ask(t, o)
		event := func(id, key string) []byte {
			return fmt.Appendf(nil, `{"id":%q,"object":"event","type":"checkout.session.completed","data":{"object":{"object":"checkout.session","client_reference_id":%q}}}`, id, key)
		}
		tell := func(body []byte, at time.Time) error {
			return s.till.Receive(t.Context(), body, stripetest.Sign(body, secret, at))
		}
		if err := tell(event("evt_0", c.ID.String()), s.clock.Now()); err != nil { // before it is true
			t.Fatal(err)
		}
		s.want(t, o, order.Pending, till.Waiting)
		s.at.Pay(*c.Page)
		body := event("evt_1", c.ID.String())
		for name, signature := range map[string]string{
			"none": "", "another secret": stripetest.Sign(body, "whsec_other", s.clock.Now()), "another body": stripetest.Sign([]byte("{}"), secret, s.clock.Now()),
			"old": stripetest.Sign(body, secret, s.clock.Now().Add(-time.Hour)),
		} {
			if err := s.till.Receive(t.Context(), body, signature); !fault.Is(err, fault.Refused) {
				t.Errorf("signature of %s: %v", name, err)
			}
		}
		s.want(t, o, order.Pending, till.Waiting)
		for range 3 {
			if err := tell(body, s.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		s.want(t, o, order.Paid, till.Captured)
		if asked := s.asked("GET /v1/checkout"); asked > 4 {
			t.Errorf("the provider was asked %d times", asked)
		}
		for _, key := range []string{"", "nonsense", o.ID.String()} {
			if err := tell(event("evt_"+key, key), s.clock.Now()); err != nil {
				t.Errorf("about %q: %v", key, err)
			}
		}
		s.agree(t, price, 0)
	})
}
