package web

import (
	"strconv"
	"strings"

	"vitrine/internal/money"
)

// Count writes a whole number with its thousands apart: 17,994.
func Count[T ~int | ~int64](n T) string {
	if n < 0 {
		return "−" + grouped(strconv.FormatInt(int64(n), 10)[1:])
	}
	return grouped(strconv.FormatInt(int64(n), 10))
}

// Signed writes a change: +5, −3, 0.
func Signed(n int64) string {
	if n > 0 {
		return "+" + Count(n)
	}
	return Count(n)
}

// symbols are those of currencies that readers of English know by them.
var symbols = map[money.Currency]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}

// Amount writes an amount as a merchant reads it: $1,299.00, CHF 1,299.00.
func Amount(c money.Currency, a money.Amount) string {
	sign := ""
	if a < 0 {
		sign, a = "−", -a
	}
	whole, cents, point := strings.Cut(c.Format(a), ".")
	if whole = grouped(whole); point {
		whole += "." + cents
	}
	if symbol, known := symbols[c]; known {
		return sign + symbol + whole
	}
	return sign + string(c) + " " + whole
}

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
