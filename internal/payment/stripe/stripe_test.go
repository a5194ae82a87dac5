package stripe_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
	"github.com/stripe/stripe-mock/spec"

	"vitrine/internal/clock"
	"vitrine/internal/dbtest"
	"vitrine/internal/money"
	"vitrine/internal/payment"
	"vitrine/internal/payment/paymenttest"
	"vitrine/internal/payment/stripe"
	"vitrine/internal/payment/stripe/stripetest"
)

var began = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

const webhookSecret = "whsec_of_the_tests"

var charges atomic.Int64

func charge(payer string) payment.Charge {
	return payment.Charge{Key: fmt.Sprintf("charge-%d", charges.Add(1)), Payer: payer, Amount: 1250, Currency: "USD", For: "shop.example", Email: "ada@example.com"}
}

// payer returns somebody who keeps a card.
func payer(t *testing.T, p *stripe.Provider, at *stripetest.Server, card string) string {
	t.Helper()
	name := fmt.Sprintf("payer-%d", charges.Add(1))
	page, err := p.KeepCard(t.Context(), name, "ada@example.com", paymenttest.Back)
	if err != nil {
		t.Fatal(err)
	}
	at.KeepCard(page, card)
	return name
}

func signed(c clock.Clock, payload string) ([]byte, string) {
	s := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(payload), Secret: webhookSecret, Timestamp: c.Now()})
	return s.Payload, s.Header
}

func TestStripe_isAPaymentProvider(t *testing.T) {
	t.Parallel()
	cards := map[paymenttest.How]string{
		paymenttest.Approved: stripetest.Good, paymenttest.Declined: stripetest.Declines, paymenttest.Confirmed: stripetest.Confirms, paymenttest.Lost: stripetest.Good,
	}
	dbtest.EachURL(t, func(t *testing.T, address string) {
		paymenttest.Run(t, func(t *testing.T) paymenttest.Subject {
			c := clock.At(began)
			at := stripetest.New(t, c)
			p := stripe.New(dbtest.Open(t, address, c), stripe.Settings{Key: stripetest.Key, WebhookSecret: webhookSecret, Endpoint: at.URL})
			lose := func(how paymenttest.How) {
				if how == paymenttest.Lost {
					at.Fail(stripetest.Lost)
				}
			}
			return paymenttest.Subject{
				Provider: p, Clock: c,
				Charge: func(t *testing.T, how paymenttest.How) payment.Charge {
					made := charge(payer(t, p, at, cards[how]))
					lose(how)
					return made
				},
				OnPage: func(_ *testing.T, how paymenttest.How) payment.Charge {
					lose(how)
					return charge("")
				},
				Pay: func(t *testing.T, _ string, page payment.Page) {
					if !at.Pay(page.URL) {
						t.Fatal("nobody can pay there")
					}
				},
				Sign: func(key string) ([]byte, string) {
					return signed(c, `{"id":"evt_1","object":"event","type":"checkout.session.completed","data":{"object":{"object":"checkout.session","client_reference_id":"`+key+`"}}}`)
				},
			}
		})
	})
}

func TestStripe_asksAgainAfterSilenceAndChargesOnce(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(began)
		at := stripetest.New(t, c)
		p := stripe.New(dbtest.Open(t, address, c), stripe.Settings{Key: stripetest.Key, Endpoint: at.URL})
		who := payer(t, p, at, stripetest.Good)
		for _, fault := range []stripetest.Fault{stripetest.Cut, stripetest.Fails, stripetest.Lost} {
			one, held := charge(who), at.Held()
			at.Fail(fault)
			if _, err := p.Authorise(t.Context(), one); payment.KindOf(err) != payment.Unanswered {
				t.Fatalf("fault %d: %v", fault, err)
			}
			at.Fail(fault)
			_, _ = p.Authorise(t.Context(), one)
			at.Fail()
			id, err := p.Authorise(t.Context(), one)
			if err != nil || at.Held() != held+1250 {
				t.Fatalf("fault %d: %v; %d are held, and were %d", fault, err, at.Held(), held)
			}
			for _, step := range []struct {
				name string
				do   func() error
			}{{"capture", func() error { return p.Capture(t.Context(), id) }}, {"refund", func() error { return p.Refund(t.Context(), id) }}} {
				at.Fail(fault)
				if err := step.do(); payment.KindOf(err) != payment.Unanswered || err == nil {
					t.Errorf("fault %d: %s: %v", fault, step.name, err)
				}
				at.Fail()
				if err := step.do(); err != nil {
					t.Errorf("fault %d: %s again: %v", fault, step.name, err)
				}
			}
		}
		if at.Taken() != 0 {
			t.Errorf("%d are still taken", at.Taken())
		}
	})
}

func TestStripe_aPayerWithoutACardIsToldSo(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(began)
		at := stripetest.New(t, c)
		p := stripe.New(dbtest.Open(t, address, c), stripe.Settings{Key: stripetest.Key, Endpoint: at.URL})
		_, err := p.Authorise(t.Context(), charge("nobody"))
		if payment.KindOf(err) != payment.NeedsPayer || len(at.Seen()) != 0 {
			t.Errorf("%v after %v", err, at.Seen())
		}
		who := payer(t, p, at, stripetest.Good)
		if _, err := p.KeepCard(t.Context(), who, "ada@example.com", paymenttest.Back); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, asked := range at.Seen() {
			if asked == "POST /v1/customers" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the payer is %d customers", n)
		}
		if card, err := p.Card(t.Context(), who); err != nil || card != "Visa •••• 4242, 12/2030" {
			t.Errorf("the card is %q, %v", card, err)
		}
	})
}

