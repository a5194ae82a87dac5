package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

const (
	callers    = 64
	items      = 1000
	roundTime  = 2 * time.Second
	roundCount = 5
	linesEach  = 5
)

// poolSizes are those that the floor is tried with on PostgreSQL. SQLite has one
// writer.
var poolSizes = []int{4, 8, 12, 24}

// stocked is a store with plenty of everything.
type stocked struct {
	db       *db.DB
	store    store.ID
	levels   []inventory.LevelID // by id
	variants []catalog.VariantID // of levels
}

const aboutStock = `
Many callers hold stock at once: of one item that all want, of 1,000 items, and five lines at a time. The floor is the plain statement,
one commit each, at its best pool size. Marks on PostgreSQL: at least 10, 3 and 2.5 ×; on SQLite 6, 3 and 2 ×, and
a p99 of at most 3 × the p50; for a caller who is alone, at most 1.1 × the time.`

// measureStock compares the combining writer with the plain statement, one commit
// each, while many want one item, many items, or orders of five lines.
func measureStock(ctx context.Context, d *db.DB, out *report) error {
	s, err := newStocked(ctx, d, items)
	if err != nil {
		return err
	}
	pools, err := openPools(ctx, d)
	if err != nil {
		return err
	}
	writer := inventory.NewWriter(d, nil)
	out.printf("\n%s, %d callers, median of %d rounds of %s:\n\n", d.Engine(), callers, roundCount, roundTime)
	out.printf("| load | floor, best of the pools | combined | ratio | p50 | p99 |\n|---|---|---|---|---|---|\n")
	for _, l := range []load{
		{"one hot item", marks{10, 6}, func(p *db.DB) call { return s.plain(p, 1, 1) }, s.combined(writer, 1)},
		{fmt.Sprintf("%d items", items), marks{3, 3}, func(p *db.DB) call { return s.plain(p, items, 1) }, s.combined(writer, items)},
		{fmt.Sprintf("orders of %d lines", linesEach), marks{2.5, 2}, func(p *db.DB) call { return s.plain(p, items, linesEach) }, s.orders(writer)},
	} {
		if err := s.compare(ctx, out, l, pools); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	if err := s.lone(ctx, out, writer); err != nil {
		return err
	}
	return s.check(ctx)
}

// load is what callers do at once, in two ways.
type load struct {
	name     string
	marks    marks
	floor    func(*db.DB) call
	combined call
}

// marks are how many times the floor's throughput the combining writer has.
type marks struct{ postgres, sqlite float64 }

func (m marks) on(e db.Engine) float64 {
	if e == db.SQLite {
		return m.sqlite
	}
	return m.postgres
}

// newStocked makes a store with n variants and as many levels.
func newStocked(ctx context.Context, d *db.DB, n int) (*stocked, error) {
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return nil, err
	}
	return newStockedOf(ctx, d, owner, n)
}

// newStockedOf makes the store for an owner.
func newStockedOf(ctx context.Context, d *db.DB, owner account.ID, n int) (*stocked, error) {
	made, err := fixture.Catalog(ctx, d, owner, fixture.Size{Products: n / 10, VariantsEach: 10})
	if err != nil {
		return nil, err
	}
	s := &stocked{db: d, store: made.ID}
	err = d.InTx(ctx, func(tx *db.Tx) error {
		if _, err := inventory.EnsureDefaultWarehouse(ctx, tx, s.store); err != nil {
			return err
		}
		variants, err := db.All(ctx, tx, db.Value[id.UUID], `SELECT id FROM variant WHERE store_id = $1 ORDER BY id`, s.store)
		if err != nil {
			return err
		}
		all := make([]inventory.Item, len(variants))
		for i := range variants {
			all[i] = inventory.Item{Variant: &variants[i], Target: inventory.Target{Quantity: inventory.MaxQuantity}}
		}
		_, _, err = inventory.NewWriter(d, nil).SetAll(ctx, tx, s.store, all, inventory.Note{})
		return err
	})
	if err != nil {
		return nil, err
	}
	type pair struct {
		level   inventory.LevelID
		variant catalog.VariantID
	}
	pairs, err := db.All(ctx, d, func(row db.Row) (pair, error) {
		var p pair
		err := row.Scan(&p.level, &p.variant)
		return p, err
	}, `SELECT id, variant_id FROM inventory_level WHERE store_id = $1 ORDER BY id`, s.store)
	for _, p := range pairs {
		s.levels, s.variants = append(s.levels, p.level), append(s.variants, p.variant)
	}
	return s, err
}

