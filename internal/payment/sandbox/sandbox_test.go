package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/dbtest"
	"vitrine/internal/money"
	"vitrine/internal/payment"
	"vitrine/internal/payment/paymenttest"
	"vitrine/internal/payment/sandbox"
)

var began = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

var charges atomic.Int64

func charge(amount money.Amount, card string) payment.Charge {
	return payment.Charge{
		Key: fmt.Sprintf("charge-%d", charges.Add(1)), Payer: "ada", Amount: amount, Currency: "USD", For: "an order", Card: card,
	}
}

func TestSandbox_isAPaymentProvider(t *testing.T) {
	t.Parallel()
	amounts := map[paymenttest.How]money.Amount{
		paymenttest.Approved: 1250, paymenttest.Declined: sandbox.Declines, paymenttest.Confirmed: sandbox.NeedsCard, paymenttest.Lost: sandbox.GetsLost,
	}
	cards := map[paymenttest.How]string{paymenttest.Declined: sandbox.Decline, paymenttest.Confirmed: sandbox.Confirm, paymenttest.Lost: sandbox.Lose}
	dbtest.EachURL(t, func(t *testing.T, address string) {
		paymenttest.Run(t, func(t *testing.T) paymenttest.Subject {
			c := clock.At(began)
			p := sandbox.New(dbtest.Open(t, address, c))
			return paymenttest.Subject{
				Provider: p, Clock: c,
				Charge: func(_ *testing.T, how paymenttest.How) payment.Charge { return charge(amounts[how], "") },
				OnPage: func(_ *testing.T, how paymenttest.How) payment.Charge { return charge(1250, cards[how]) },
				Pay: func(t *testing.T, key string, page payment.Page) {
					if page.URL != paymenttest.Back+sandbox.BankPage {
						t.Fatalf("the page is %q", page.URL)
					}
					if err := p.Answer(t.Context(), key, true); err != nil {
						t.Fatal(err)
					}
				},
				Sign: func(key string) ([]byte, string) { return p.Sign(payment.Notice{ID: "n1", Key: key}) },
			}
		})
	})
}

func TestSandbox_saysLateAndTwiceWhatHappened(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(began)
		p := sandbox.New(dbtest.Open(t, address, c))
		late := charge(1250, sandbox.Delay)
		page, err := p.Ask(t.Context(), late, paymenttest.Back)
		if err != nil || page.URL != paymenttest.Back {
			t.Fatalf("%+v, %v", page, err)
		}
		var heard []payment.Notice
		away := true
		deliver := func() {
			err := p.Deliver(t.Context(), func(_ context.Context, body []byte, signature string) error {
				if away {
					return errors.New("away")
				}
				n, err := p.Read(body, signature)
				heard = append(heard, n)
				return err
			})
			if err != nil && !away {
				t.Fatal(err)
			}
		}
		deliver()
		if _, s, _ := p.Find(t.Context(), late.Key); s != payment.Waiting {
			t.Errorf("at once it is %q", s)
		}
		c.Advance(time.Minute)
		deliver()
		away = false
		for range 4 {
			deliver()
		}
		if len(heard) != 2 || heard[0] != heard[1] || heard[0].Key != late.Key {
			t.Errorf("heard %+v", heard)
		}
		if _, s, _ := p.Find(t.Context(), late.Key); s != payment.Authorised {
			t.Errorf("later it is %q", s)
		}
	})
}
