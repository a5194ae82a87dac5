package analytics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/job"
	"vitrine/internal/store"
)

// What a store sells is kept by day: all in all, of each product, and of each product
// in the last 7, 30, 90 and 365 days. A sale writes nothing of that. A job adds up the
// orders behind a mark, a number up to which they are in the sums, and who reads adds
// those behind it, so that every figure is exact at any moment. An order that is
// cancelled or returned later is taken out of the sums in the same transaction.
//
// Whoever has a store's order counter has its sums: numbers come in the order in which
// they are committed, and nobody adds an order up while another one moves it.

// Spans are the ranges until today whose best sellers are kept, in days.
var Spans = []int{7, 30, 90, 365}

// dayOf is the day of an order o.
const dayOf = `substr(CAST(o.created_at AS TEXT), 1, 10)`

// some are orders o: tables, and a condition that picks them.
type some struct{ from, where string }

var (
	// next are the orders of the store $1 behind the number $2 up to $3.
	next = some{`shop_order o`, `o.store_id = $1 AND o.number > $2 AND o.number <= $3`}

	// fresh are those of the store $1 that are not in the sums, of the time from $2 to $3.
	// The second bound of their numbers tells planners that there are few.
	fresh = some{
		`shop_order o`,
		`o.store_id = $1 AND o.number > COALESCE((SELECT m.number FROM sales_mark m WHERE m.store_id = $1), 0)
			AND o.number <= (SELECT c.last FROM order_counter c WHERE c.store_id = $1) AND o.created_at >= $2 AND o.created_at < $3`,
	}

	// summed are those of the given orders that are in the sums.
	summed = some{
		`given CROSS JOIN sales_mark m CROSS JOIN shop_order o`,
		`m.store_id = given.store_id AND o.store_id = given.store_id AND o.id = given.id AND o.number <= m.number`,
	}
)

const (
	addSales = ` ON CONFLICT (store_id, day) DO UPDATE SET orders = t.orders + excluded.orders,
		units = t.units + excluded.units, revenue = t.revenue + excluded.revenue`

	addProducts = ` DO UPDATE SET units = t.units + excluded.units, revenue = t.revenue + excluded.revenue`

	unitsOf = `COALESCE((SELECT sum(l.quantity) FROM order_line l WHERE l.store_id = o.store_id AND l.order_id = o.id), 0)`
)

// sales is the query for what orders come to by day, with the sign.
func (s some) sales(sign string) string {
	return `SELECT o.store_id, ` + dayOf + ` AS day, ` + sign + `count(*) AS orders,
			CAST(` + sign + `sum(` + unitsOf + `) AS BIGINT) AS units, CAST(` + sign + `sum(o.total - o.refunded) AS BIGINT) AS revenue
		FROM ` + s.from + ` WHERE ` + s.where + ` AND o.status <> 'cancelled' GROUP BY o.store_id, day`
}

// products is the query for what was sold of each product, by key and with the sign.
// More tables may be joined.
func (s some) products(key, sign, more, where string) string {
	return `SELECT o.store_id, ` + key + `, l.product_id, CAST(` + sign + `sum(l.quantity) AS BIGINT) AS units, CAST(` + sign + `sum(l.total - l.discount) AS BIGINT) AS revenue
		FROM ` + s.from + ` CROSS JOIN order_line l ` + more + `
		WHERE ` + s.where + ` AND l.store_id = o.store_id AND l.order_id = o.id AND o.status NOT IN ('cancelled', 'returned')` + where
}

func (s some) productsByDay(sign string) string {
	return s.products(dayOf+` AS day`, sign, ``, ` GROUP BY o.store_id, day, l.product_id`)
}

// add are the statements that add orders to the sums, or take them out with the sign.
func (s some) add(sign string) []string {
	return []string{
		`INSERT INTO sales_day AS t (store_id, day, orders, units, revenue) ` + s.sales(sign) + addSales,

		`INSERT INTO sales_day_product AS t (store_id, day, product_id, units, revenue) ` + s.productsByDay(sign) +
			` ON CONFLICT (store_id, day, product_id)` + addProducts,

		`INSERT INTO sales_span_product AS t (store_id, days, product_id, units, revenue) ` +
			s.products(`s.days`, sign, `CROSS JOIN sales_span s`,
				` AND s.store_id = o.store_id AND s.first_day <= `+dayOf+` AND s.last_day >= `+dayOf+` GROUP BY o.store_id, s.days, l.product_id`) +
			` ON CONFLICT (store_id, days, product_id)` + addProducts,
	}
}

var (
	addNew  = next.add("")
	putIn   = summed.add("")
	takeOut = summed.add("-")

	moved = db.NewColumns("store_id uuid, id uuid")
)

// Orders are some of different stores, whose counters the transaction has locked.
type Orders struct{ set *db.Set }

// NewOrders returns no orders.
func NewOrders() Orders { return Orders{moved.Set()} }

// Add adds an order.
func (o Orders) Add(st store.ID, order id.UUID) { o.set.Add(st, order) }

// TakeOut takes the orders, as they are, out of the sums that they are in.
func (o Orders) TakeOut(ctx context.Context, tx *db.Tx) error { return o.correct(ctx, tx, takeOut) }

// PutIn puts them back as they have become.
func (o Orders) PutIn(ctx context.Context, tx *db.Tx) error { return o.correct(ctx, tx, putIn) }

func (o Orders) correct(ctx context.Context, tx *db.Tx, statements []string) error {
	for _, s := range statements {
		if _, err := o.set.Exec(ctx, tx, `WITH @given `+s); err != nil {
			return fmt.Errorf("correct what was sold: %w", err)
		}
	}
	return nil
}

