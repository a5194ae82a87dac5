package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/inventory"
)

const aboutProcesses = `
One Vitrine process beside two on the same database, each with connections and a writer of its own and half of the callers. Mark: two sell
at least as much as one.`

// measureProcesses compares one Vitrine process with two on the same database, each
// with connections and a writer of its own and half of the callers.
func measureProcesses(ctx context.Context, d *db.DB, out *report) error {
	if d.Engine() == db.SQLite {
		out.printf("\nsqlite: a file belongs to one process.\n")
		return nil
	}
	s, err := newStocked(ctx, d, items)
	if err != nil {
		return err
	}
	var writers []*inventory.Writer
	for range 2 {
		p, err := db.Open(ctx, db.Options{URL: d.URL()})
		if err != nil {
			return err
		}
		defer p.Close()
		writers = append(writers, inventory.NewWriter(p, nil))
	}
	for _, load := range []struct {
		name  string
		items int
	}{{"one hot item", 1}, {fmt.Sprintf("%d items", items), items}} {
		var one, two []rate
		for range roundCount {
			r, err := round(ctx, callers, s.combined(writers[0], load.items))
			if err != nil {
				return err
			}
			one = append(one, r)
			sides := []call{s.combined(writers[0], load.items), s.combined(writers[1], load.items)}
			if r, err = roundOf(ctx, callers, func(i int) call { return sides[i%2] }); err != nil {
				return err
			}
			two = append(two, r)
		}
		a, b := middle(one), middle(two)
		out.printf("\n%s, %s: one process %.0f/s (p50 %s, p99 %s), two %.0f/s (p50 %s, p99 %s; %s).\n",
			d.Engine(), load.name, a.perSecond, milli(a.p50), milli(a.p99), b.perSecond, milli(b.p50), milli(b.p99), out.atLeast(1, b.perSecond/a.perSecond, "×"))
	}
	return s.check(ctx)
}

const aboutBulk = `
Levels set in one call, with their ledger, beside one plain UPDATE of as many rows. Mark: under 10 × the plain statement.`

// measureBulk compares setting 10,000 levels in one call with one UPDATE of as many
// rows.
func measureBulk(ctx context.Context, d *db.DB, out *report) error {
	s, err := newStocked(ctx, d, inventory.MaxItems)
	if err != nil {
		return err
	}
	w := inventory.NewWriter(d, nil)
	var floors, bulks []time.Duration
	for n := range runs {
		all := make([]inventory.Item, len(s.variants))
		for i := range all {
			all[i] = inventory.Item{Variant: &s.variants[i].UUID, Target: inventory.Target{Quantity: int64(1000 + n)}}
		}
		if err := settle(ctx, d); err != nil {
			return err
		}
		took, err := timed(func() error {
			return d.InTx(ctx, func(tx *db.Tx) error {
				updated, _, err := w.SetAll(ctx, tx, s.store, all, inventory.Note{})
				if err == nil && updated != len(all) {
					err = fmt.Errorf("%d of %d were set", updated, len(all))
				}
				return err
			})
		})
		if err != nil {
			return err
		}
		bulks = append(bulks, took)
		if took, err = s.updateAll(ctx); err != nil {
			return err
		}
		floors = append(floors, took)
	}
	out.printf("\n%s, %d levels, median of %d: in one call %s, one plain UPDATE of the rows %s (%s).\n",
		d.Engine(), len(s.levels), runs, milli(median(bulks)), milli(median(floors)), out.atMost(10, ratio(median(bulks), median(floors)), "×"))
	return s.check(ctx)
}

var touchedColumns = db.NewColumns("id uuid, reorder_point bigint")

// updateAll is the floor of a bulk: as many rows of values, one statement where the
// engine takes them at once. It leaves the quantities alone, which have a ledger.
func (s *stocked) updateAll(ctx context.Context) (time.Duration, error) {
	if err := settle(ctx, s.db); err != nil {
		return 0, err
	}
	return timed(func() error {
		return s.db.InTx(ctx, func(tx *db.Tx) error {
			rows := touchedColumns.Set()
			for i, l := range s.levels {
				rows.Add(l, int64(i%10))
			}
			n, err := rows.Exec(ctx, tx, `
				WITH @given UPDATE inventory_level AS l SET reorder_point = given.reorder_point, updated_at = $2
				FROM given WHERE l.store_id = $1 AND l.id = given.id`, s.store, db.Time{Time: tx.Now()})
			if err == nil && int(n) != len(s.levels) {
				err = errors.New("not all rows were updated")
			}
			return err
		})
	})
}

