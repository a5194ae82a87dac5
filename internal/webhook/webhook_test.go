package webhook_test

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/seal"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

func service(t testing.TB, key byte, allowPrivate bool) *webhook.Service {
	t.Helper()
	s, err := seal.New(seal.Key{key})
	if err != nil {
		t.Fatal(err)
	}
	return webhook.NewService(s, allowPrivate)
}

// shop makes a store.
func shop(t *testing.T, d *db.DB) store.ID {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	var s store.Store
	write(t, d, func(tx *db.Tx) (err error) {
		s, err = store.Create(t.Context(), tx, owner, store.New("Shop"))
		return err
	})
	return s.ID
}

// hook makes a webhook that wants to hear of new products.
func hook(t *testing.T, d *db.DB, st store.ID) webhook.Queue {
	t.Helper()
	w := webhook.New()
	w.URL, w.Events = "https://hooks.example", []webhook.Event{webhook.ProductCreated}
	write(t, d, func(tx *db.Tx) (err error) {
		w, err = service(t, 1, false).Create(t.Context(), tx, st, w)
		return err
	})
	return webhook.Queue{Store: st, Webhook: w.ID}
}

func write(t *testing.T, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func emit(t *testing.T, d *db.DB, st store.ID, n int) {
	t.Helper()
	messages := make([]webhook.Message, n)
	for i := range messages {
		messages[i] = webhook.Message{Store: st, Event: webhook.ProductCreated, Data: webhook.Data{"n": i}}
	}
	write(t, d, func(tx *db.Tx) error { return webhook.EmitAll(t.Context(), tx, messages) })
}

func claim(t *testing.T, d *db.DB, q webhook.Queue, n int) []webhook.Parcel {
	t.Helper()
	parcels, err := service(t, 1, false).Claim(t.Context(), d, q, n, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return parcels
}

func TestEmit_writesForEveryStoreAndWebhookThatAsks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two, deaf := shop(t, d), shop(t, d), shop(t, d)
		first, second, other := hook(t, d, one), hook(t, d, one), hook(t, d, two)
		write(t, d, func(tx *db.Tx) error {
			return webhook.EmitAll(t.Context(), tx, []webhook.Message{
				{Store: one, Event: webhook.ProductCreated},
				{Store: two, Event: webhook.ProductCreated},
				{Store: one, Event: webhook.OrderPaid},
				{Store: one, Event: webhook.ProductCreated},
				{Store: deaf, Event: webhook.ProductCreated},
			})
		})
		for q, want := range map[webhook.Queue]int{first: 2, second: 2, other: 1} {
			if got := claim(t, d, q, 10); len(got) != want {
				t.Errorf("%d of %d events", len(got), want)
			}
		}
	})
}

func TestDue_isTheSameOnACluster(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if d.Engine() != db.Postgres {
			t.Skip("only PostgreSQL can be a cluster")
		}
		one, two := shop(t, d), shop(t, d)
		hook(t, d, one)
		hook(t, d, two)
		hook(t, d, shop(t, d))
		emit(t, d, one, 3)
		emit(t, d, two, 2)
		plain, err := webhook.Due(t.Context(), d, d.Now())
		if err != nil || len(plain) != 2 {
			t.Fatalf("%v, %v", plain, err)
		}
		dbtest.AsCluster(t, d)
		if all, err := webhook.Due(t.Context(), d, d.Now()); err != nil || !slices.Equal(all, plain) {
			t.Errorf("%v, %v, not %v", all, err, plain)
		}
	})
}

func TestDue_namesEachQueueOnceHoweverLongItIs(t *testing.T) {
	t.Parallel()
	dbtest.EachFrom(t, time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), func(t *testing.T, d *db.DB, c *clock.Fixed) {
		st, quiet := shop(t, d), shop(t, d)
		long, short := hook(t, d, st), hook(t, d, st)
		hook(t, d, quiet)
		emit(t, d, st, 300)
		due := func() map[webhook.Queue]bool {
			found, err := webhook.Due(t.Context(), d, d.Now())
			if err != nil {
				t.Fatal(err)
			}
			all := map[webhook.Queue]bool{}
			for _, q := range found {
				all[q] = true
			}
			if len(all) != len(found) {
				t.Errorf("named twice: %v", found)
			}
			return all
		}
		if all := due(); len(all) != 2 || !all[long] || !all[short] {
			t.Errorf("due: %v", all)
		}
		if taken := claim(t, d, short, 1000); len(taken) != 300 {
			t.Errorf("%d taken", len(taken))
		}
		if all := due(); len(all) != 1 || !all[long] {
			t.Errorf("due: %v", all)
		}
	})
}

func TestClaim_givesEachDeliveryToOneSenderUntilItsLeaseEnds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st := shop(t, d)
		q := hook(t, d, st)
		emit(t, d, st, 40)
		var mu sync.Mutex
		taken := map[webhook.DeliveryID]int{}
		var senders sync.WaitGroup
		for range 4 {
			senders.Go(func() {
				for range 40 {
					for _, p := range claim(t, d, q, 3) {
						mu.Lock()
						taken[p.Delivery]++
						mu.Unlock()
					}
				}
			})
		}
		senders.Wait()
		for one, times := range taken {
			if times != 1 {
				t.Errorf("%s was taken %d times", one, times)
			}
		}
		if len(taken) != 40 {
			t.Errorf("%d of 40 were taken", len(taken))
		}
	})
}