// addedAtOnce is how many orders are added up in one transaction, for which the
// store's sales wait.
const addedAtOnce = 500

// AddUp adds a store's orders up, in small transactions. It can be stopped and begun
// again at any time.
func AddUp(ctx context.Context, d *db.DB, st store.ID) error {
	for _, days := range Spans {
		if err := d.InTx(ctx, func(tx *db.Tx) error { return advance(ctx, tx, st, days) }); err != nil {
			return fmt.Errorf("look at the last %d days of store %s: %w", days, st, err)
		}
	}
	for more := true; more; {
		err := d.InTx(ctx, func(tx *db.Tx) (err error) {
			more, err = addUp(ctx, tx, st)
			return err
		})
		if err != nil {
			return fmt.Errorf("add up the orders of store %s: %w", st, err)
		}
	}
	return nil
}

// lock keeps others from the store's orders and their sums, and returns the number of
// its last order.
func lock(ctx context.Context, tx *db.Tx, st store.ID) (last int64, err error) {
	last, err = db.One(ctx, tx, db.Value[int64], `SELECT c.last FROM order_counter c WHERE c.store_id = $1`+tx.Engine().ForUpdate("c", "c.store_id"), st)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return last, err
}

// addUp adds the next orders, and tells whether there are more.
func addUp(ctx context.Context, tx *db.Tx, st store.ID) (more bool, err error) {
	last, err := lock(ctx, tx, st)
	if err != nil {
		return false, err
	}
	mark, err := db.One(ctx, tx, db.Value[int64], `SELECT COALESCE(max(number), 0) FROM sales_mark WHERE store_id = $1`, st)
	if err != nil || mark >= last {
		return false, err
	}
	numbers, err := db.All(ctx, tx, db.Value[int64], `SELECT number FROM shop_order WHERE store_id = $1 AND number > $2 ORDER BY number LIMIT $3`, st, mark, addedAtOnce)
	if err != nil {
		return false, err
	}
	if more = len(numbers) == addedAtOnce; more {
		last = numbers[len(numbers)-1]
	}
	for _, s := range addNew {
		if _, err := db.Exec(ctx, tx, s, st, mark, last); err != nil {
			return false, err
		}
	}
	_, err = db.Exec(ctx, tx, `
		INSERT INTO sales_mark (store_id, number) VALUES ($1, $2)
		ON CONFLICT (store_id) DO UPDATE SET number = excluded.number`, st, last)
	return more, err
}

// span is the last so many days until a day. Its days are text, which sorts as they do.
type span struct{ first, last string }

func spanOf(days int, now time.Time) span {
	last := now.UTC()
	return span{last.AddDate(0, 0, 1-days).Format(time.DateOnly), last.Format(time.DateOnly)}
}

const moveSpan = `
	INSERT INTO sales_span_product AS t (store_id, days, product_id, units, revenue)
	SELECT store_id, CAST($2 AS BIGINT), product_id, CAST(sum(units) AS BIGINT), CAST(sum(revenue) AS BIGINT)
	FROM (
		SELECT store_id, product_id, units, revenue FROM sales_day_product
		WHERE store_id = $1 AND day > $4 AND day >= $5 AND day <= $6
		UNION ALL
		SELECT store_id, product_id, -units, -revenue FROM sales_day_product
		WHERE store_id = $1 AND day >= $3 AND day <= $4 AND day < $5
	) d
	WHERE TRUE GROUP BY store_id, product_id
	ON CONFLICT (store_id, days, product_id)` + addProducts

// advance lets a span end today: the days since come in, those before its first go out.
func advance(ctx context.Context, tx *db.Tx, st store.ID, days int) error {
	if _, err := lock(ctx, tx, st); err != nil {
		return err
	}
	now := spanOf(days, tx.Now())
	was, err := db.One(ctx, tx, func(row db.Row) (s span, err error) { return s, row.Scan(&s.first, &s.last) },
		`SELECT first_day, last_day FROM sales_span WHERE store_id = $1 AND days = $2`, st, days)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return err
	}
	if was.last >= now.last {
		return nil
	}
	if _, err := db.Exec(ctx, tx, moveSpan, st, days, was.first, was.last, now.first, now.last); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `DELETE FROM sales_span_product WHERE store_id = $1 AND days = $2 AND revenue = 0 AND units = 0`, st, days); err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `
		INSERT INTO sales_span (store_id, days, first_day, last_day) VALUES ($1, $2, $3, $4)
		ON CONFLICT (store_id, days) DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day`, st, days, now.first, now.last)
	return err
}

// addUpAll does what is to be done of all stores.
func addUpAll(ctx context.Context, d *db.DB) error {
	stores, err := db.All(ctx, d, func(row db.Row) (st store.ID, err error) { return st, row.Scan(&st) }, `
		SELECT c.store_id FROM order_counter c
		LEFT JOIN sales_mark m ON m.store_id = c.store_id
		LEFT JOIN sales_span s ON s.store_id = c.store_id AND s.days = $1
		WHERE c.last > COALESCE(m.number, 0) OR COALESCE(s.last_day, '') < $2`, Spans[len(Spans)-1], d.Now().UTC().Format(time.DateOnly))
	if err != nil {
		return err
	}
	var failed error // of one store, which does not hold up the others
	for _, st := range stores {
		if failed = errors.Join(failed, AddUp(ctx, d, st)); ctx.Err() != nil {
			break
		}
	}
	return failed
}

// HandleJobs has r add up what was sold.
func HandleJobs(r *job.Runner, d *db.DB) {
	r.Every("add up what was sold", 10*time.Second, func(ctx context.Context) error { return addUpAll(ctx, d) })
}
