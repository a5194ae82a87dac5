package job_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/job"
)

func TestGet_showsProgressWhileTheJobsTransactionIsOpen(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		b := newBench(t, dbtest.Open(t, address, clock.System{}))
		r := job.NewRunner(b.db, quick())
		goOn := make(chan struct{})
		defer sync.OnceFunc(func() { close(goOn) })()
		job.Handle(r, "work", func(ctx context.Context, run *job.Run, _ none) error {
			return b.db.InTx(ctx, func(tx *db.Tx) error {
				if err := effect(ctx, tx, "work", 1); err != nil {
					return err
				}
				run.Progress("products", 3, 10)
				<-goOn
				run.Progress("themes", 10, 10)
				return run.Succeed(ctx, tx, nil)
			})
		}, job.Settings{})
		b.run(r)
		j := b.enqueue("work", nil)
		seenFrom := []*job.Runner{r}
		if b.db.Engine() == db.Postgres {
			seenFrom = append(seenFrom, job.NewRunner(dbtest.Open(t, address, clock.System{}), quick()))
		}
		for _, from := range seenFrom {
			eventually(t, "progress is seen", func() bool {
				now, err := from.Get(t.Context(), b.account, j)
				return err == nil && now.Status == job.Running && now.Step == "products" && now.Done == 3 && now.Total == 10
			})
		}
		goOn <- struct{}{}
		if now := b.finished(r, j); now.Step != "themes" || now.Done != 10 || now.Total != 10 {
			t.Errorf("at the end: %+v", now)
		}
	})
}

func TestGet_ofSomebodyElsesJobFindsNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		r := job.NewRunner(d, quick())
		j := b.enqueue("work", nil)
		if _, err := r.Get(t.Context(), d.NewID(), j); !fault.Is(err, fault.NotFound) {
			t.Errorf("of another account: %v", err)
		}
		if _, err := r.Get(t.Context(), b.account, job.ID{UUID: id.UUID{1}}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an id of nothing: %v", err)
		}
	})
}

func TestWatch_yieldsEachChangeAndEndsWithTheJob(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		r := job.NewRunner(d, quick())
		seen := make(chan string)
		job.Handle(r, "work", func(_ context.Context, run *job.Run, _ none) error {
			for _, step := range []string{"one", "two"} {
				run.Progress(step, 0, 0)
				for got := range seen {
					if got == step {
						break
					}
				}
			}
			return nil
		}, job.Settings{})
		j := b.enqueue("work", nil)
		var last job.Job
		for now, err := range r.Watch(t.Context(), b.account, j) {
			if err != nil {
				t.Fatal(err)
			}
			if last.Status == now.Status && last.Step == now.Step {
				t.Errorf("nothing has changed: %+v", now)
			}
			switch last = now; {
			case now.Status == job.Queued:
				b.run(r)
			case now.Step != "":
				select {
				case seen <- now.Step:
				case <-time.After(time.Minute):
					t.Fatal("the job does not go on")
				}
			}
			if now.Step == "two" {
				break
			}
		}
		if now := b.finished(r, j); now.Status != job.Succeeded {
			t.Errorf("job: %+v", now)
		}
	})
}

func TestRun_longJobsLeaveAWorkerToTheOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		o := quick()
		o.Workers = 3
		r := job.NewRunner(d, o)
		began, goOn := make(chan struct{}, 5), make(chan struct{})
		job.Handle(r, "long", func(context.Context, *job.Run, none) error { began <- struct{}{}; <-goOn; return nil }, job.Settings{Long: true})
		job.Handle(r, "short", func(context.Context, *job.Run, none) error { return nil }, job.Settings{})
		var long []job.ID
		for range 5 {
			long = append(long, b.enqueue("long", nil))
		}
		b.run(r)
		<-began
		<-began
		b.finished(r, b.enqueue("short", nil))
		if n := len(began); n != 0 {
			t.Errorf("%d long jobs run at once, want 2 of 3 workers", n+2)
		}
		close(goOn)
		for _, j := range long {
			b.finished(r, j)
		}
	})
}

func TestEvery_isDoneOncePerIntervalByAllProcesses(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		b := newBench(t, dbtest.Open(t, address, c))
		did := make(chan struct{}, 10)
		for range 2 {
			r := job.NewRunner(dbtest.Open(t, address, c), quick())
			r.Every("chore", time.Second, func(context.Context) error { did <- struct{}{}; return nil })
			b.run(r)
		}
		<-did
		for range 3 {
			c.Advance(time.Second)
			<-did
		}
		if n := b.count(`SELECT count(*) FROM job_chore WHERE name = 'chore' AND next_at = $1`, db.Time{Time: c.Now().Add(time.Second)}); n != 1 || len(did) != 0 {
			t.Errorf("done %d times too often; next time right: %d", len(did), n)
		}
	})
}

func TestRun_deletesJobsThatHaveLongFinished(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		b := newBench(t, dbtest.Open(t, address, c))
		r := job.NewRunner(b.db, quick())
		job.Handle(r, "work", func(context.Context, *job.Run, none) error { return nil }, job.Settings{})
		stop := b.run(r)
		old := b.finished(r, b.enqueue("work", nil))
		stop()
		waiting := b.enqueue("nobody's", nil)
		c.Advance(30*24*time.Hour + time.Second)
		r = job.NewRunner(b.db, quick())
		b.run(r)
		eventually(t, "the old job is gone", func() bool {
			_, err := r.Get(t.Context(), b.account, old.ID)
			return fault.Is(err, fault.NotFound)
		})
		if _, err := r.Get(t.Context(), b.account, waiting); err != nil {
			t.Errorf("a job that waits: %v", err)
		}
	})
}
