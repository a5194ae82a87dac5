package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/payment"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/payment/stripe"
	"vitrine/internal/payment/stripe/stripetest"
	"vitrine/internal/store"
	"vitrine/internal/till"
	"vitrine/internal/web"
)

func TestPayments_aWebhookIsTakenOnceAndOnlyFromTheProvider(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		m := p.merchant(t)
		shop, key := p.pending(t, m)
		tell := func(n payment.Notice) *response {
			body, signature := p.bank.Sign(n)
			return p.nobody(t).do("POST", "/payments/webhook", string(body), http.Header{"Stripe-Signature": {signature}})
		}
		body, signature := p.bank.Sign(payment.Notice{ID: "1", Key: key})
		for _, forged := range []http.Header{nil, {"Stripe-Signature": {"t=1,v1=00"}}, {"Stripe-Signature": {signature + "0"}}} {
			r := p.nobody(t).do("POST", "/payments/webhook", string(body), forged).want(http.StatusBadRequest).object()
			if r["detail"] != "This webhook is not signed by the payment provider, or was long ago." {
				t.Errorf("%v", r)
			}
		}
		tell(payment.Notice{ID: "early", Key: key}).want(http.StatusNoContent)
		if err := p.bank.Answer(t.Context(), key, true); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			tell(payment.Notice{ID: "1", Key: key}).want(http.StatusNoContent)
		}
		tell(payment.Notice{ID: "late", Key: key}).want(http.StatusNoContent)
		tell(payment.Notice{ID: "other"}).want(http.StatusNoContent)
		if o := m.get(shop + "/orders").want(http.StatusOK).array()[0]; o["status"] != "paid" {
			t.Errorf("the order is %v", o["status"])
		}
		p.clock.Advance(time.Hour)
		p.nobody(t).do("POST", "/payments/webhook", string(body), http.Header{"Stripe-Signature": {signature}}).want(http.StatusBadRequest)
	})
}

// pending is an order whose shopper was led to a page, and the key of its charge.
func (p *platform) pending(t *testing.T, m *client) (shop, key string) {
	t.Helper()
	made := m.post("/stores", object{"name": "Mugs"}).want(http.StatusCreated).object()
	shop = "/stores/" + made["id"].(string)
	product := m.post(shop+"/products", object{"title": "Mug", "status": "active", "variants": []object{{"price": "12.50"}}}).want(http.StatusCreated).object()
	variant := product["variants"].([]any)[0].(object)["id"]
	o := m.post(shop+"/orders", object{"customer": object{"email": "ada@example.com"}, "items": []object{{"variant_id": variant, "quantity": 1}}}).want(http.StatusCreated).object()
	st, err := id.Parse(made["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	of, err := id.Parse(o["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.till.Ask(t.Context(), store.Store{ID: store.ID{UUID: st}, Name: "Mugs"}, order.ID{UUID: of}, till.Bill{Back: "https://shop.example/o", Card: sandbox.Confirm})
	if err != nil || c.State != till.Waiting {
		t.Fatalf("%+v, %v", c, err)
	}
	return shop, c.ID.String()
}

func TestPayments_tooManyWebhooksFromAnAddressAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		p := serve(t, address, api.Deps{Shoppers: web.NewLimiter(3)})
		for range 3 {
			p.nobody(t).do("POST", "/payments/webhook", "{}", nil).want(http.StatusBadRequest)
		}
		p.nobody(t).do("POST", "/payments/webhook", "{}", nil).want(http.StatusTooManyRequests)
	})
}

// A provider that says the platform's key in its refusals does not have it told on.
func TestPayments_noAnswerHoldsTheKey(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(object{"error": object{"type": "invalid_request_error", "message": "It came with " + r.Header.Get("Authorization")}})
		}))
		t.Cleanup(echo.Close)
		d := dbtest.Open(t, address, clock.At(began))
		pays := stripe.New(d, stripe.Settings{Key: stripetest.Key, WebhookSecret: "whsec_platform", Endpoint: echo.URL})
		p := serve(t, address, api.Deps{Till: till.New(d, order.New(d, inventory.NewWriter(d, nil), order.Settings{}), pays)})
		p.nobody(t).do("POST", "/payments/webhook", "{}", http.Header{"Stripe-Signature": {"t=1,v1=00"}}).want(http.StatusBadRequest)
		m := p.merchant(t)
		m.put("/billing/plan", object{"plan": "growth"}).want(http.StatusBadRequest).detail("no card")
		if _, err := pays.KeepCard(t.Context(), m.user["id"].(string), "a@example.com", "https://shop.example"); err == nil || strings.Contains(err.Error(), stripetest.Key) {
			t.Errorf("%v", err)
		}
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `INSERT INTO stripe_payer (payer, customer) VALUES ($1, 'cus_1')`, m.user["id"])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		m.put("/billing/plan", object{"plan": "growth"}).want(http.StatusBadRequest).detail("Stripe does not take this payment: It came with Bearer ***")
	})
}
