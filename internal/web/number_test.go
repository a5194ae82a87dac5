package web_test

import (
	"testing"

	"vitrine/internal/money"
	"vitrine/internal/web"
)

func TestCountAndAmount_readAsMerchantsWriteThem(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 17994: "17,994", -1234567: "−1,234,567"} {
		if got := web.Count(n); got != want {
			t.Errorf("Count(%d) is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 5: "+5", -1500: "−1,500"} {
		if got := web.Signed(n); got != want {
			t.Errorf("Signed(%d) is %q, want %q", n, got, want)
		}
	}
	for _, c := range []struct {
		currency money.Currency
		amount   money.Amount
		want     string
	}{{"USD", 129900, "$1,299.00"}, {"JPY", 1200, "¥1,200"}, {"CHF", -5, "−CHF 0.05"}, {"KWD", 1234567, "KWD 1,234.567"}} {
		if got := web.Amount(c.currency, c.amount); got != c.want {
			t.Errorf("%d of %s are %q, want %q", c.amount, c.currency, got, c.want)
		}
	}
}
