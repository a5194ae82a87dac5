package pricing

import (
	"cmp"
	"math/big"
	"slices"

	"vitrine/internal/money"
	"vitrine/internal/text"
)

// Place is where an order is sent, as far as tax goes.
type Place struct {
	Country string // ISO 3166-1 alpha-2
	State   string
	ZipCode string
}

// covers tells whether the rule is for the place. A rule without a state, or
// without a zip code, is for all of them.
func (r TaxRule) covers(p Place) bool {
	return r.Active && r.Country == p.Country && matches(r.State, p.State) && matches(r.ZipCode, p.ZipCode)
}

func matches(want *string, got string) bool {
	return want == nil || text.Fold(*want) == text.Fold(got)
}

// tax adds what the rules of the place ask for, on each line and on the shipping.
func (q *Quote) tax(b Basket) {
	if b.To == nil {
		return
	}
	due, shipping := factorOf(b, func(TaxRule) bool { return true }), factorOf(b, func(r TaxRule) bool { return r.AppliesToShipping })
	for i := range q.Lines {
		line := &q.Lines[i]
		line.Tax = due.of(line.Gross - line.Discount)
		q.Tax += line.Tax
	}
	q.ShippingTax = shipping.of(q.Shipping)
	q.Tax += q.ShippingTax
}

// factor is the part of a sum that is due as tax, exactly: rounding happens once,
// for the line.
type factor struct{ part, whole *big.Int }

// factorOf adds up the rules of the basket's place that are wanted. A rule takes
// its rate of the sum; a compound one of the sum with the tax that came before it.
func factorOf(b Basket, wanted func(TaxRule) bool) factor {
	rules := slices.DeleteFunc(slices.Clone(b.Rules), func(r TaxRule) bool { return !r.covers(*b.To) || !wanted(r) })
	slices.SortStableFunc(rules, func(a, b TaxRule) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(order(a), order(b)))
	})
	f := factor{part: new(big.Int), whole: big.NewInt(int64(money.Whole))}
	for _, r := range rules {
		f.add(r)
	}
	return f
}

// order puts plain rules before compound ones of the same priority.
func order(r TaxRule) int {
	if r.Compound {
		return 1
	}
	return 0
}

// add takes one more rule. With t = part/whole so far and the rate r, a plain rule
// gives t + r, a compound one t + (1 + t) r.
func (f factor) add(r TaxRule) {
	base, unit := new(big.Int).Set(f.whole), big.NewInt(int64(money.Whole))
	if r.Compound {
		base.Add(base, f.part)
	}
	f.part.Mul(f.part, unit)
	f.part.Add(f.part, base.Mul(base, big.NewInt(int64(r.Rate))))
	f.whole.Mul(f.whole, unit)
}

// of returns the tax on a sum, rounded half up. More than money.Max is one more than
// that, for Price to refuse.
func (f factor) of(sum money.Amount) money.Amount {
	if f.part.Sign() == 0 || sum == 0 {
		return 0
	}
	n := new(big.Int).Mul(big.NewInt(int64(sum)), f.part)
	n.Lsh(n, 1).Add(n, f.whole)
	if n.Div(n, new(big.Int).Lsh(f.whole, 1)); !n.IsInt64() || n.Int64() > int64(money.Max) {
		return money.Max + 1
	}
	return money.Amount(n.Int64())
}
