package purchase_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/certificate"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	dnsmock "vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/payment"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/purchase"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/registrartest"
	"vitrine/internal/store"
)

// logged is all that was logged: thousands of faults that are meant, and no secret.
var logged record

type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) has(secret string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Contains(r.text.Bytes(), []byte(secret))
}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	os.Exit(dbtest.MainAccept(m))
}

// many is how much is done in CI, or in the acceptance run.
func many(ci, accept int) int {
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		return accept
	}
	return ci
}

// desk is where an account buys names, while everything fails now and then.
type desk struct {
	*purchase.Service
	t        *testing.T
	clock    *clock.Fixed
	db       *db.DB
	names    *registrartest.Faulty
	payments *faultyPayments
	peer     peer
	domains  *domain.Service
	owner    account.ID
	random   *rand.Rand
	stores   map[string]store.Store // by the names that they stand under
	heard    []string               // what callers were told
}

// eachDesk runs fn for each registrar on every database.
func eachDesk(t *testing.T, fn func(d *desk)) {
	t.Helper()
	for mode, start := range peers {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dbtest.EachURL(t, func(t *testing.T, address string) { fn(newDesk(t, address, start)) })
		})
	}
}

func newDesk(t *testing.T, address string, start func(*testing.T, *db.DB, clock.Clock) peer) *desk {
	t.Helper()
	c := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
	d := &desk{t: t, clock: c, db: dbtest.Open(t, address, c), stores: map[string]store.Store{}, random: rand.New(rand.NewPCG(7, 7))} //nolint:gosec // repeatable
	d.peer = start(t, d.db, c)
	d.names = registrartest.NewFaulty(d.peer.provider, 11, 4)
	d.payments = &faultyPayments{Provider: sandbox.New(d.db), random: rand.New(rand.NewPCG(13, 13))} //nolint:gosec // repeatable
	d.domains = domain.New(d.db, dnsmock.New(d.db, 0), nil, certificate.NewMock(c), fixture.DomainSettings)
	d.Service = purchase.New(d.db, d.domains, d.names, d.payments, purchase.Settings{Mode: d.peer.mode, Nameservers: registrartest.Servers})
	var err error
	if d.owner, err = fixture.Account(t.Context(), d.db); err != nil {
		t.Fatal(err)
	}
	d.inTx(func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, `UPDATE account SET plan_id = 'scale' WHERE id = $1`, d.owner)
		return err
	})
	return d
}

func (d *desk) inTx(do func(tx *db.Tx) error) {
	d.t.Helper()
	if err := d.db.InTx(d.t.Context(), do); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) mend() {
	d.names.Mend()
	d.payments.mend()
	if d.peer.wire != nil {
		d.peer.wire.Mend()
	}
}

// store makes a store to stand under a name.
func (d *desk) store(name string) (st store.Store) {
	d.t.Helper()
	d.inTx(func(tx *db.Tx) (err error) {
		st, err = store.Create(d.t.Context(), tx, d.owner, store.New("Shop of "+name))
		return err
	})
	d.stores[name] = st
	return st
}

var errDied = &fault.Error{Kind: fault.Provider, Code: "died", Message: "The process died."}

// live does something. When the process dies of it, its attempts stay with nobody
// until their leases run out.
func (d *desk) live(do func() error) (err error) {
	defer func() {
		switch died := recover(); died {
		case nil:
		case registrartest.Death:
			d.inTx(func(tx *db.Tx) error {
				_, err := db.Exec(d.t.Context(), tx, `UPDATE purchase SET lease = $1, lease_until = $2 WHERE next_at IS NOT NULL`,
					tx.NewID(), db.Time{Time: tx.Now().Add(5 * time.Minute)})
				return err
			})
			d.clock.Advance(5 * time.Minute)
			err = errDied
		default:
			panic(died)
		}
	}()
	return do()
}

// told keeps what a caller hears, which is one of the answers that the contract has.
func (d *desk) told(err error) {
	d.t.Helper()
	if err == nil {
		return
	}
	d.heard = append(d.heard, err.Error())
	if !fault.Is(err, fault.Provider) && !fault.Is(err, fault.Refused) {
		d.t.Errorf("an error of another kind: %v", err)
	}
}

// due carries on with what waits, one at a time, as a process that dies does all at
// once.
func (d *desk) due() {
	d.t.Helper()
	if err := d.live(func() error { return purchase.DueOneByOne(d.t.Context(), d.Service) }); err != nil && !errors.Is(err, errDied) {
		d.t.Fatal(err)
	}
}

