package pricing_test

import (
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
)

var (
	mug, shirt, drinks = id.UUID{1}, id.UUID{2}, id.UUID{3}
	newYork            = &pricing.Place{Country: "US", State: "NY", ZipCode: "10001"}
	noon               = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
)

// basket has two mugs of 9.99, which are drinks, and one shirt of 25.00.
func basket() pricing.Basket {
	return pricing.Basket{
		Lines: []pricing.Line{
			{Product: mug, Categories: []id.UUID{drinks}, Quantity: 2, UnitPrice: 9_99},
			{Product: shirt, Quantity: 1, UnitPrice: 25_00},
		},
		To: newYork, Shipping: 5_00, At: noon,
	}
}

func price(t *testing.T, b pricing.Basket) pricing.Quote {
	t.Helper()
	q, err := pricing.Price(b)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func percent(n int64) *pricing.Discount {
	return &pricing.Discount{Code: "SAVE", Type: pricing.Percentage, Percent: money.Rate(n * 1_0000), AppliesTo: pricing.All, Status: pricing.Active}
}

func fixed(a money.Amount) *pricing.Discount {
	return &pricing.Discount{Code: "OFF", Type: pricing.FixedAmount, Amount: a, AppliesTo: pricing.All, Status: pricing.Active}
}

func rule(rate money.Rate, edit func(*pricing.TaxRule)) pricing.TaxRule {
	r := pricing.TaxRule{Country: "US", Rate: rate, Active: true}
	if edit != nil {
		edit(&r)
	}
	return r
}

func TestPrice_withoutDiscountOrTaxIsTheSumOfTheLines(t *testing.T) {
	t.Parallel()
	q := price(t, basket())
	if q.Subtotal != 44_98 || q.Discount != 0 || q.Tax != 0 || q.Shipping != 5_00 || q.Total != 49_98 {
		t.Errorf("%+v", q)
	}
}

func TestPrice_discountIsRoundedPerLineAndTaxComesAfterIt(t *testing.T) {
	t.Parallel()
	b := basket()
	b.Discount = percent(15)                       // 2.997 → 3.00 and 3.75
	b.Rules = []pricing.TaxRule{rule(8_8750, nil)} // of 16.98: 1.506975 → 1.51; of 21.25: 1.8859… → 1.89
	q := price(t, b)
	if q.Lines[0].Discount != 3_00 || q.Lines[1].Discount != 3_75 || q.Discount != 6_75 {
		t.Errorf("discounts: %+v", q)
	}
	if q.Lines[0].Tax != 1_51 || q.Lines[1].Tax != 1_89 || q.Tax != 3_40 || q.Total != 44_98-6_75+5_00+3_40 {
		t.Errorf("tax: %+v", q)
	}
}

func TestPrice_halfAUnitIsRoundedUp(t *testing.T) {
	t.Parallel()
	b := pricing.Basket{Lines: []pricing.Line{{Product: mug, Quantity: 1, UnitPrice: 10}}, To: newYork, At: noon}
	b.Rules = []pricing.TaxRule{rule(5_0000, nil)} // 0.5
	if q := price(t, b); q.Tax != 1 {
		t.Errorf("%+v", q)
	}
}

func TestPrice_aFixedAmountIsSpreadAndNeverMoreThanTheLines(t *testing.T) {
	t.Parallel()
	b := basket()
	b.Discount = fixed(10_00) // 10 × 19.98 / 44.98 = 4.44…, 5.55…; the unit that is left goes to the first line
	q := price(t, b)
	if q.Lines[0].Discount != 4_45 || q.Lines[1].Discount != 5_55 || q.Discount != 10_00 {
		t.Errorf("%+v", q)
	}
	b.Discount = fixed(1000_00)
	if q := price(t, b); q.Discount != 44_98 || q.Total != 5_00 {
		t.Errorf("%+v", q)
	}
}

func TestPrice_theScopeSaysWhichLinesADiscountIsFor(t *testing.T) {
	t.Parallel()
	b := basket()
	b.Discount = percent(50)
	b.Discount.AppliesTo, b.Discount.Products, b.Discount.Categories = pricing.Products, []id.UUID{shirt}, []id.UUID{drinks}
	if q := price(t, b); q.Lines[0].Discount != 0 || q.Lines[1].Discount != 12_50 {
		t.Errorf("products: %+v", q)
	}
	b.Discount.AppliesTo = pricing.Categories
	if q := price(t, b); q.Lines[0].Discount != 9_99 || q.Lines[1].Discount != 0 {
		t.Errorf("categories: %+v", q)
	}
	b.Discount.Categories = nil
	_, err := pricing.Price(b)
	fault.AssertCode(t, err, "discount_not_for_these")
}

func TestPrice_freeShippingCostsNothingAndIsNotTaxed(t *testing.T) {
	t.Parallel()
	b := basket()
	b.Rules = []pricing.TaxRule{rule(10_0000, func(r *pricing.TaxRule) { r.AppliesToShipping = true })}
	if q := price(t, b); q.Tax != 2_00+2_50+50 {
		t.Errorf("with shipping: %+v", q)
	}
	b.Discount = &pricing.Discount{Code: "SHIP", Type: pricing.FreeShipping, AppliesTo: pricing.All, Status: pricing.Active}
	if q := price(t, b); q.Shipping != 0 || q.Tax != 2_00+2_50 || q.Discount != 0 || q.Total != 44_98+4_50 {
		t.Errorf("free: %+v", q)
	}
}

func TestPrice_aDiscountThatCannotBeUsedIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	limit, minimum := 3, money.Amount(50_00)
	before, after := noon.Add(-time.Second), noon.Add(time.Second)
	for name, edit := range map[string]func(*pricing.Discount){
		"disabled":    func(d *pricing.Discount) { d.Status = pricing.Disabled },
		"expired":     func(d *pricing.Discount) { d.ExpiresAt = &before },
		"not yet":     func(d *pricing.Discount) { d.StartsAt = &after },
		"used up":     func(d *pricing.Discount) { d.UsageLimit, d.TimesUsed = &limit, 3 },
		"too small":   func(d *pricing.Discount) { d.MinimumAmount = &minimum },
		"by its word": func(d *pricing.Discount) { d.Status = pricing.Expired },
	} {
		b := basket()
		b.Discount = percent(10)
		edit(b.Discount)
		_, err := pricing.Price(b)
		if fault.Code(err) != "discount_unusable" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrice_onlyRulesOfThePlaceCount(t *testing.T) {
	t.Parallel()
	ny, ca, zip := "ny", "CA", "10001"
	b := basket()
	b.Shipping = 0
	b.Rules = []pricing.TaxRule{
		rule(1_0000, nil), // all of the country
		rule(2_0000, func(r *pricing.TaxRule) { r.State = &ny }),
		rule(4_0000, func(r *pricing.TaxRule) { r.ZipCode = &zip }),
		rule(8_0000, func(r *pricing.TaxRule) { r.State = &ca }),
		rule(16_0000, func(r *pricing.TaxRule) { r.Country = "CA" }),
		rule(32_0000, func(r *pricing.TaxRule) { r.Active = false }),
	}
	if q := price(t, b); q.Tax != 1_40+1_75 { // 7 % of 19.98 and of 25.00
		t.Errorf("%+v", q)
	}
	b.To = nil
	if q := price(t, b); q.Tax != 0 {
		t.Errorf("without an address: %+v", q)
	}
}

func TestPrice_compoundRulesComeOnTopInTheOrderOfPriority(t *testing.T) {
	t.Parallel()
	compound := func(priority int) func(*pricing.TaxRule) {
		return func(r *pricing.TaxRule) { r.Compound, r.Priority = true, priority }
	}
	plain := func(priority int) func(*pricing.TaxRule) { return func(r *pricing.TaxRule) { r.Priority = priority } }
	b := pricing.Basket{Lines: []pricing.Line{{Quantity: 1, UnitPrice: 100_00}}, To: newYork, At: noon}
	for _, c := range []struct {
		rules []pricing.TaxRule
		want  money.Amount
	}{
		{[]pricing.TaxRule{rule(5_0000, plain(1)), rule(10_0000, compound(2))}, 15_50},     // 5 + 10 % of 105
		{[]pricing.TaxRule{rule(10_0000, compound(1)), rule(5_0000, plain(2))}, 15_00},     // 10 + 5
		{[]pricing.TaxRule{rule(10_0000, compound(1)), rule(5_0000, plain(1))}, 15_50},     // plain first
		{[]pricing.TaxRule{rule(10_0000, compound(2)), rule(10_0000, compound(1))}, 21_00}, // on each other
	} {
		b.Rules = c.rules
		if q := price(t, b); q.Tax != c.want {
			t.Errorf("%+v: %d, want %d", c.rules, q.Tax, c.want)
		}
	}
}

func TestPrice_moreThanCanBeCountedIsRefused(t *testing.T) {
	t.Parallel()
	b := pricing.Basket{Lines: []pricing.Line{{Quantity: 1_000_000, UnitPrice: money.Max}}, At: noon}
	_, err := pricing.Price(b)
	fault.AssertCode(t, err, "too_much")
	b = pricing.Basket{Lines: []pricing.Line{{Quantity: 1, UnitPrice: money.Max}}, To: newYork, At: noon}
	for range 100 {
		b.Rules = append(b.Rules, rule(money.Whole, func(r *pricing.TaxRule) { r.Compound = true }))
	}
	_, err = pricing.Price(b)
	fault.AssertCode(t, err, "too_much")
}

// TestPrice_addsUp holds for every basket: parts sum up to totals, no part is
// negative, and no line is discounted by more than it costs.
func TestPrice_addsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := pricing.Basket{To: newYork, At: noon, Shipping: money.Amount(rapid.Int64Range(0, 10_000).Draw(t, "shipping"))}
		for range rapid.IntRange(1, 6).Draw(t, "lines") {
			b.Lines = append(b.Lines, pricing.Line{
				Product: id.UUID{byte(rapid.IntRange(1, 3).Draw(t, "product"))}, Quantity: rapid.IntRange(1, 1000).Draw(t, "quantity"),
				UnitPrice: money.Amount(rapid.Int64Range(0, 1_000_000).Draw(t, "price")),
			})
		}
		for range rapid.IntRange(0, 4).Draw(t, "rules") {
			b.Rules = append(b.Rules, rule(money.Rate(rapid.Int64Range(0, int64(money.Whole)).Draw(t, "rate")), func(r *pricing.TaxRule) {
				r.Compound, r.AppliesToShipping, r.Priority = rapid.Bool().Draw(t, "compound"), rapid.Bool().Draw(t, "ships"), rapid.IntRange(0, 2).Draw(t, "priority")
			}))
		}
		if amount := money.Amount(rapid.Int64Range(0, 5_000_000).Draw(t, "off")); amount > 0 {
			b.Discount = fixed(amount)
		} else {
			b.Discount = percent(rapid.Int64Range(1, 100).Draw(t, "percent"))
		}
		checkSums(t, b)
	})
}

