// Package analytics tells a merchant how a store sells.
package analytics

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/store"
)

// Summary is what a store sold between two days. Cancelled orders are left out, and
// what was paid back is subtracted; an order counts on the day it was placed (UTC).
type Summary struct {
	Figures
	AverageOrder money.Amount // revenue by order, half up; 0 without orders
	TopProducts  []ProductFigures
	Daily        []DayFigures // every day, also those without orders
}

// Figures are what was sold.
type Figures struct {
	Orders  int
	Units   int
	Revenue money.Amount
}

// ProductFigures are what was sold of a product: its lines after their discounts,
// without tax.
type ProductFigures struct {
	Product id.UUID
	Title   string
	Units   int
	Revenue money.Amount
}

// DayFigures are what was sold on a day.
type DayFigures struct {
	Date time.Time // midnight, UTC
	Figures
}

// Range is days, both included.
type Range struct{ From, To time.Time }

const (
	day = 24 * time.Hour

	// defaultDays are looked at when nobody says which; maxDays bound what is asked.
	defaultDays = 30
	maxDays     = 5 * 366

	topProducts = 10
)

// NewRange returns the days from one to another, either of which may be left out:
// the last 30 days until to, which is today.
func NewRange(from, to *time.Time, now time.Time) (Range, error) {
	r := Range{To: now.UTC().Truncate(day)}
	if to != nil {
		r.To = to.UTC().Truncate(day)
	}
	r.From = r.To.Add(-(defaultDays - 1) * day)
	if from != nil {
		r.From = from.UTC().Truncate(day)
	}
	switch {
	case r.From.After(r.To):
		return Range{}, fault.Invalidf("from", "must not be after to")
	case r.To.Sub(r.From) >= maxDays*day:
		return Range{}, fault.Invalidf("from", "must be at most %d days before to", maxDays-1)
	}
	return r, nil
}

// Summarise computes what a store sold.
func Summarise(ctx context.Context, q db.Q, st store.ID, r Range) (s Summary, err error) {
	if s.Daily, err = Daily(ctx, q, st, r); err != nil {
		return s, err
	}
	for _, d := range s.Daily {
		s.Orders, s.Units, s.Revenue = s.Orders+d.Orders, s.Units+d.Units, s.Revenue+d.Revenue
	}
	if n := money.Amount(s.Orders); n > 0 {
		s.AverageOrder = (2*s.Revenue + n) / (2 * n)
	}
	s.TopProducts, err = top(ctx, q, st, r)
	return s, err
}

// args are the first arguments of the statements, which are about fresh orders of the
// range. Others follow.
func (r Range) args(st store.ID, others ...any) []any {
	return append([]any{st, db.Time{Time: r.From}, db.Time{Time: r.To.Add(day)}}, others...)
}

func (r Range) first() string { return r.From.Format(time.DateOnly) }
func (r Range) last() string  { return r.To.Format(time.DateOnly) }
func (r Range) days() int     { return 1 + int(r.To.Sub(r.From)/day) }

var daily = `
	SELECT day, CAST(sum(orders) AS BIGINT), CAST(sum(units) AS BIGINT), CAST(sum(revenue) AS BIGINT)
	FROM (
		SELECT store_id, day, orders, units, revenue FROM sales_day WHERE store_id = $1 AND day >= $4 AND day <= $5
		UNION ALL
		` + fresh.sales("") + `
	) d
	GROUP BY day`

// Daily tells what a store sold on each day.
func Daily(ctx context.Context, q db.Q, st store.ID, r Range) ([]DayFigures, error) {
	sold := map[string]Figures{}
	err := db.Each(ctx, q, func(row db.Row) error {
		var date string
		var f Figures
		err := row.Scan(&date, &f.Orders, &f.Units, &f.Revenue)
		sold[date] = f
		return err
	}, daily, r.args(st, r.first(), r.last())...)
	if err != nil {
		return nil, err
	}
	var days []DayFigures
	for at := r.From; !at.After(r.To); at = at.Add(day) {
		days = append(days, DayFigures{at, sold[at.Format(time.DateOnly)]})
	}
	return days, nil
}

// best is the query for the best sellers among what is kept and what was sold of each
// product since.
func best(kept string) string {
	return `
	WITH fresh AS (` + fresh.productsByDay("") + `),
	sold AS (
		SELECT product_id, CAST(sum(units) AS BIGINT) AS units, CAST(sum(revenue) AS BIGINT) AS revenue
		FROM (` + kept + ` UNION ALL SELECT product_id, units, revenue FROM fresh) f
		GROUP BY product_id HAVING sum(units) > 0
		ORDER BY revenue DESC, product_id LIMIT $4
	)
	SELECT p.id, p.title, sold.units, sold.revenue
	FROM sold JOIN product p ON p.store_id = $1 AND p.id = sold.product_id
	ORDER BY sold.revenue DESC, sold.product_id`
}

var (
	bestOfDays = best(`SELECT product_id, units, revenue FROM sales_day_product WHERE store_id = $1 AND day >= $5 AND day <= $6`)

	// What was not sold since and is not among the best of the span cannot be among the
	// best. A union leaves out what is in both.
	bestOfSpan = best(`SELECT product_id, units, revenue FROM (
			SELECT product_id, units, revenue FROM sales_span_product WHERE store_id = $1 AND days = $5 AND units > 0 ORDER BY revenue DESC, product_id LIMIT $4
		) b
		UNION SELECT s.product_id, s.units, s.revenue FROM fresh CROSS JOIN sales_span_product s
		WHERE s.store_id = $1 AND s.days = $5 AND s.product_id = fresh.product_id`)
)

func top(ctx context.Context, q db.Q, st store.ID, r Range) ([]ProductFigures, error) {
	scan := func(row db.Row) (p ProductFigures, err error) {
		return p, row.Scan(&p.Product, &p.Title, &p.Units, &p.Revenue)
	}
	kept, err := r.kept(ctx, q, st)
	if err != nil {
		return nil, err
	}
	if kept {
		found, err := db.All(ctx, q, scan, bestOfSpan, r.args(st, topProducts, r.days())...)
		if err != nil {
			return nil, err
		}
		if kept, err = r.kept(ctx, q, st); err != nil || kept {
			return found, err
		}
	}
	return db.All(ctx, q, scan, bestOfDays, r.args(st, topProducts, r.first(), r.last())...)
}

// kept tells whether the best sellers of the range are kept: it is a span that ends
// where it should. It may be moved on at any time.
func (r Range) kept(ctx context.Context, q db.Q, st store.ID) (bool, error) {
	n, err := db.One(ctx, q, db.Value[int], `SELECT count(*) FROM sales_span WHERE store_id = $1 AND days = $2 AND last_day = $3`, st, r.days(), r.last())
	return n > 0, err
}
