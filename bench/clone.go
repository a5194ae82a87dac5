package main

import (
	"context"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/clone"
	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/store"
)

// runs is how often each side is measured; the median counts.
const runs = 5

const aboutClone = `
A store of 10,000 products × 10 variants, 500 categories in 4 levels, 30,000 category links, 20,000 supplier links, 500 discounts and
5,000 discount links is cloned. The floor is plain ` + "`INSERT … SELECT`" + ` of the same rows with ready-made ids, in one transaction, into tables with
the same primary, unique and foreign keys; the second floor's tables have the other indexes too, which lists need and a clone keeps.
Median of 5, one after the other in turn. "Row by row" reads the same rows and inserts each, in one transaction, into tables with all
indexes: on PostgreSQL each costs a round trip, while SQLite is in the process and its floor itself is not 5 × faster than that. Marks: at most 1.4 × the first floor, at least 5 × faster than row by row.

| database | rows | clone | floor | clone : floor | with all indexes | clone : that | row by row | row by row : clone |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |`

func measureClone(ctx context.Context, d *db.DB, out *report) error {
	owner, source, err := largeStore(ctx, d)
	if err != nil {
		return err
	}
	keys, err := newFloor(ctx, d, "keys", false)
	if err != nil {
		return err
	}
	indexed, err := newFloor(ctx, d, "indexed", true)
	if err != nil {
		return err
	}
	if err := analyze(ctx, d); err != nil {
		return err
	}
	var clones, low, high []time.Duration
	for range runs {
		copied, took, err := cloneOnce(ctx, d, owner, source.ID)
		if err != nil {
			return err
		}
		clones = append(clones, took)
		if err := makeReady(ctx, d, copied); err != nil {
			return err
		}
		if took, err = keys.insert(ctx); err != nil {
			return err
		}
		low = append(low, took)
		if took, err = indexed.insert(ctx); err != nil {
			return err
		}
		high = append(high, took)
	}
	rows, err := keys.rows(ctx)
	if err != nil {
		return err
	}
	each, err := rowByRow(ctx, d)
	if err != nil {
		return err
	}
	c, l, h := median(clones), median(low), median(high)
	out.row(d.Engine(), rows/runs, seconds(c), seconds(l), out.atMost(1.4, ratio(c, l), "×"), seconds(h), times(c, h),
		seconds(each), out.atLeast(5, ratio(each, c), "×"))
	return nil
}

// rowByRow inserts what was cloned last once more, into tables of its own.
func rowByRow(ctx context.Context, d *db.DB) (time.Duration, error) {
	f, err := newFloor(ctx, d, "each", true)
	if err != nil {
		return 0, err
	}
	return f.insertEach(ctx)
}

// largeStore makes the store that is cloned.
func largeStore(ctx context.Context, d *db.DB) (account.ID, store.Store, error) {
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return owner, store.Store{}, err
	}
	source, err := fixture.Catalog(ctx, d, owner, fixture.Large)
	if err != nil {
		return owner, source, err
	}
	return owner, source, analyze(ctx, d)
}

func cloneOnce(ctx context.Context, d *db.DB, owner account.ID, source store.ID) (copied store.Store, took time.Duration, err error) {
	if err := settle(ctx, d); err != nil {
		return copied, 0, err
	}
	took, err = timed(func() error {
		copied, err = makeClone(ctx, d, owner, source)
		return err
	})
	return copied, took, err
}

func makeClone(ctx context.Context, d *db.DB, owner account.ID, source store.ID) (copied store.Store, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) error {
		copied, err = clone.Run(ctx, tx, owner, clone.Request{Source: source}, nil)
		return err
	}, clone.Options()...)
	return copied, err
}