func TestSettle_anOutcomeThatComesTooLateChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.EachFrom(t, time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), func(t *testing.T, d *db.DB, c *clock.Fixed) {
		st, s := shop(t, d), service(t, 1, false)
		q := hook(t, d, st)
		emit(t, d, st, 1)
		slow := claim(t, d, q, 1)
		c.Advance(31 * time.Second)
		fast := claim(t, d, q, 1)
		if len(slow) != 1 || len(fast) != 1 {
			t.Fatal(slow, fast)
		}
		settle := func(p webhook.Parcel, trouble string) webhook.Delivery {
			if err := s.Settle(t.Context(), d, q, []webhook.Outcome{{Parcel: p, Code: 200, Error: trouble}}); err != nil {
				t.Fatal(err)
			}
			found, err := webhook.GetDelivery(t.Context(), d, st, q.Webhook, p.Delivery)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if got := settle(slow[0], "It broke."); got.Error != nil || got.Status != webhook.Pending {
			t.Errorf("too late: %+v", got)
		}
		if got := settle(fast[0], ""); got.Status != webhook.Succeeded || got.Attempts != 2 || got.NextAttemptAt != nil {
			t.Errorf("in time: %+v", got)
		}
		if got := settle(fast[0], "It broke."); got.Status != webhook.Succeeded {
			t.Errorf("a second time: %+v", got)
		}
	})
}

func TestClaim_withoutTheSecretThereIsNothingToSignWith(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st := shop(t, d)
		q := hook(t, d, st)
		emit(t, d, st, 1)
		parcels, err := service(t, 2, false).Claim(t.Context(), d, q, 1, time.Minute)
		if err != nil || len(parcels) != 1 || parcels[0].Secret != "" {
			t.Errorf("%+v, %v", parcels, err)
		}
	})
}

func TestCreate_boundsHowManyAStoreHas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st := shop(t, d)
		for range 50 {
			hook(t, d, st)
		}
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := service(t, 1, false).Create(t.Context(), tx, st, webhook.Webhook{URL: "https://hooks.example", Events: []webhook.Event{webhook.OrderPaid}})
			return err
		})
		fault.AssertCode(t, err, "too_many_webhooks")
	})
}

func TestNext_firstWithinTenSecondsThenLessAndLessOftenForADay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	at, last, failures := now, time.Duration(0), 1
	for ; ; failures++ {
		next := webhook.Next(at, failures)
		if next == nil {
			break
		}
		wait := next.Sub(at)
		if failures == 1 && wait > 10*time.Second || wait <= last {
			t.Errorf("after %d failures it waits %s, before that %s", failures, wait, last)
		}
		at, last = *next, wait
	}
	if total := at.Sub(now); total < 22*time.Hour || total > 26*time.Hour {
		t.Errorf("given up after %s and %d tries", total, failures)
	}
}

func TestAllows_onlyThePublicInternet(t *testing.T) {
	t.Parallel()
	s, open := service(t, 1, false), service(t, 1, true)
	for address, public := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "2606:2800:220:1::1": true, "64:ff9b::808:808": true, "2002:808:808::1": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "127.255.0.3": false, "10.1.2.3": false, "172.31.255.255": false, "192.168.0.1": false, "169.254.169.254": false,
		"0.0.0.0": false, "0.1.2.3": false, "100.64.0.1": false, "192.0.0.8": false, "198.19.0.1": false, "224.0.0.251": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "fd12::1": false, "fc00::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:192.168.1.1": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::a00:1": false, "2002:a00:1::1": false,
	} {
		a := netip.MustParseAddr(address)
		if s.Allows(a) != public {
			t.Errorf("%s: allowed %v", a, !public)
		}
		if !open.Allows(a) {
			t.Errorf("%s is not allowed by webhook_allow_private", a)
		}
	}
}

// FuzzAddress looks for an address that is taken and leads to a place that is not
// public as it stands.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"https://hooks.example/a?b#c", "http://[::1]:80", "http://127.1", "http://0x7f.1", "http://[fe80::1%25eth0]/", "http://a@b", "http://１２７.0.0.1/"} {
		f.Add(seed)
	}
	s := service(f, 1, false)
	f.Fuzz(func(t *testing.T, raw string) {
		taken, err := webhook.Checked(s, raw)
		if err != nil {
			return
		}
		u, err := url.Parse(taken)
		if err != nil || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
			t.Fatalf("%q became %q (%v)", raw, taken, err)
		}
		host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
		if a, err := netip.ParseAddr(host); err == nil && !s.Allows(a) || host == "" || host == "localhost" {
			t.Fatalf("%q leads to %s", raw, host)
		}
		if again, err := webhook.Checked(s, taken); err != nil || again != taken {
			t.Fatalf("%q became %q and then %q (%v)", raw, taken, again, err)
		}
	})
}
