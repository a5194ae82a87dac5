package money_test

import (
	"strings"
	"testing"

	"vitrine/internal/money"
)

// currencies have none, two, three and four decimals.
var currencies = []money.Currency{"USD", "JPY", "KWD", "CLF", "EUR"}

// FuzzMoney: what is accepted is within bounds, and writing it and reading it again
// gives the same. So does every amount, also a negative one.
func FuzzMoney(f *testing.F) {
	for _, s := range []string{"12.99", "0", "0.00", "-0", "-1", "1e3", "1_000", ".5", "5.", "12.990000", "12.999", "99999999999999", "999999999999.99", "00012", " 7 ", "٣", "+1", "0x10", strings.Repeat("9", 400)} {
		for i, n := range []int64{0, -1, 99, 100, int64(money.Max)} {
			f.Add(s, n, i)
		}
	}
	f.Fuzz(func(t *testing.T, s string, n int64, which int) {
		c := currencies[(which&0xff)%len(currencies)]
		if a, err := c.Parse(s); err == nil {
			if a < 0 || a > money.Max {
				t.Errorf("%q reads as %d, which is out of bounds", s, a)
			}
			comesBack(t, c, a)
		}
		comesBack(t, c, money.Amount(n%int64(money.Max)))
	})
}

// comesBack writes an amount and reads it again.
func comesBack(t *testing.T, c money.Currency, a money.Amount) {
	t.Helper()
	written := c.Format(a)
	back, err := c.Parse(strings.TrimPrefix(written, "-"))
	if strings.HasPrefix(written, "-") {
		back = -back
	}
	if back != a || err != nil {
		t.Errorf("%d %s is written as %q and reads as %d: %v", a, c, written, back, err)
	}
	if _, fraction, _ := strings.Cut(written, "."); len(fraction) != c.Decimals() {
		t.Errorf("%q has not the %d decimals of %s", written, c.Decimals(), c)
	}
}

// FuzzRate: the same for percentages.
func FuzzRate(f *testing.F) {
	for _, s := range []string{"8.25", "0", "100", "100.0001", "0.0001", "0.00001", "-1", "8,25", "8.25%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := money.ParseRate(s)
		if err != nil {
			return
		}
		if r < 0 || r > money.Whole {
			t.Errorf("%q reads as %d, which is out of bounds", s, r)
		}
		if again, err := money.ParseRate(r.String()); again != r || err != nil {
			t.Errorf("%q reads as %d, is written as %q and reads as %d: %v", s, r, r, again, err)
		}
	})
}
