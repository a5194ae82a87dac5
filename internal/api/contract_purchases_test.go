package api_test

// What the contract and the rulings say of bought names beyond the QA plan
// (qa_purchase_test.go): prices, payments, renewals by themselves, lost answers and
// processes that die.

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/money"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/mock"
)

// costing makes a year of a .com cost something else.
func (p *platform) costing(price money.Amount) { p.names.Raise(price - 1299) }

// carriedOn lets time pass, and carries on with the purchases that wait.
func (p *platform) carriedOn(t *testing.T, after time.Duration) {
	t.Helper()
	p.clock.Advance(after)
	if err := p.purchases.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestContract_aPurchaseKeepsToThePriceThatWasShown(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		order := orderOf("mystore.com", 1)
		order["price"] = "12.99"
		p.costing(1399)
		c.post(path+"/purchase", order).want(http.StatusBadRequest).detail("costs 13.99 USD by now")
		c.get(path).want(http.StatusNotFound)
		p.chargedOnce(t, "mystore.com", 0)
		order["price"] = "twelve"
		c.post(path+"/purchase", order).want(http.StatusUnprocessableEntity)
		order["price"] = "13.99"
		c.post(path+"/purchase", order).want(http.StatusCreated)
	})
}

func TestContract_badOrdersOfNames(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain/purchase"
		for _, name := range []string{"", "com", "co.uk", "shop.mystore.com", "x.github.io", "localhost", "192.0.2.1", "my_store.com", "mystore.nosuchtld"} {
			c.post(path, orderOf(name, 1)).want(http.StatusUnprocessableEntity)
		}
		c.post(path, orderOf("mystore.museum", 1)).want(http.StatusBadRequest).detail("not sold here")
		c.post(path, orderOf("mystore.io", 1)).want(http.StatusBadRequest).detail("not available")
		wrong := object{"first_name": "", "last_name": " ", "email": "nobody", "phone": "12345", "address": "", "city": nil, "country": "USA", "zip_code": "", "state": 7, "fax": "1"}
		for member, value := range wrong {
			order := orderOf("mystore.com", 1)
			order["contact_info"].(object)[member] = value
			c.post(path, order).want(http.StatusUnprocessableEntity)
		}
		for _, body := range []any{nil, object{}, `{`, object{"domain": "mystore.com", "years": 1}} {
			c.post(path, body).want(http.StatusUnprocessableEntity)
		}
		p.chargedOnce(t, "mystore.com", 0)
	})
}

func TestContract_aDeclinedPaymentBuysNothing(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		refusals := map[money.Amount]string{sandbox.Declines: "declined", sandbox.NeedsCard: "confirmed"}
		for price, why := range refusals {
			p.costing(price)
			c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusBadRequest).detail(why)
			p.costing(1299 - price + 1299)
		}
		c.get(path).want(http.StatusNotFound)
		if _, err := p.names.GetDomainInfo(t.Context(), "mystore.com"); registrar.KindOf(err) != registrar.NotOurs {
			t.Errorf("at the registrar: %v", err)
		}
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusCreated)
	})
}

func TestContract_aPaymentWhoseAnswerIsLostIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		p.costing(sandbox.GetsLost)
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusBadGateway)
		p.carriedOn(t, time.Minute)
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusCreated)
		p.chargedOnce(t, "mystore.com", 1)
	})
}

// A process that dies while it asks leaves an attempt that says so, under a lease
// that runs out.
func TestContract_aPurchaseGoesOnAfterItsProcessDied(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		p.names.Fail(mock.Fault{Err: registrar.Errorf(registrar.Unanswered, "killed"), Late: true})
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusBadGateway)
		err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE purchase SET state = 'registering', lease = $1, lease_until = $2`, tx.NewID(), db.Time{Time: tx.Now().Add(5 * time.Minute)})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		p.carriedOn(t, time.Minute)
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusBadGateway)
		p.carriedOn(t, 5*time.Minute) // says that the answer was lost
		p.carriedOn(t, time.Minute)   // and asks what became of it
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusCreated)
		p.chargedOnce(t, "mystore.com", 1)
	})
}

func TestContract_aRenewalIsMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.bought("mystore.com")
		p.names.Fail(mock.Fault{Err: registrar.Errorf(registrar.Unanswered, "cut off"), Late: true})
		c.post(path+"/renew", object{"years": 1}).want(http.StatusBadGateway)
		c.post(path+"/renew", object{"years": 1}).want(http.StatusBadRequest).detail("being renewed already")
		p.carriedOn(t, time.Minute)
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"expiry_date": "2028-01-15T12:00:00Z"})
		p.chargedOnce(t, "mystore.com", 2)
		var wg sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for range 6 {
			wg.Go(func() {
				r := c.post(path+"/renew", object{"years": 1})
				mu.Lock()
				defer mu.Unlock()
				if r.status == http.StatusOK {
					good++
				} else {
					r.want(http.StatusBadRequest)
				}
			})
		}
		wg.Wait()
		if got := c.get(path).want(http.StatusOK).object()["expiry_date"]; good == 0 || got != time.Date(2028+good, 1, 15, 12, 0, 0, 0, time.UTC).Format(time.RFC3339) {
			t.Errorf("after %d renewals it ends at %v", good, got)
		}
		p.chargedOnce(t, "mystore.com", 2+good)
	})
}

func TestContract_aNameThatWasRenewedElsewhereIsNotChargedFor(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.bought("mystore.com")
		offer, err := p.names.CheckAvailability(t.Context(), "mystore.com")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.names.RenewDomain(t.Context(), registrar.Renewal{Offer: offer, Years: 2, Expires: began.AddDate(1, 0, 0)}); err != nil {
			t.Fatal(err)
		}
		c.post(path+"/renew", object{"years": 1}).want(http.StatusBadRequest).detail("was renewed before, until 2029-01-15")
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"expiry_date": "2029-01-15T12:00:00Z"})
		p.chargedOnce(t, "mystore.com", 1)
	})
}

func TestContract_autoRenewTriesEachDayAndEachHourInTheEnd(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		path := c.bought("mystore.com")
		c.bought("lapses.com")
		c.patch(path+"/auto-renew", object{"auto_renew": true}).want(http.StatusOK)
		// tried lets time pass, tries twice, and tells how often it was tried by then.
		tried := func(after time.Duration, refused bool) int64 {
			t.Helper()
			p.clock.Advance(after)
			for range 2 {
				if refused {
					p.names.Fail(mock.Fault{Err: registrar.Errorf(registrar.Refused, "No.")}, mock.Fault{})
				}
				if err := p.purchases.RenewDue(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			n, err := db.One(t.Context(), p.db, db.Value[int64], `SELECT count(*) FROM purchase WHERE kind = 'renew'`)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, x := range []struct {
			after   time.Duration
			refused bool
			want    int64
		}{
			{334 * 24 * time.Hour, false, 0}, // 31 days before
			{36 * time.Hour, true, 1},
			{time.Hour, true, 1},
			{24 * time.Hour, true, 2},
			{26 * 24 * time.Hour, true, 3}, // less than three days before
			{61 * time.Minute, true, 4},
		} {
			if got := tried(x.after, x.refused); got != x.want {
				t.Fatalf("%v later it was tried %d times, want %d", x.after, got, x.want)
			}
		}
		p.names.Heal()
		if got := tried(61*time.Minute, false); got != 5 {
			t.Errorf("tried %d times", got)
		}
		for name, want := range map[string]time.Time{"mystore.com": began.AddDate(2, 0, 0), "lapses.com": began.AddDate(1, 0, 0)} {
			if got, err := p.names.GetDomainInfo(t.Context(), name); err != nil || !got.Expires.Equal(want) {
				t.Errorf("%s ends at %v, want %v; %v", name, got.Expires, want, err)
			}
			if got, err := db.One(t.Context(), p.db, db.Value[db.Time], `SELECT expiry_date FROM custom_domain WHERE domain = $1`, name); err != nil || !got.Equal(want) {
				t.Errorf("here %s ends at %v, want %v; %v", name, got, want, err)
			}
		}
		p.chargedOnce(t, "mystore.com", 2)
	})
}

func TestContract_ownersAreToldOfNamesThatEndOnceForEachTime(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.bought("mystore.com")
		c.post(strings.TrimSuffix(path, "/domain")+"/webhooks", object{"url": "https://example.com/hook", "events": array{"domain.expiring"}}).want(http.StatusCreated)
		told := func(left time.Duration, want int) {
			t.Helper()
			p.clock.Advance(began.AddDate(1, 0, 0).Add(-left).Sub(p.db.Now()))
			for range 2 {
				if err := p.purchases.Tell(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			n, err := db.One(t.Context(), p.db, db.Value[int64], `SELECT count(*) FROM webhook_delivery WHERE event = 'domain.expiring'`)
			if err != nil || int(n) != want {
				t.Fatalf("%v before the end: told %d times, want %d; %v", left, n, want, err)
			}
		}
		const day = 24 * time.Hour
		told(61*day, 0)
		told(60*day, 1)
		told(31*day, 1)
		told(30*day, 2)
		told(7*day, 3)
		told(day, 4)
		told(-time.Hour, 5)
		told(-2*day, 5)
	})
}