// settle carries on until nothing waits.
func (d *desk) settle(rounds int) {
	d.t.Helper()
	for range rounds {
		if d.count(`SELECT count(*) FROM purchase WHERE next_at IS NOT NULL`) == 0 {
			return
		}
		d.clock.Advance(time.Hour)
		d.due()
	}
	d.t.Errorf("%d attempts still wait after %d hours", d.count(`SELECT count(*) FROM purchase WHERE next_at IS NOT NULL`), rounds)
}

func (d *desk) count(query string, args ...any) int {
	d.t.Helper()
	n, err := db.One(d.t.Context(), d.db, db.Value[int], query, args...)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func TestFaults_eachNameIsBoughtOnceAndEachChargeIsForOne(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(d *desk) {
		n := many(50, 1000)
		for i := range n {
			name := fmt.Sprintf("name%d.com", i)
			order := purchase.Order{Domain: name, Years: 1 + d.random.IntN(min(3, d.MaxFirstTerm())), Contact: registrartest.Contact}
			st := d.store(name)
			for range 1 + d.random.IntN(2) { // some ask again
				d.told(d.live(func() error { _, err := d.Buy(d.t.Context(), st, order, nil); return err }))
				d.clock.Advance(10 * time.Second)
			}
			if d.random.IntN(4) == 0 {
				d.due()
			}
		}
		d.settle(400)
		bought := d.count(`SELECT count(*) FROM custom_domain WHERE is_purchased`)
		d.check()
		d.ripen()
		for range n {
			name := fmt.Sprintf("name%d.com", d.random.IntN(n))
			d.told(notThere(d.live(func() error { _, err := d.Renew(d.t.Context(), d.stores[name].ID, 1, nil); return err })))
			d.clock.Advance(10 * time.Second)
			if d.random.IntN(4) == 0 {
				d.due()
			}
		}
		d.settle(400)
		d.mend()
		d.settle(100)
		d.check()
		faults := d.names.Faults() + d.payments.faults
		if d.peer.wire != nil {
			faults += d.peer.wire.Faults()
		}
		renewed := d.count(`SELECT count(*) FROM purchase WHERE kind = 'renew' AND state = 'done'`)
		d.t.Logf("%d of %d names were bought and %d renewals made, with %d faults", bought, n, renewed, faults)
		if bought < n/5 || renewed < n/25 || faults < n/2 {
			d.t.Error("too little happened")
		}
	})
}

// notThere is no error: the name was not bought.
func notThere(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// ripen lets time pass until the names can be renewed.
func (d *desk) ripen() {
	d.t.Helper()
	last, err := db.One(d.t.Context(), d.db, db.Value[db.Time], `SELECT min(expiry_date) FROM custom_domain WHERE is_purchased`)
	if err != nil {
		d.t.Fatal(err)
	}
	if !d.peer.provider.Capabilities().EarlyRenewal {
		d.clock.Advance(last.Sub(d.clock.Now()) + 24*time.Hour)
	}
}

// attempt is an attempt as it has ended.
type attempt struct {
	id     purchase.ID
	name   string
	kind   purchase.Kind
	state  purchase.State
	years  int
	until  db.NullTime
	charge *string
	events int
	first  string
}

func (d *desk) attempts() []attempt {
	d.t.Helper()
	all, err := db.All(d.t.Context(), d.db, func(row db.Row) (a attempt, err error) {
		err = row.Scan(&a.id, &a.name, &a.kind, &a.state, &a.years, &a.until, &a.charge, &a.events, &a.first)
		return a, err
	}, `
		SELECT p.id, p.domain, p.kind, p.state, p.years, p.expires_at, p.charge_id,
			(SELECT count(*) FROM purchase_event e WHERE e.purchase_id = p.id),
			(SELECT e.state FROM purchase_event e WHERE e.purchase_id = p.id ORDER BY e.id LIMIT 1)
		FROM purchase p ORDER BY p.id`)
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// check holds the attempts, the names at the registrar, those here and the charges
// against each other.
func (d *desk) check() {
	d.t.Helper()
	there := d.peer.orders()
	wanted, registered := map[string]time.Time{}, map[string]int{}
	captured := 0
	for _, a := range d.attempts() {
		if a.events < 2 || a.first != string(purchase.Quoted) {
			d.t.Errorf("%s of %s: its audit has %d steps and begins with %q", a.kind, a.name, a.events, a.first)
		}
		state := d.charged(a)
		switch {
		case a.state == purchase.Done:
			if captured++; state != payment.Captured {
				d.t.Errorf("%s of %s is done, and its charge %q", a.kind, a.name, state)
			}
			if wanted[a.name] = registrar.After(wanted[a.name], a.years); a.kind == purchase.Register {
				wanted[a.name] = a.until.Time.Truncate(time.Second)
				registered[a.name]++
			}
		case a.state == purchase.Released && state != "" && state != payment.Cancelled, a.state != purchase.Released:
			d.t.Errorf("%s of %s ended as %s, and its charge %q", a.kind, a.name, a.state, state)
		}
	}
	for name, until := range wanted {
		if registered[name] != 1 || !there[name].Equal(until) {
			d.t.Errorf("%s was registered %d times, until %v, and is there until %v", name, registered[name], until, there[name])
		}
		if here := d.here(name); !here.Truncate(time.Second).Equal(until) {
			d.t.Errorf("%s lasts until %v, here until %v", name, until, here)
		}
	}
	for name := range there {
		if registered[name] == 0 {
			d.t.Errorf("%s is registered, and nobody knows", name)
		}
	}
	if got := d.count(`SELECT count(*) FROM test_charge WHERE state = 'captured'`); got != captured {
		d.t.Errorf("%d charges were captured for %d orders", got, captured)
	}
	if left := d.count(`SELECT count(*) FROM test_charge WHERE state NOT IN ('captured', 'cancelled')`); left > 0 {
		d.t.Errorf("%d charges are neither taken nor let go of", left)
	}
	d.checkSecrets()
}

func (d *desk) here(name string) time.Time {
	d.t.Helper()
	until, err := db.One(d.t.Context(), d.db, db.Value[db.Time], `SELECT expiry_date FROM custom_domain WHERE domain = $1 AND is_purchased`, name)
	if err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
	return until.Time
}

// charged is the state of an attempt's charge; empty where there is none.
func (d *desk) charged(a attempt) payment.State {
	d.t.Helper()
	_, state, err := sandbox.New(d.db).Find(d.t.Context(), a.id.String())
	if err != nil {
		if payment.KindOf(err) != payment.NotThere {
			d.t.Fatal(err)
		}
		return ""
	}
	return state
}

// checkSecrets looks for the registrar's secrets in all that others can read.
func (d *desk) checkSecrets() {
	d.t.Helper()
	audit, err := db.All(d.t.Context(), d.db, db.Value[string], `
		SELECT detail FROM purchase_event UNION ALL SELECT coalesce(reason, '') || coalesce(order_id, '') || coalesce(code, '') FROM purchase`)
	if err != nil {
		d.t.Fatal(err)
	}
	public := strings.Join(append(audit, d.heard...), "\n")
	for _, secret := range d.peer.secrets {
		if strings.Contains(public, secret) || logged.has(secret) {
			d.t.Errorf("the secret %.4s… stands where others can read it", secret)
		}
	}
}

// faultyPayments is a payment provider that fails now and then, before it has done what
// it was asked for or after, or has its caller die.
type faultyPayments struct {
	payment.Provider

	mu     sync.Mutex
	random *rand.Rand
	off    bool
	faults int
}

func (f *faultyPayments) mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = true
}

func (f *faultyPayments) do(call func() error) error {
	f.mu.Lock()
	failing, late, dies := !f.off && f.random.IntN(6) == 0, f.random.IntN(2) == 0, f.random.IntN(3) == 0
	if failing {
		f.faults++
	}
	f.mu.Unlock()
	if !failing || late {
		if err := call(); err != nil || !failing {
			return err
		}
	}
	if dies {
		panic(registrartest.Death)
	}
	return payment.Errorf(payment.Unanswered, "cut off")
}

func (f *faultyPayments) Authorise(ctx context.Context, c payment.Charge) (id string, err error) {
	err = f.do(func() (err error) {
		f.mu.Lock()
		declined := !f.off && f.random.IntN(20) == 0
		f.mu.Unlock()
		if declined {
			return payment.Errorf(payment.Declined, "The card was declined.")
		}
		id, err = f.Provider.Authorise(ctx, c)
		return err
	})
	return id, err
}

func (f *faultyPayments) Capture(ctx context.Context, id string) error {
	return f.do(func() error { return f.Provider.Capture(ctx, id) })
}

func (f *faultyPayments) Cancel(ctx context.Context, id string) error {
	return f.do(func() error { return f.Provider.Cancel(ctx, id) })
}

func (f *faultyPayments) Find(ctx context.Context, key string) (id string, s payment.State, err error) {
	err = f.do(func() (err error) { id, s, err = f.Provider.Find(ctx, key); return err })
	return id, s, err
}
