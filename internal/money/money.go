// Package money keeps amounts as whole minor units of a currency; a float never
// holds money.
package money

import (
	"errors"
	"strconv"
	"strings"
)

// Amount is a sum in minor units (cents) of a currency that is known from where
// the amount stands: a store has one.
type Amount int64

// Max bounds an amount, so that sums of many lines still fit.
const Max Amount = 99_999_999_999_999

// Errors of Parse. Their texts continue a sentence that begins with the field.
var (
	ErrMalformed = errors.New("must be a decimal number such as \"12.99\"")
	ErrDecimals  = errors.New("has more decimals than the currency")
	ErrFine      = errors.New("has more than four decimals")
	ErrTooLarge  = errors.New("is too large")
	ErrNegative  = errors.New("must not be negative")
)

// Parse reads a decimal string ("12.99", "12.9", "12") that is not negative.
// Zeros beyond the currency's decimals are accepted, other digits are not.
func (c Currency) Parse(s string) (Amount, error) {
	n, err := parseDecimal(s, c.Decimals(), int64(Max))
	return Amount(n), err
}

// Format writes an amount with all of the currency's decimals.
func (c Currency) Format(a Amount) string {
	return formatDecimal(int64(a), c.Decimals(), c.Decimals())
}

// Rate is a percentage in units of 1/10000 of a percent: 8.25 % is 82500.
type Rate int64

// rateDecimals is how fine a rate can be.
const rateDecimals = 4

// Whole is 100 %.
const Whole Rate = 100_0000

// ParseRate reads a percentage of at most 100 with up to four decimals.
func ParseRate(s string) (Rate, error) {
	n, err := parseDecimal(s, rateDecimals, int64(Whole))
	if errors.Is(err, ErrDecimals) {
		err = ErrFine
	}
	return Rate(n), err
}

// String writes the rate with at least two decimals: "8.25", "20.00".
func (r Rate) String() string { return formatDecimal(int64(r), rateDecimals, 2) }

func parseDecimal(s string, decimals int, limit int64) (int64, error) {
	s = strings.TrimSpace(s)
	negative := strings.HasPrefix(s, "-")
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "" || point && fraction == "" || !digits(whole) || !digits(fraction) {
		return 0, ErrMalformed
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > decimals {
		return 0, ErrDecimals
	}
	fraction += strings.Repeat("0", decimals-len(fraction))
	n, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil || n > limit {
		return 0, ErrTooLarge
	}
	if negative && n != 0 {
		return 0, ErrNegative
	}
	return n, nil
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// formatDecimal writes n / 10^decimals and cuts zeros at the end down to keep.
func formatDecimal(n int64, decimals, keep int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatInt(n, 10)
	if len(s) <= decimals {
		s = strings.Repeat("0", decimals-len(s)+1) + s
	}
	if decimals == 0 {
		return sign + s
	}
	whole, fraction := s[:len(s)-decimals], s[len(s)-decimals:]
	for len(fraction) > keep && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	return sign + whole + "." + fraction
}
