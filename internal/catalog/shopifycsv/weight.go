package shopifycsv

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// The format gives every weight in grams, usually whole ones, next to the unit that
// the merchant thinks in. So 28 g and "oz" were 1 oz once, and 454 g and "lb" were
// 1 lb. A figure in grams is read as the weight with the fewest decimals that gives
// this figure, rounded to as many decimals as it has. A weight is written in whole
// grams where those are read as the same weight again, and exactly where not.

// unit is what one of it weighs: factor / 10^scale grams, exactly.
type unit struct {
	factor int64
	scale  int
}

var units = map[string]unit{
	"g":  {1, 0},
	"kg": {1000, 0},
	"lb": {453_59237, 5},
	"oz": {28_349523125, 9},
}

// Errors of weights. Their texts continue a sentence that begins with the column.
var (
	errNotNumber = errors.New(`must be a number such as "250"`)
	errNegative  = errors.New("must not be negative")
	errTooLarge  = errors.New("is too large")
)

const (
	maxWholeGrams = 15         // digits
	maxGramsText  = 400        // characters
	maxFastGrams  = 40_000_000 // so that 10^11 times as much fits an int64
)

// Grams is a weight as the format has it.
type Grams string

// GramsOf returns what a weight of a unit is in grams, so that In gives it again.
func GramsOf(weight float64, of string) Grams {
	s, _ := formatWeight(weight, units[of])
	return Grams(s)
}

// In returns the weight in g, kg, lb or oz.
func (g Grams) In(of string) float64 {
	x, _ := parseWeight(string(g), units[of])
	return x
}

// parseWeight reads grams as a weight in u.
func parseWeight(grams string, u unit) (float64, error) {
	negative := strings.HasPrefix(grams, "-")
	whole, fraction, point := strings.Cut(strings.TrimPrefix(grams, "-"), ".")
	if whole == "" || point && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, errNotNumber
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	switch {
	case len(whole) > maxWholeGrams || len(fraction) > maxGramsText:
		return 0, errTooLarge
	case whole == "" && fraction == "":
		return 0, nil
	case negative:
		return 0, errNegative
	}
	if fraction == "" {
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil && n <= maxFastGrams {
			return shortestOfWhole(n, u), nil
		}
	}
	n, _ := new(big.Int).SetString(whole+fraction, 10)
	return shortest(n, len(fraction), u), nil
}

// shortestOfWhole is shortest for whole grams up to maxFastGrams. Three decimals
// are enough for those, and two for ounces.
func shortestOfWhole(grams int64, u unit) float64 {
	top, bottom := grams, int64(1)
	for range u.scale {
		top, bottom = top*10, bottom*10
	}
	for power := int64(1); ; power *= 10 {
		n := (2*top + u.factor) / (2 * u.factor)
		if diff := n*u.factor - top; 2*max(diff, -diff) <= bottom {
			return float64(n) / float64(power)
		}
		top, bottom = top*10, bottom*10
	}
}

// shortest returns the weight with the fewest decimals that is grams / 10^decimals
// when it is rounded to so many decimals in grams.
func shortest(grams *big.Int, decimals int, u unit) float64 {
	factor := big.NewInt(u.factor)
	step := new(big.Int).Mul(factor, pow10(decimals)) // of the weight's last digit
	for places := 0; ; places++ {
		bottom := pow10(places + u.scale)
		top := new(big.Int).Mul(grams, bottom)
		n := new(big.Int).Add(new(big.Int).Lsh(top, 1), step)
		n.Quo(n, new(big.Int).Lsh(step, 1))
		diff := new(big.Int).Mul(n, step)
		diff.Sub(diff, top).Abs(diff).Lsh(diff, 1)
		if diff.Cmp(bottom) <= 0 {
			x, _ := strconv.ParseFloat(decimal(n, places), 64)
			return x
		}
	}
}

// formatWeight writes x of u in grams, so that parseWeight gives x again. It
// reports false for what is no weight.
func formatWeight(x float64, u unit) (string, bool) {
	grams := x * float64(u.factor) / math.Pow10(u.scale)
	if !(x >= 0) || grams >= math.Pow10(maxWholeGrams) {
		return "", false
	}
	if whole := math.Round(grams); whole <= maxFastGrams && shortestOfWhole(int64(whole), u) == x {
		return strconv.FormatInt(int64(whole), 10), true
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
	n, _ := new(big.Int).SetString(whole+fraction, 10)
	text := decimal(n.Mul(n, big.NewInt(u.factor)), len(fraction)+u.scale)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text, true
}

// decimal writes n / 10^places.
func decimal(n *big.Int, places int) string {
	s := n.String()
	if places == 0 {
		return s
	}
	if len(s) <= places {
		s = strings.Repeat("0", places-len(s)+1) + s
	}
	return s[:len(s)-places] + "." + s[len(s)-places:]
}

func pow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