func checkSums(t *rapid.T, b pricing.Basket) {
	q, err := pricing.Price(b)
	if err != nil {
		t.Fatal(err)
	}
	var gross, discount, tax money.Amount
	for i, line := range q.Lines {
		if line.Gross != b.Lines[i].UnitPrice*money.Amount(b.Lines[i].Quantity) || line.Discount < 0 || line.Discount > line.Gross || line.Tax < 0 {
			t.Fatalf("line %d: %+v", i, line)
		}
		gross, discount, tax = gross+line.Gross, discount+line.Discount, tax+line.Tax
	}
	if gross != q.Subtotal || discount != q.Discount || tax > q.Tax || q.Total != gross-discount+q.Shipping+q.Tax {
		t.Fatalf("%+v", q)
	}
	if b.Discount.Type == pricing.FixedAmount && discount != min(b.Discount.Amount, gross) {
		t.Fatalf("%d of %d was taken off", discount, b.Discount.Amount)
	}
	for i, line := range q.Lines {
		if want := exactTax(b.Rules, line.Gross-line.Discount); line.Tax != want {
			t.Fatalf("line %d is taxed %d, exactly %d", i, line.Tax, want)
		}
	}
}

// exactTax computes the tax the slow way: with fractions, rule after rule.
func exactTax(rules []pricing.TaxRule, net money.Amount) money.Amount {
	base, sum := new(big.Rat).SetInt64(int64(net)), new(big.Rat)
	for priority := range 3 {
		for _, compound := range []bool{false, true} {
			for _, r := range rules {
				if r.Priority != priority || r.Compound != compound {
					continue
				}
				of := new(big.Rat).Set(base)
				if compound {
					of.Add(of, sum)
				}
				sum.Add(sum, of.Mul(of, big.NewRat(int64(r.Rate), int64(money.Whole))))
			}
		}
	}
	twice := new(big.Int).Mul(sum.Num(), big.NewInt(2))
	twice.Add(twice, sum.Denom())
	return money.Amount(twice.Div(twice, new(big.Int).Mul(sum.Denom(), big.NewInt(2))).Int64())
}