// openPools opens the database once for each pool that the floor is tried with.
func openPools(ctx context.Context, d *db.DB) ([]*db.DB, error) {
	if d.Engine() == db.SQLite {
		return []*db.DB{d}, nil
	}
	var pools []*db.DB
	for _, size := range poolSizes {
		p, err := db.Open(ctx, db.Options{URL: d.URL(), MaxConns: size})
		if err != nil {
			return nil, err
		}
		pools = append(pools, p)
	}
	return pools, nil
}

// call is one request of a load.
type call func(context.Context) error

// combined reserves a unit of one of the first n items.
func (s *stocked) combined(w *inventory.Writer, n int) call {
	return func(ctx context.Context) error {
		_, err := w.Reserve(ctx, s.store, s.levels[rand.IntN(n)], inventory.Move{Units: 1}) //nolint:gosec // a load
		return err
	}
}

// orders holds a unit of each of five items, with a hold for each line.
func (s *stocked) orders(w *inventory.Writer) call {
	return func(ctx context.Context) error {
		lines := make([]inventory.Line, linesEach)
		for i, n := range s.some(items, linesEach) {
			lines[i] = inventory.Line{N: int64(i + 1), Variant: s.variants[n], Quantity: 1}
		}
		return w.Do(ctx, s.store, inventory.Request{
			Prepare: func(stock *inventory.Stock) {
				for _, line := range lines {
					stock.NeedVariant(line.Variant)
				}
			},
			Decide: func(stock *inventory.Stock) error {
				_, err := stock.Hold(stock.NewID(), lines, inventory.Note{})
				return err
			},
		})
	}
}