const aboutHistory = `
What merchants and shoppers wait for, with a short ledger and with a long one. Mark: at most 1.5 ×.`

// longHistory is how many adjustments a store has in the end of measureHistory.
const longHistory = 10_000_000

// measureHistory shows that the summary, the low stock, a level's history and a sale
// do not become slower with the ledger.
func measureHistory(ctx context.Context, d *db.DB, out *report) error {
	if d.Engine() == db.SQLite {
		out.printf("\nsqlite: the same statements; measured on PostgreSQL.\n")
		return nil
	}
	s, err := newStocked(ctx, d, items)
	if err != nil {
		return err
	}
	w := inventory.NewWriter(d, nil)
	if _, err := d.Writer().ExecContext(ctx, `UPDATE inventory_level SET reorder_point = $1 WHERE id IN (SELECT id FROM inventory_level ORDER BY id LIMIT 50)`, inventory.MaxQuantity); err != nil {
		return err
	}
	if _, err := d.Writer().ExecContext(ctx, `
		CREATE FUNCTION named(level uuid, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
		$$ SELECT (lpad(to_hex(n), 12, '0') || substr(replace(level::text, '-', ''), 13))::uuid $$`); err != nil {
		return err
	}
	var short, long []time.Duration
	for _, n := range []int{10_000, longHistory} {
		if err := s.lengthen(ctx, n); err != nil {
			return err
		}
		times, err := s.readings(ctx, w)
		if err != nil {
			return err
		}
		short, long = long, times
	}
	out.printf("\n%s, %d levels, median of 200:\n\n| | 10,000 adjustments | %d | ratio |\n|---|---|---|---|\n", d.Engine(), items, longHistory)
	for i, name := range []string{"summary", "low stock", "a level's history", "a sale"} {
		out.printf("| %s | %s | %s | %s |\n", name, milli(short[i]), milli(long[i]), out.atMost(1.5, ratio(long[i], short[i]), "×"))
	}
	return s.check(ctx)
}

// lengthen adds adjustments of nothing until a store has n, a million at a time.
func (s *stocked) lengthen(ctx context.Context, n int) error {
	for {
		var have int
		if err := s.db.Writer().QueryRowContext(ctx, `SELECT sum(entries) FROM inventory_level`).Scan(&have); err != nil || have >= n {
			if err == nil {
				_, err = s.db.Writer().ExecContext(ctx, `VACUUM ANALYZE`)
			}
			return err
		}
		each := min(1000, (n-have+items-1)/items)
		for _, statement := range lengthening {
			if _, err := s.db.Writer().ExecContext(ctx, fmt.Sprintf(statement, each)); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
	}
}

// lengthening adds a number of adjustments to each level. An id is the level's with
// the adjustment's number in front, so that it can be told before it is there.
var lengthening = []string{
	`INSERT INTO inventory_adjustment (store_id, id, level_id, n, before_id, quantity_change, reserved_change, quantity_after, reserved_after, reason, created_at)
		SELECT l.store_id, named(l.id, g.n), l.id, g.n, CASE WHEN g.n = l.entries + 1 THEN l.last_entry ELSE named(l.id, g.n - 1) END,
			0, 0, l.quantity, l.reserved, 'correction', l.updated_at
		FROM inventory_level l CROSS JOIN LATERAL generate_series(l.entries + 1, l.entries + %d) AS g (n) ORDER BY g.n, l.id`,
	`UPDATE inventory_level SET entries = entries + %[1]d, last_entry = named(id, entries + %[1]d), entry_before = named(id, entries + %[1]d - 1)`,
}

// readings measures what merchants and shoppers wait for.
func (s *stocked) readings(ctx context.Context, w *inventory.Writer) ([]time.Duration, error) {
	sell := s.combined(w, items)
	var medians []time.Duration
	for _, read := range []call{
		func(ctx context.Context) error { _, err := inventory.Summarize(ctx, s.db, s.store); return err },
		func(ctx context.Context) error {
			_, _, err := inventory.List(ctx, s.db, s.store, inventory.Filter{Low: true}, db.Page{Limit: 50})
			return err
		},
		func(ctx context.Context) error {
			_, _, err := inventory.ListAdjustments(ctx, s.db, s.store, s.levels[0], db.Page{Limit: 50})
			return err
		},
		sell,
	} {
		var times []time.Duration
		for range 200 {
			took, err := timed(func() error { return read(ctx) })
			if err != nil {
				return nil, err
			}
			times = append(times, took)
		}
		medians = append(medians, median(times))
	}
	return medians, nil
}
