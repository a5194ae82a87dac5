package order

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
)

// books are what orders that are placed and orders that are moved share in one
// transaction: the counters of their stores, which are locked before everything
// else, and the uses of discounts. Whoever has a store's counter writes its orders,
// its customers and what was sold alone, so that two processes cannot wait for each
// other.
type books struct {
	counters  map[id.UUID]*counter
	discounts map[discountKey]*allowance
}

type discountKey struct{ store, discount id.UUID }

// counter is the last number of a store's orders.
type counter struct{ last, was int64 }

// allowance is how often a discount was used, and may be.
type allowance struct {
	used, was int64
	limit     *int64
	gone      bool
}

// booksIn returns the books of the batch. Other parts join after them, so that they
// are opened first.
func booksIn(stock *inventory.Stock) *books {
	return inventory.Join(stock, func() *books {
		return &books{counters: map[id.UUID]*counter{}, discounts: map[discountKey]*allowance{}}
	})
}

// need says that orders of a store are written, and that the uses of a discount may
// change unless it is nil.
func (b *books) need(st store.ID, discount *id.UUID) {
	b.counters[st.UUID] = &counter{}
	if discount != nil {
		b.discounts[discountKey{st.UUID, *discount}] = &allowance{gone: true}
	}
}

// allow tells whether a discount may be used once more. It was found usable when the
// order was priced; others may have used it up since.
func (b *books) allow(st store.ID, d *pricing.Discount) (*allowance, error) {
	if d == nil {
		return nil, nil
	}
	a := b.discounts[discountKey{st.UUID, d.ID.UUID}]
	if a.gone {
		return nil, fault.Refusedf("discount_unknown", "There is no discount code %q.", d.Code)
	}
	if a.limit != nil && a.used >= *a.limit {
		return nil, fault.Refusedf("discount_unusable", "The discount code %q has been used as often as it can be.", d.Code)
	}
	return a, nil
}

// giveBack gives back one use of a discount, which may be gone, or nil.
func (b *books) giveBack(st store.ID, discount *id.UUID) {
	if discount == nil {
		return
	}
	if a := b.discounts[discountKey{st.UUID, *discount}]; a.used > 0 {
		a.used--
	}
}

// Open locks the counters and then the discounts, each in the order of their keys.
func (b *books) Open(ctx context.Context, tx *db.Tx) error {
	if err := b.openCounters(ctx, tx); err != nil {
		return fmt.Errorf("lock the order counters: %w", err)
	}
	if err := b.openDiscounts(ctx, tx); err != nil {
		return fmt.Errorf("lock the discounts: %w", err)
	}
	return nil
}

var (
	storeColumns    = db.NewColumns("store_id uuid")
	discountColumns = db.NewColumns("store_id uuid, id uuid")
	countColumns    = db.NewColumns("store_id uuid, n bigint")
	usedColumns     = db.NewColumns("store_id uuid, id uuid, n bigint")
)

// firstNumber is one less than the number of a store's first order.
const firstNumber = 1000

func (b *books) openCounters(ctx context.Context, tx *db.Tx) error {
	stores := storeColumns.Set()
	for _, st := range slices.SortedFunc(maps.Keys(b.counters), id.Compare) {
		stores.Add(st)
	}
	type found struct {
		store id.UUID
		last  int64
	}
	lock := func() (int, error) {
		counters, err := db.QuerySet(ctx, tx, stores, func(row db.Row) (f found, err error) {
			return f, row.Scan(&f.store, &f.last)
		}, `WITH @given SELECT c.store_id, c.last FROM given CROSS JOIN order_counter c WHERE c.store_id = given.store_id`+tx.Engine().ForUpdate("c", "c.store_id"))
		for _, c := range counters {
			*b.counters[c.store] = counter{last: c.last, was: c.last}
		}
		return len(counters), err
	}
	n, err := lock()
	if err != nil || n == stores.Len() {
		return err
	}
	_, err = stores.Exec(ctx, tx, `WITH @given INSERT INTO order_counter (store_id, last) SELECT store_id, $1 FROM given WHERE TRUE ON CONFLICT DO NOTHING`, firstNumber)
	if err != nil {
		return err
	}
	_, err = lock()
	return err
}

func (b *books) openDiscounts(ctx context.Context, tx *db.Tx) error {
	discounts := discountColumns.Set()
	for key := range b.discounts {
		discounts.Add(key.store, key.discount)
	}
	type found struct {
		discountKey
		allowance
	}
	known, err := db.QuerySet(ctx, tx, discounts, func(row db.Row) (f found, err error) {
		err = row.Scan(&f.store, &f.discount, &f.used, &f.limit)
		f.was = f.used
		return f, err
	}, `WITH @given SELECT d.store_id, d.id, d.times_used, d.usage_limit FROM given CROSS JOIN discount d
		WHERE d.store_id = given.store_id AND d.id = given.id`+tx.Engine().ForUpdate("d", "d.store_id, d.id"))
	for _, f := range known {
		*b.discounts[f.discountKey] = f.allowance
	}
	return err
}

const (
	updateCounters = `
		WITH @given UPDATE order_counter SET last = given.n FROM given WHERE order_counter.store_id = given.store_id`

	updateDiscounts = `
		WITH @given UPDATE discount SET times_used = given.n FROM given WHERE discount.store_id = given.store_id AND discount.id = given.id`
)

// Write writes what was counted.
func (b *books) Write(ctx context.Context, tx *db.Tx) error {
	counted, used := countColumns.Set(), usedColumns.Set()
	for st, c := range b.counters {
		if c.last != c.was {
			counted.Add(st, c.last)
		}
	}
	for key, a := range b.discounts {
		if a.used != a.was {
			used.Add(key.store, key.discount, a.used)
		}
	}
	if _, err := counted.Exec(ctx, tx, updateCounters); err != nil {
		return fmt.Errorf("count orders: %w", err)
	}
	if _, err := used.Exec(ctx, tx, updateDiscounts); err != nil {
		return fmt.Errorf("count discounts: %w", err)
	}
	return nil
}
