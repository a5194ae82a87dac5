package pricing

import (
	"math/bits"
	"slices"
	"time"

	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
)

// Line is how much of one variant is wanted, and what one costs.
type Line struct {
	Product    id.UUID
	Categories []id.UUID // the product's
	Quantity   int
	UnitPrice  money.Amount
}

// Basket is all that a price depends on.
type Basket struct {
	Lines    []Line
	Currency money.Currency // what all amounts are in
	Discount *Discount      // nil: none
	Rules    []TaxRule      // the store's; those that are inactive or of other places are passed over
	To       *Place         // where it is sent; nil while that is not known: no tax
	Shipping money.Amount   // what sending it costs
	FreeOver *money.Amount  // the lines' worth, after the discount, from which on that is nothing; nil: none
	At       time.Time
}

// Charge is what a line, or the shipping, comes to. Tax is due on Gross less
// Discount.
type Charge struct {
	Gross    money.Amount
	Discount money.Amount
	Tax      money.Amount
}

// Quote is what a basket costs. Every total is the sum of the lines' parts, so it
// adds up to the last minor unit: Total = Subtotal - Discount + Shipping + Tax.
type Quote struct {
	Lines       []Charge // in the order of the basket's
	Subtotal    money.Amount
	Discount    money.Amount
	Shipping    money.Amount // what is paid for it: nothing where it is free
	ShippingTax money.Amount
	Tax         money.Amount // of lines and shipping
	Total       money.Amount
}

// Price computes what a basket costs. A discount that cannot be used, and a basket
// worth more than money.Max, are refused.
func Price(b Basket) (Quote, error) {
	q := Quote{Lines: make([]Charge, len(b.Lines)), Shipping: b.Shipping}
	for i, line := range b.Lines {
		gross, ok := times(line.UnitPrice, line.Quantity)
		if !ok || gross > money.Max-q.Subtotal {
			return Quote{}, errTooMuch()
		}
		q.Lines[i].Gross = gross
		q.Subtotal += gross
	}
	if b.Discount != nil {
		if err := b.Discount.apply(b, &q); err != nil {
			return Quote{}, err
		}
	}
	if b.FreeOver != nil && q.Subtotal-q.Discount >= *b.FreeOver {
		q.Shipping = 0
	}
	q.tax(b)
	if q.Total = q.Subtotal - q.Discount + q.Shipping + q.Tax; q.Total > money.Max {
		return Quote{}, errTooMuch()
	}
	return q, nil
}

func errTooMuch() error {
	return fault.Refusedf("too_much", "The order is worth more than can be counted.")
}

// times multiplies a price, unless that gives more than money.Max.
func times(price money.Amount, n int) (money.Amount, bool) {
	hi, lo := bits.Mul64(uint64(price), uint64(n))              //nolint:gosec // neither is negative
	return money.Amount(lo), hi == 0 && lo <= uint64(money.Max) //nolint:gosec // below money.Max
}

// apply takes the discount off the lines that it counts for, or off the shipping.
func (d *Discount) apply(b Basket, q *Quote) error {
	if err := d.usable(b, q.Subtotal); err != nil {
		return err
	}
	counts := make([]bool, len(b.Lines))
	for i, line := range b.Lines {
		counts[i] = d.countsFor(line)
	}
	if !slices.Contains(counts, true) {
		return fault.Refusedf("discount_not_for_these", "The discount code %q is not for any of these products.", d.Code)
	}
	switch d.Type {
	case Percentage:
		for i := range q.Lines {
			if counts[i] {
				q.Lines[i].Discount = share(q.Lines[i].Gross, int64(d.Percent), int64(money.Whole))
			}
		}
	case FixedAmount:
		spread(q.Lines, counts, d.Amount)
	case FreeShipping:
		q.Shipping = 0
	}
	for _, line := range q.Lines {
		q.Discount += line.Discount
	}
	return nil
}

// usable tells why the discount cannot be used, if so. How often it was used is
// decided by the statement that counts the use; this is for the earlier word.
func (d *Discount) usable(b Basket, subtotal money.Amount) error {
	no := func(why string) error {
		return fault.Refusedf("discount_unusable", "The discount code %q %s.", d.Code, why)
	}
	switch status := d.StatusAt(b.At); {
	case status == Expired:
		return no("has expired")
	case status != Active:
		return no("is not active")
	case d.StartsAt != nil && b.At.Before(*d.StartsAt):
		return no("is not valid yet")
	case d.UsageLimit != nil && d.TimesUsed >= *d.UsageLimit:
		return no("has been used as often as it can be")
	case d.MinimumAmount != nil && subtotal < *d.MinimumAmount:
		return no("needs an order of at least " + b.Currency.Format(*d.MinimumAmount) + " " + string(b.Currency))
	}
	return nil
}

// countsFor tells whether the discount's scope has the line in it.
func (d *Discount) countsFor(line Line) bool {
	switch d.AppliesTo {
	case Products:
		return slices.Contains(d.Products, line.Product)
	case Categories:
		return slices.ContainsFunc(line.Categories, func(c id.UUID) bool { return slices.Contains(d.Categories, c) })
	default:
		return true
	}
}

// spread divides an amount over the lines that count, each by its part of their
// sum. What rounding leaves goes to the lines one unit at a time, the first ones
// first, so that the parts add up to the amount, or to all there is.
func spread(lines []Charge, counts []bool, amount money.Amount) {
	var sum money.Amount
	for i, line := range lines {
		if counts[i] {
			sum += line.Gross
		}
	}
	amount = min(amount, sum)
	if amount == 0 {
		return
	}
	left := amount
	for i := range lines {
		if counts[i] {
			lines[i].Discount = floorShare(lines[i].Gross, int64(amount), int64(sum))
			left -= lines[i].Discount
		}
	}
	for i := range lines {
		if counts[i] && left > 0 && lines[i].Discount < lines[i].Gross {
			lines[i].Discount++
			left--
		}
	}
}

// share returns a * part / whole, rounded half up.
func share(a money.Amount, part, whole int64) money.Amount {
	hi, lo := bits.Mul64(uint64(a), uint64(part))          //nolint:gosec // neither is negative
	lo, carry := bits.Add64(lo, uint64(whole)/2, 0)        //nolint:gosec // not negative
	quotient, _ := bits.Div64(hi+carry, lo, uint64(whole)) //nolint:gosec // part <= whole
	return money.Amount(quotient)                          //nolint:gosec // at most a
}

// floorShare returns a * part / whole, rounded down.
func floorShare(a money.Amount, part, whole int64) money.Amount {
	hi, lo := bits.Mul64(uint64(a), uint64(part))    //nolint:gosec // neither is negative
	quotient, _ := bits.Div64(hi, lo, uint64(whole)) //nolint:gosec // part <= whole
	return money.Amount(quotient)                    //nolint:gosec // at most a
}
