package main

import (
	"context"
	"fmt"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fixture"
)

const (
	growthRuns = 3
	tenfold    = 10
)

var aboutGrowth = fmt.Sprintf(`
The large store, and one of %d times its rows, are cloned in turn, median of %d. Mark: at most 12 × the time.

| database | rows | time | rows | time | |
| --- | --- | --- | --- | --- | --- |`, tenfold, growthRuns)

func measureGrowth(ctx context.Context, d *db.DB, out *report) error {
	owner, small, err := largeStore(ctx, d)
	if err != nil {
		return err
	}
	large, err := fixture.Catalog(ctx, d, owner, fixture.Large)
	if err != nil {
		return err
	}
	if err := multiply(ctx, d, large.ID, tenfold, cloned...); err != nil {
		return err
	}
	if err := analyze(ctx, d); err != nil {
		return err
	}
	var one, ten []time.Duration
	for range growthRuns {
		_, took, err := cloneOnce(ctx, d, owner, small.ID)
		if err != nil {
			return err
		}
		one = append(one, took)
		if _, took, err = cloneOnce(ctx, d, owner, large.ID); err != nil {
			return err
		}
		ten = append(ten, took)
	}
	few, err := countRows(ctx, d, small.ID)
	if err != nil {
		return err
	}
	many, err := countRows(ctx, d, large.ID)
	if err != nil {
		return err
	}
	out.row(d.Engine(), few, seconds(median(one)), many, seconds(median(ten)), out.atMost(12, ratio(median(ten), median(one)), "×"))
	return nil
}
