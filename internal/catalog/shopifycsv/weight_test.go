package shopifycsv_test

import (
	"math"
	"strings"
	"testing"

	"vitrine/internal/catalog/shopifycsv"
)

func TestGrams_areReadAsTheWeightThatWasMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		grams, unit string
		want        float64
	}{
		{"0", "kg", 0},
		{"0.0", "lb", 0},
		{"-0", "g", 0},
		{"250", "g", 250},
		{"250", "kg", 0.25},
		{"1", "kg", 0.001},
		{"28", "oz", 1},
		{"57", "oz", 2},
		{"454", "lb", 1},
		{"907", "lb", 2},
		{"227", "lb", 0.5},
		{"340", "oz", 12},
		{"453.59237", "lb", 1},
		{"28.349523125", "oz", 1},
		{"2.8349523125", "oz", 0.1},
		{"310.5", "g", 310.5},
		{"0.5", "kg", 0.0005},
		{"00454", "lb", 1},
		{"40000001", "kg", 40000.001},
		{"999999999999999", "kg", 999999999999.999},
	} {
		if got := shopifycsv.Grams(c.grams).In(c.unit); got != c.want {
			t.Errorf("%s g is %v %s, want %v", c.grams, got, c.unit, c.want)
		}
	}
}

func TestGrams_areWrittenWholeWhereThatIsEnough(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		weight float64
		unit   string
		want   shopifycsv.Grams
	}{
		{0, "kg", "0"},
		{0.25, "kg", "250"},
		{1, "lb", "454"},
		{1, "oz", "28"},
		{12, "oz", "340"},
		{0.1, "oz", "3"},
		{0.12, "oz", "3.401942775"},
		{1.0051, "lb", "455.905691087"},
		{0.0001, "kg", "0.1"},
		{1e-9, "g", "0.000000001"},
	} {
		if got := shopifycsv.GramsOf(c.weight, c.unit); got != c.want {
			t.Errorf("%v %s is written %s, want %s", c.weight, c.unit, got, c.want)
		}
	}
}

func FuzzGrams(f *testing.F) {
	for _, s := range []string{"0", "1", "454", "28.35", "-1", "1e3", "999999999999999.999", ".5", "5.", strings.Repeat("9", 400), "0." + strings.Repeat("0", 400) + "1"} {
		f.Add(s, 0.1)
	}
	f.Add("1", math.SmallestNonzeroFloat64)
	f.Add("1", math.Pi)
	f.Add("1", 999999999999.999)
	f.Fuzz(func(t *testing.T, grams string, weight float64) {
		for _, unit := range []string{"g", "kg", "lb", "oz"} {
			if x := shopifycsv.Grams(grams).In(unit); !(x >= 0) || x > 1e15 {
				t.Fatalf("%q is read as %v %s", grams, x, unit)
			}
			if written := shopifycsv.GramsOf(weight, unit); written != "" && written.In(unit) != weight {
				t.Fatalf("%v %s is written %s and read as %v", weight, unit, written, written.In(unit))
			}
		}
	})
}
