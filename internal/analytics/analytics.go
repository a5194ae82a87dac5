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

// Summarise computes what a store sold. It reads the orders of those days alone.
func Summarise(ctx context.Context, q db.Q, st store.ID, r Range) (Summary, error) {
	var s Summary
	byDay, err := daily(ctx, q, st, r)
	if err != nil {
		return s, err
	}
	for at := r.From; !at.After(r.To); at = at.Add(day) {
		f := byDay[at.Format(time.DateOnly)]
		s.Daily = append(s.Daily, DayFigures{at, f})
		s.Orders, s.Units, s.Revenue = s.Orders+f.Orders, s.Units+f.Units, s.Revenue+f.Revenue
	}
	if n := money.Amount(s.Orders); n > 0 {
		s.AverageOrder = (2*s.Revenue + n) / (2 * n)
	}
	s.TopProducts, err = top(ctx, q, st, r)
	return s, err
}

// slack is how far an order's id and its time may lie apart.
const slack = 5 * time.Minute

// bounds are the arguments of the statements: ids that tell an index where to look,
// and the times that count.
func (r Range) bounds(st store.ID) []any {
	from, behind := r.From, r.To.Add(day)
	return []any{st, id.First(from.Add(-slack)), id.First(behind.Add(slack)), db.Time{Time: from}, db.Time{Time: behind}}
}

func daily(ctx context.Context, q db.Q, st store.ID, r Range) (map[string]Figures, error) {
	byDay := map[string]Figures{}
	err := db.Each(ctx, q, func(row db.Row) error {
		var date string
		var f Figures
		err := row.Scan(&date, &f.Orders, &f.Units, &f.Revenue)
		byDay[date] = f
		return err
	}, `
		SELECT substr(CAST(o.created_at AS TEXT), 1, 10) AS day, count(*), CAST(COALESCE(sum(l.units), 0) AS BIGINT), CAST(sum(o.total - o.refunded) AS BIGINT)
		FROM shop_order o
		JOIN (
			SELECT order_id, sum(quantity) AS units FROM order_line WHERE store_id = $1 AND order_id >= $2 AND order_id < $3 GROUP BY order_id
		) l ON l.order_id = o.id
		WHERE o.store_id = $1 AND o.id >= $2 AND o.id < $3 AND o.created_at >= $4 AND o.created_at < $5 AND o.status <> 'cancelled'
		GROUP BY day`, r.bounds(st)...)
	return byDay, err
}

func top(ctx context.Context, q db.Q, st store.ID, r Range) ([]ProductFigures, error) {
	return db.All(ctx, q, func(row db.Row) (p ProductFigures, err error) {
		return p, row.Scan(&p.Product, &p.Title, &p.Units, &p.Revenue)
	}, `
		SELECT s.product_id, p.title, s.units, s.revenue
		FROM (
			SELECT l.product_id, CAST(sum(l.quantity) AS BIGINT) AS units, CAST(sum(l.total - l.discount) AS BIGINT) AS revenue
			FROM order_line l JOIN shop_order o ON o.store_id = l.store_id AND o.id = l.order_id
			WHERE l.store_id = $1 AND l.order_id >= $2 AND l.order_id < $3 AND o.id >= $2 AND o.id < $3 AND o.created_at >= $4 AND o.created_at < $5
				AND o.status NOT IN ('cancelled', 'returned')
			GROUP BY l.product_id
			ORDER BY revenue DESC, l.product_id LIMIT $6
		) s
		JOIN product p ON p.store_id = $1 AND p.id = s.product_id
		ORDER BY s.revenue DESC, s.product_id`, append(r.bounds(st), topProducts)...)
}
