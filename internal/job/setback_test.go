package job_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/job"
)

var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// The machine's clock goes an hour ahead and is set back: what was put off meanwhile
// comes soon, and not in an hour.
func TestRun_whenTheClockIsSetBackLeavesNoJobWaiting(t *testing.T) {
	t.Parallel()
	dbtest.EachFrom(t, noon, func(t *testing.T, d *db.DB, c *clock.Fixed) {
		b := newBench(t, d)
		r := job.NewRunner(d, quick())
		var told time.Time
		r.AfterSetBack(func(_ context.Context, _ *db.Tx, latest db.Time) error { told = latest.Time; return nil })
		for range 2 {
			r.WatchClock(t.Context())
			c.Advance(time.Hour)
		}
		if !told.IsZero() {
			t.Error("the clock went on, and was taken to be set back")
		}
		r.WatchClock(t.Context())
		b.enqueue("work", nil)
		c.Advance(-time.Hour)
		r.WatchClock(t.Context())
		if want := noon.Add(time.Hour + time.Minute); !told.Equal(want) || b.count(`SELECT count(*) FROM job WHERE run_at <= $1`, db.Time{Time: want}) != 1 {
			t.Errorf("others are told %v", told)
		}
	})
}

func TestEvery_goesOnWhenTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	dbtest.EachFrom(t, noon, func(t *testing.T, d *db.DB, c *clock.Fixed) {
		b, r := newBench(t, d), job.NewRunner(d, quick())
		var chores atomic.Int64
		r.Every("chore", 20*time.Millisecond, func(context.Context) error { chores.Add(1); return nil })
		b.run(r)
		for i, by := range []time.Duration{0, time.Hour, -time.Hour, time.Second} {
			c.Advance(by)
			eventually(t, "the chore is done", func() bool { return chores.Load() == int64(i+1) })
		}
	})
}