// some returns different items of the first n, in the order of their keys.
func (s *stocked) some(n, count int) []int {
	var chosen []int
	for len(chosen) < count {
		if i := rand.IntN(n); !slices.Contains(chosen, i) { //nolint:gosec // a load
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	return chosen
}

const (
	floorUpdate = `
		UPDATE inventory_level SET reserved = reserved + 1, by_hand = by_hand + 1, entries = entries + 1, last_entry = $4, entry_before = last_entry, updated_at = $3
		WHERE store_id = $1 AND id = $2 AND (backorder OR quantity - reserved >= 1)
		RETURNING quantity, reserved, entries, entry_before`
	floorInsert = `INSERT INTO inventory_adjustment (store_id, level_id, id, n, before_id, quantity_change, reserved_change, quantity_after, reserved_after, reason, created_at)`
)

var errRefused = errors.New("the floor was refused")

// plain is the floor: each line is an UPDATE … RETURNING with its ledger row, and
// the lines of a call are one commit. On PostgreSQL a line is one statement, and a
// single line its own transaction.
func (s *stocked) plain(p *db.DB, n, lines int) call {
	one := func(ctx context.Context, q db.Q, now db.Time, level inventory.LevelID) error {
		touched, err := db.Exec(ctx, q, `WITH l AS (`+floorUpdate+`) `+floorInsert+`
			SELECT $1, $2, $4, entries, entry_before, 0, 1, quantity, reserved, 'reserved', $3 FROM l`, s.store, level, now, p.NewID())
		if err == nil && touched != 1 {
			return errRefused
		}
		return err
	}
	if p.Engine() == db.SQLite {
		one = s.plainOnSQLite
	}
	return func(ctx context.Context) error {
		now := db.Time{Time: p.Now()}
		chosen := s.some(n, lines)
		if lines == 1 && p.Engine() == db.Postgres {
			return one(ctx, p, now, s.levels[chosen[0]])
		}
		return p.InTx(ctx, func(tx *db.Tx) error {
			for _, i := range chosen {
				if err := one(ctx, tx.Prepared(), now, s.levels[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func (s *stocked) plainOnSQLite(ctx context.Context, q db.Q, now db.Time, level inventory.LevelID) error {
	type after struct {
		quantity, reserved, entries int64
		before                      *id.UUID
	}
	entry := s.db.NewID()
	found, err := db.One(ctx, q, func(row db.Row) (after, error) {
		var a after
		err := row.Scan(&a.quantity, &a.reserved, &a.entries, &a.before)
		return a, err
	}, floorUpdate, s.store, level, now, entry)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, q, floorInsert+` VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $7, 'reserved', $8)`,
		s.store, level, entry, found.entries, found.before, found.quantity, found.reserved, now)
	return err
}

// rate is what a round gave.
type rate struct {
	perSecond float64
	p50, p99  time.Duration
}

// compare measures a load in rounds, the floor with every pool and the combined way
// in turn.
func (s *stocked) compare(ctx context.Context, out *report, l load, pools []*db.DB) error {
	floors := make([][]rate, len(pools))
	var ours []rate
	for range roundCount {
		for i, p := range pools {
			r, err := round(ctx, callers, l.floor(p))
			if err != nil {
				return fmt.Errorf("floor: %w", err)
			}
			floors[i] = append(floors[i], r)
		}
		r, err := round(ctx, callers, l.combined)
		if err != nil {
			return err
		}
		ours = append(ours, r)
	}
	best, pool := rate{}, 0
	for i, rates := range floors {
		if r := middle(rates); r.perSecond > best.perSecond {
			best, pool = r, i
		}
	}
	size := "one writer"
	if s.db.Engine() == db.Postgres {
		size = fmt.Sprintf("%d connections", poolSizes[pool])
	}
	r := middle(ours)
	times, spread := fmt.Sprintf("%.2f ×", r.perSecond/best.perSecond), milli(r.p99)
	if l.marks != (marks{}) {
		times, spread = out.atLeast(l.marks.on(s.db.Engine()), r.perSecond/best.perSecond, "×"), out.atMost(3, ratio(r.p99, r.p50), "× the p50")
	}
	out.printf("| %s | %.0f/s (%s) | %.0f/s | %s | %s | %s |\n", l.name, best.perSecond, size, r.perSecond, times, milli(r.p50), spread)
	return nil
}

// round has n callers repeat a call for a while.
func round(ctx context.Context, n int, c call) (rate, error) {
	return roundOf(ctx, n, func(int) call { return c })
}

// roundOf is round with a call for each caller.
func roundOf(ctx context.Context, n int, of func(int) call) (rate, error) {
	times := make([][]time.Duration, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	began := time.Now() //nolint:forbidigo // measures
	for i := range n {
		c := of(i)
		wg.Go(func() {
			for time.Since(began) < roundTime && errs[i] == nil {
				took, err := timed(func() error { return c(ctx) })
				times[i], errs[i] = append(times[i], took), err
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	all := slices.Concat(times...)
	slices.Sort(all)
	return rate{float64(len(all)) / took.Seconds(), all[len(all)/2], all[len(all)*99/100]}, errors.Join(errs...)
}

// middle returns the round with the median throughput.
func middle(rates []rate) rate {
	sorted := slices.SortedFunc(slices.Values(rates), func(a, b rate) int { return int(a.perSecond - b.perSecond) })
	return sorted[len(sorted)/2]
}

// lone compares a caller who is alone with the plain statement.
func (s *stocked) lone(ctx context.Context, out *report, w *inventory.Writer) error {
	plain, combined := s.plain(s.db, items, 1), s.combined(w, items)
	var floor, ours []time.Duration
	for range 1500 {
		for _, side := range []struct {
			call  call
			times *[]time.Duration
		}{{plain, &floor}, {combined, &ours}} {
			took, err := timed(func() error { return side.call(ctx) })
			if err != nil {
				return err
			}
			*side.times = append(*side.times, took)
		}
	}
	out.printf("\n%s, a lone caller: p50 %s, of the plain statement %s (%s).\n", s.db.Engine(), milli(median(ours)), milli(median(floor)), out.atMost(1.1, ratio(median(ours), median(floor)), "×"))
	return nil
}

// check replays the ledger: what was measured was done.
func (s *stocked) check(ctx context.Context) error {
	for d, err := range inventory.Verify(ctx, s.db) {
		if err != nil {
			return err
		}
		if d.Level.IsZero() { // of the totals, which the plain statements of the floor do not keep
			continue
		}
		return errors.New(d.String())
	}
	return nil
}

func milli(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }
