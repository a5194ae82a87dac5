package main_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
	"vitrine/internal/order"
	"vitrine/internal/payment/stripe/stripetest"
	"vitrine/internal/seal"
	"vitrine/internal/store"
)

// paidAt are the requests of a payment at which the server is killed.
var paidAt = []point{{"/capture", 0}, {"/refunds", 0}, {"/checkout/sessions", 0}, {"/checkout/sessions", 1}, {"/checkout/sessions", 2}, {"/checkout/sessions", 3}}

// counter is a shop whose orders are paid at a server that is killed.
type counter struct {
	*server
	gate    *gate
	d       *db.DB
	at      *stripetest.Server
	links   order.Links
	token   string
	store   id.UUID
	slug    string
	variant string
	shut    <-chan struct{}
}

// TestKill_atEveryRequestOfAPayment kills the server while Stripe has each of the requests
// of an order that is paid and given back, before and after its effect.
func TestKill_atEveryRequestOfAPayment_takesAndGivesBackEachSumOnce(t *testing.T) {
	if os.Getenv("VITRINE_TEST_ACCEPT") == "" {
		t.Skip("in the acceptance run only: it waits for jobs, and the tests of package till die at each call, too")
	}
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		at, stop := stripetest.Start(clock.System{})
		t.Cleanup(stop)
		g := &gate{next: at}
		listening := httptest.NewServer(g)
		t.Cleanup(listening.Close)
		c := &counter{gate: g, at: at, server: &server{t: t, binary: binary, address: address, env: []string{
			"VITRINE_PAYMENT_PROVIDER_MODE=stripe", "VITRINE_STRIPE_ENDPOINT=" + listening.URL, "VITRINE_STRIPE_SECRET_KEY=" + stripetest.Key, "VITRINE_STRIPE_WEBHOOK_SECRET=whsec_kill",
		}}}
		c.start()
		defer func() { c.kill() }()
		c.d = dbtest.Open(t, address, clock.System{})
		c.open()
		n := 0
		for _, p := range paidAt {
			for _, late := range []bool{false, true} {
				c.shut = g.set(p, late)
				c.payAndGiveBack()
				g.open()
				n++
			}
		}
		if at.Taken() != 0 || at.Held() != 0 {
			t.Errorf("%d are taken and %d held", at.Taken(), at.Held())
		}
		refunded, err := db.One(t.Context(), c.d, db.Value[int], `SELECT count(*) FROM charge WHERE state = 'refunded'`)
		if err != nil || refunded != n {
			t.Errorf("%d of %d were paid and given back, %v", refunded, n, err)
		}
		doctor := exec.Command(binary, "doctor") //nolint:gosec,noctx // our own binary
		doctor.Env = append(append(os.Environ(), "VITRINE_DATABASE_URL="+address), c.env...)
		if said, err := doctor.CombinedOutput(); err != nil || !strings.Contains(string(said), "no differences") {
			t.Errorf("doctor: %s, %v", said, err)
		}
	})
}

// open opens a shop with mugs in stock.
func (c *counter) open() {
	c.t.Helper()
	key, err := seal.StoredKey(c.t.Context(), c.d, order.LinkKey)
	if err != nil {
		c.t.Fatal(err)
	}
	c.links = order.NewLinks(key)
	c.token, _ = c.newUser()
	var shop struct {
		ID   id.UUID
		Slug string
	}
	var product struct{ Variants []struct{ ID string } }
	c.create("/stores", map[string]string{"name": "Mugs", "store_type": "hybrid"}, &shop)
	c.store, c.slug = shop.ID, shop.Slug
	c.create("/stores/"+shop.ID.String()+"/products", map[string]any{"title": "Mug", "status": "active", "variants": []map[string]string{{"price": "12.50"}}}, &product)
	c.variant = product.Variants[0].ID
	c.create("/stores/"+shop.ID.String()+"/inventory", map[string]any{"variant_id": c.variant, "quantity": 100}, new(any))
}

func (c *counter) create(path string, body, into any) {
	c.t.Helper()
	if status, err := c.post(path, c.token, body, into); err != nil || status >= http.StatusMultipleChoices {
		c.t.Fatalf("%s: %d, %v", path, status, err)
	}
}

// payAndGiveBack has an order paid at Stripe and cancelled afterwards, in a world in which
// the server may be killed at any moment.
func (c *counter) payAndGiveBack() {
	c.t.Helper()
	orders := "/stores/" + c.store.String() + "/orders"
	var o struct{ ID id.UUID }
	c.create(orders, map[string]any{"customer": map[string]string{"email": "ada@example.com"}, "items": []map[string]any{{"variant_id": c.variant, "quantity": 1}}}, &o)
	page := "/s/" + c.slug + "/orders/" + c.links.Token(store.ID{UUID: c.store}, order.ID{UUID: o.ID})
	state := func() (charge, pays string) {
		_ = db.Each(c.t.Context(), c.d, func(row db.Row) error { return row.Scan(&charge, &pays) },
			`SELECT state, COALESCE(page_url, '') FROM charge WHERE order_id = $1 ORDER BY id DESC LIMIT 1`, o.ID)
		return charge, pays
	}
	c.until("asked", func() bool {
		c.form(page+"/pay", url.Values{})
		charge, pays := state()
		return charge == "waiting" && c.at.Pay(pays)
	})
	c.until("paid", func() bool {
		c.form(page, nil)
		charge, _ := state()
		return charge == "captured"
	})
	c.until("given back", func() bool {
		_, _ = c.post(orders+"/"+o.ID.String()+"/cancel", c.token, nil, new(any))
		charge, _ := state()
		return charge == "refunded"
	})
}

// form sends a form, or looks at a page, without waiting for a server that is stuck.
func (c *counter) form(path string, form url.Values) {
	client := http.Client{Timeout: time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	send := func() (*http.Response, error) { return client.PostForm(c.url+path, form) } //nolint:noctx // bounded above
	if form == nil {
		send = func() (*http.Response, error) { return client.Get(c.url + path) } //nolint:noctx // bounded above
	}
	res, err := send()
	if err == nil {
		_ = res.Body.Close()
	}
}

// until does something until it has come to what is waited for, and kills the server when
// the request is there at which it is to die.
func (c *counter) until(what string, is func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(40 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		select {
		case <-c.shut:
			c.kill()
			c.start()
			c.shut = nil
		default:
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("it never happens: %s", what)
		}
	}
}