// quiet keeps what is logged, to look for secrets in it.
type quiet struct {
	mu sync.Mutex
	strings.Builder
}

func (q *quiet) Write(b []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.Builder.Write(b)
}

func TestStripe_tellsNobodyTheKey(t *testing.T) {
	log := &quiet{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.mu.Lock()
		defer log.mu.Unlock()
		if strings.Contains(log.String(), "NobodyMaySeeThis") {
			t.Error("the key is in the log")
		}
	})
	const wrong = "sk_live_NobodyMaySeeThis"
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(began)
		d := dbtest.Open(t, address, c)
		at := stripetest.New(t, c)
		echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"type": "invalid_request_error", "message": "It came with " + r.Header.Get("Authorization")}})
		}))
		defer echo.Close()
		for _, endpoint := range []string{at.URL, echo.URL, "http://127.0.0.1:1", "://"} {
			p := stripe.New(d, stripe.Settings{Key: wrong, WebhookSecret: webhookSecret, Endpoint: endpoint})
			_, askErr := p.Ask(t.Context(), charge(""), paymenttest.Back)
			_, keepErr := p.KeepCard(t.Context(), "ada", "ada@example.com", paymenttest.Back)
			_, readErr := p.Read([]byte("{}"), "t=1,v1=00")
			for _, err := range []error{askErr, keepErr, p.Capture(t.Context(), "pi_1"), p.Refund(t.Context(), "cs_1"), readErr} {
				if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "NobodyMaySeeThis") || strings.Contains(err.Error(), webhookSecret) {
					t.Errorf("at %s: %v", endpoint, err)
				}
			}
		}
	})
}

func TestStripe_countsAsStripeDoes(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(began)
		at := stripetest.New(t, c)
		p := stripe.New(dbtest.Open(t, address, c), stripe.Settings{Key: stripetest.Key, Endpoint: at.URL})
		who := payer(t, p, at, stripetest.Good)
		for _, sum := range []struct {
			amount   int64
			currency string
			want     int64 // 0: refused
		}{{1250, "USD", 1250}, {1250, "JPY", 1250}, {1250, "ISK", 125000}, {1250, "KWD", 1250}, {1251, "KWD", 0}, {1200, "MGA", 12}, {1250, "MGA", 0}} {
			one, held := charge(who), at.Held()
			one.Amount, one.Currency = money.Amount(sum.amount), money.Currency(sum.currency)
			_, err := p.Authorise(t.Context(), one)
			if (err == nil) != (sum.want != 0) || at.Held()-held != sum.want {
				t.Errorf("%d %s: %d are held, %v", sum.amount, sum.currency, at.Held()-held, err)
			}
		}
	})
}

// TestStripe_sendsWhatStripeTakes sends each request to Stripe's own stand-in, which
// holds it against the published description of the API and answers from examples.
func TestStripe_sendsWhatStripeTakes(t *testing.T) {
	t.Parallel()
	var description spec.Spec
	var examples spec.Fixtures
	for _, read := range []struct {
		from []byte
		into any
	}{{embedded.OpenAPISpec, &description}, {embedded.OpenAPIFixtures, &examples}} {
		if err := json.Unmarshal(read.from, read.into); err != nil {
			t.Fatal(err)
		}
	}
	stub, err := server.NewStubServer(&examples, &description, false, false)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var refused []string
	mock := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusOf{ResponseWriter: w}
		stub.HandleRequest(seen, r)
		if seen.status >= http.StatusBadRequest {
			mu.Lock()
			defer mu.Unlock()
			refused = append(refused, fmt.Sprintf("%s %s: %d", r.Method, r.URL.Path, seen.status))
		}
	}))
	t.Cleanup(mock.Close)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		p := stripe.New(dbtest.Open(t, address, clock.At(began)), stripe.Settings{Key: stripetest.Key, Endpoint: mock.URL})
		if page, err := p.KeepCard(t.Context(), "ada", "ada@example.com", paymenttest.Back); err != nil {
			t.Errorf("keep a card: %q, %v", page, err)
		}
		page, err := p.Ask(t.Context(), charge(""), paymenttest.Back)
		if err != nil || !strings.HasPrefix(page.Charge, "cs_") {
			t.Errorf("ask: %+v, %v", page, err)
		}
		// The examples are no charge in the state that each call wants, but every
		// request has to be one that Stripe takes.
		_, _ = p.Authorise(t.Context(), charge("ada"))
		_, _ = p.Card(t.Context(), "ada")
		for _, do := range []func() error{
			func() error { return p.Cancel(t.Context(), page.Charge) },
			func() error { return p.Cancel(t.Context(), "pi_1") },
			func() error { return p.Capture(t.Context(), "pi_1") },
			func() error { return p.Refund(t.Context(), "pi_1") },
		} {
			if err := do(); payment.KindOf(err) == payment.Unanswered && err != nil {
				t.Error(err)
			}
		}
	})
	t.Cleanup(func() {
		if len(refused) > 0 {
			t.Errorf("refused: %v", slices.Compact(refused))
		}
	})
}

type statusOf struct {
	http.ResponseWriter
	status int
}

func (s *statusOf) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
