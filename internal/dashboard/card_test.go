package dashboard_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/clock"
	"vitrine/internal/payment"
	"vitrine/internal/payment/stripe"
	"vitrine/internal/payment/stripe/stripetest"
)

func TestAccount_saysThatPaymentsAreTests(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		if page := m.get("/dashboard/account"); !strings.Contains(page.body, "Test payments") || strings.Contains(page.body, "Add a card") {
			t.Error("nothing says that payments are tests")
		}
	})
}

func TestAccount_keepsACardAtStripeThatPaysForNames(t *testing.T) {
	eachPaid(t, func(t *testing.T, s *site) payment.Provider {
		s.stripe = stripetest.New(t, clock.System{})
		return stripe.New(s.db, stripe.Settings{Key: stripetest.Key, Endpoint: s.stripe.URL})
	}, func(t *testing.T, s *site) {
		m, at := s.merchant(t), s.stripe
		if page := m.get("/dashboard/account"); !strings.Contains(page.body, "Add a card") || strings.Contains(page.body, "Test payments") {
			t.Error("no card can be added")
		}
		leave := m.post("/dashboard/account/card")
		to := regexp.MustCompile(`href="(http[^"]*/c/pay/[^"]*)"`).FindStringSubmatch(leave.body)
		if leave.StatusCode != http.StatusOK || to == nil || leave.Header.Get("Refresh") != "0; url="+to[1] {
			t.Fatalf("%d, %q: %s", leave.StatusCode, leave.Header.Get("Refresh"), leave.body)
		}
		if a := m.post("/dashboard/account/plan", "plan", "growth"); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "There is no card to charge yet") {
			t.Errorf("a plan without a card: %d", a.StatusCode)
		}
		at.KeepCard(to[1], stripetest.Good)
		if a := m.post("/dashboard/account/plan", "plan", "growth"); a.StatusCode != http.StatusSeeOther || at.Taken() == 0 || at.Held() != 0 {
			t.Errorf("a plan with a card: %d, %d taken", a.StatusCode, at.Taken())
		}
		if page := m.get("/dashboard/account"); !strings.Contains(page.body, "Visa •••• 4242") || !strings.Contains(page.body, "Use another card") {
			t.Error("the card is not shown")
		}
	})
}
