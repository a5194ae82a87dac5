package money_test

import (
	"errors"
	"strings"
	"testing"

	"vitrine/internal/money"
)

func TestCurrency_hasTheDecimalsOfISO4217(t *testing.T) {
	for code, want := range map[string]int{
		"USD": 2, "eur": 2, " gbp ": 2, "CHF": 2, "HUF": 2, "RSD": 2, "IRR": 2, "MGA": 2, "MRU": 2, "VES": 2, "SLE": 2,
		"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "UGX": 0, "VND": 0, "XOF": 0, "KWD": 3, "BHD": 3, "IQD": 3, "TND": 3, "CLF": 4, "UYW": 4,
	} {
		c, ok := money.ParseCurrency(code)
		if !ok || c.Decimals() != want || string(c) != strings.ToUpper(strings.TrimSpace(code)) {
			t.Errorf("%q is %q, %v, with %d decimals", code, c, ok, c.Decimals())
		}
	}
	for _, code := range []string{"", "US", "USDD", "ZZZ", "XXX", "XTS", "XAU", "DEM", "FRF", "BTC", "U\x00D", "ÜSD", "uſd"} {
		if c, ok := money.ParseCurrency(code); ok {
			t.Errorf("%q is taken for %q", code, c)
		}
	}
}

func TestParse_readsDecimalsExactly(t *testing.T) {
	for _, good := range []struct {
		currency money.Currency
		in, out  string
	}{
		{"USD", "12.99", "12.99"},
		{"USD", "12.9", "12.90"},
		{"USD", "12", "12.00"},
		{"USD", "0", "0.00"},
		{"USD", "-0", "0.00"},
		{"USD", "007.10", "7.10"},
		{"USD", "12.9900000", "12.99"},
		{"USD", " 12 ", "12.00"},
		{"USD", "999999999999.99", "999999999999.99"},
		{"USD", "90071992547.93", "90071992547.93"},
		{"JPY", "1200", "1200"},
		{"JPY", "1200.00", "1200"},
		{"KWD", "1.234", "1.234"},
		{"KWD", "1.2", "1.200"},
		{"CLF", "0.0001", "0.0001"},
	} {
		if a, err := good.currency.Parse(good.in); err != nil || good.currency.Format(a) != good.out {
			t.Errorf("%s %q reads %q, %v", good.currency, good.in, good.currency.Format(a), err)
		}
	}
	for _, bad := range []struct {
		currency money.Currency
		in       string
		err      error
	}{
		{"USD", "", money.ErrMalformed},
		{"USD", ".5", money.ErrMalformed},
		{"USD", "5.", money.ErrMalformed},
		{"USD", "+5", money.ErrMalformed},
		{"USD", "1,5", money.ErrMalformed},
		{"USD", "1e2", money.ErrMalformed},
		{"USD", "NaN", money.ErrMalformed},
		{"USD", "Inf", money.ErrMalformed},
		{"USD", "0x10", money.ErrMalformed},
		{"USD", "٣", money.ErrMalformed},
		{"USD", "1.2.3", money.ErrMalformed},
		{"USD", "--1", money.ErrMalformed},
		{"USD", "1_000", money.ErrMalformed},
		{"USD", "12.345", money.ErrDecimals},
		{"JPY", "1.5", money.ErrDecimals},
		{"KWD", "1.2345", money.ErrDecimals},
		{"USD", "-0.01", money.ErrNegative},
		{"USD", "1000000000000", money.ErrTooLarge},
		{"USD", strings.Repeat("9", 40), money.ErrTooLarge},
	} {
		if a, err := bad.currency.Parse(bad.in); !errors.Is(err, bad.err) {
			t.Errorf("%s %q reads %d, %v", bad.currency, bad.in, a, err)
		}
	}
}

func TestParseRate_readsPercentages(t *testing.T) {
	for in, out := range map[string]string{"8.25": "8.25", "20": "20.00", "0": "0.00", "100": "100.00", "8.1255": "8.1255", "8.1": "8.10", "0.0001": "0.0001"} {
		if r, err := money.ParseRate(in); err != nil || r.String() != out {
			t.Errorf("%q reads %q, %v", in, r, err)
		}
	}
	for in, want := range map[string]error{"": money.ErrMalformed, "8,25": money.ErrMalformed, "-1": money.ErrNegative, "100.0001": money.ErrTooLarge, "8.12345": money.ErrFine} {
		if r, err := money.ParseRate(in); !errors.Is(err, want) {
			t.Errorf("%q reads %q, %v", in, r, err)
		}
	}
}
