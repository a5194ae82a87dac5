package job_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/job"
)

// workUntilKilled is what another process does: it takes a job, has done half of it
// in a transaction that is open, and waits for its end.
func workUntilKilled(address string) {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{URL: address, Clock: clock.System{}})
	if err != nil {
		panic(err)
	}
	r := job.NewRunner(d, quick())
	job.Handle(r, "work", func(ctx context.Context, run *job.Run, name string) error {
		return d.InTx(ctx, func(tx *db.Tx) error {
			if err := effect(ctx, tx, name, 1); err != nil {
				return err
			}
			if err := run.Succeed(ctx, tx, "by the dead"); err != nil {
				return err
			}
			_, _ = os.Stdout.WriteString("working\n")
			<-ctx.Done()
			return ctx.Err()
		})
	}, job.Settings{})
	_ = r.Run(ctx)
	os.Exit(0)
}

// anotherProcess starts one that works on the database, and returns when it is at
// a job.
func anotherProcess(t *testing.T, address string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command(self) //nolint:gosec,noctx // this test itself, killed below
	other.Env = append(os.Environ(), "VITRINE_TEST_WORKER="+address)
	out, err := other.StdoutPipe()
	if err == nil {
		err = other.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	if _, err := out.Read(make([]byte, len("working\n"))); err != nil {
		t.Fatalf("the other process does not work: %v", err)
	}
	return other
}

func TestRun_takesOverTheJobOfAProcessThatWasKilled(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		b := newBench(t, dbtest.Open(t, address, clock.System{}))
		j := b.enqueue("work", "mug")
		other := anotherProcess(t, address)
		r := job.NewRunner(b.db, quick())
		job.Handle(r, "work", func(ctx context.Context, run *job.Run, name string) error {
			return b.db.InTx(ctx, func(tx *db.Tx) error {
				if err := effect(ctx, tx, name, 2); err != nil {
					return err
				}
				return run.Succeed(ctx, tx, "by the living")
			})
		}, job.Settings{})
		b.run(r)
		if now, err := r.Get(t.Context(), b.account, j); err != nil || now.Status != job.Running {
			t.Fatalf("while the other process lives: %+v, %v", now, err)
		}
		if err := other.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if now := b.finished(r, j); now.Status != job.Succeeded || string(now.Result) != `"by the living"` {
			t.Errorf("job: %+v", now)
		}
		if n := b.count(`SELECT sum(n) FROM effect`); n != 2 {
			t.Errorf("effects: %d, want that of the living alone", n)
		}
	})
}

func TestRun_givesUpAJobThatDiesWithItsProcessAgainAndAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		j := b.enqueue("work", nil)
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE job SET status = 'running', claim = $2, worker_id = $2, interruptions = 20 WHERE id = $1`, j, tx.NewID())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		r := job.NewRunner(d, quick())
		job.Handle(r, "work", func(context.Context, *job.Run, none) error { return nil }, job.Settings{})
		b.run(r)
		if now := b.finished(r, j); now.Status != job.Failed || now.Error == "" {
			t.Errorf("job: %+v", now)
		}
	})
}

func TestRun_whenStoppedPutsBackWhatDoesNotFinish(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		o := quick()
		o.Workers = 2
		first := job.NewRunner(d, o)
		began, stopping := make(chan struct{}, 2), make(chan struct{})
		job.Handle(first, "slow", func(ctx context.Context, _ *job.Run, _ none) error {
			began <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}, job.Settings{MaxAttempts: 1})
		job.Handle(first, "ends", func(ctx context.Context, run *job.Run, _ none) error {
			began <- struct{}{}
			<-stopping
			ctx = context.WithoutCancel(ctx) // it is about to end anyway
			return d.InTx(ctx, func(tx *db.Tx) error { return run.Succeed(ctx, tx, 1) })
		}, job.Settings{})
		stop := b.run(first)
		slow, ends := b.enqueue("slow", nil), b.enqueue("ends", nil)
		<-began
		<-began
		close(stopping)
		stop()
		if j, err := first.Get(t.Context(), b.account, slow); err != nil || j.Status != job.Queued || j.Error != "" {
			t.Errorf("the slow one: %+v, %v", j, err)
		}
		if j, err := first.Get(t.Context(), b.account, ends); err != nil || j.Status != job.Succeeded {
			t.Errorf("the one that ends: %+v, %v", j, err)
		}
		second := job.NewRunner(d, quick())
		job.Handle(second, "slow", func(context.Context, *job.Run, none) error { return nil }, job.Settings{MaxAttempts: 1})
		b.run(second)
		if j := b.finished(second, slow); j.Status != job.Succeeded {
			t.Errorf("after a restart: %+v", j)
		}
	})
}

func TestRun_twoRunnersNeverDoOneJobTwice(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		b := newBench(t, dbtest.Open(t, address, clock.System{}))
		const jobs = 100
		var last job.ID
		for i := range jobs {
			last = b.enqueue("work", i)
		}
		var atOnce sync.Map
		var runners [2]*job.Runner
		for i := range runners {
			d := dbtest.Open(t, address, clock.System{})
			runners[i] = job.NewRunner(d, quick())
			job.Handle(runners[i], "work", func(ctx context.Context, run *job.Run, n int) error {
				if _, twice := atOnce.LoadOrStore(run.ID, true); twice {
					t.Errorf("job %d runs twice at once", n)
				}
				defer atOnce.Delete(run.ID)
				return d.InTx(ctx, func(tx *db.Tx) error {
					if err := effect(ctx, tx, "work", n); err != nil {
						return err
					}
					return run.Succeed(ctx, tx, n)
				})
			}, job.Settings{})
		}
		stopFirst := b.run(runners[0])
		b.run(runners[1])
		eventually(t, "half of the jobs are done", func() bool { return b.count(`SELECT count(*) FROM effect`) >= jobs/2 })
		stopFirst()
		b.finished(runners[1], last)
		eventually(t, "all jobs are done", func() bool { return b.count(`SELECT count(*) FROM job WHERE status = 'succeeded'`) == jobs })
		if n, distinct := b.count(`SELECT count(*) FROM effect`), b.count(`SELECT count(DISTINCT n) FROM effect`); n != jobs || distinct != jobs {
			t.Errorf("%d effects, %d of them distinct", n, distinct)
		}
	})
}

// A worker whose connection is cut looks dead to the others. It must notice, and
// what it did must not count.
func TestRun_givesItsJobsUpWithTheConnectionThatShowsItLives(t *testing.T) {
	t.Parallel()
	address := dbtest.OnlyPostgres(t)
	b := newBench(t, dbtest.Open(t, address, clock.System{}))
	r := job.NewRunner(b.db, quick())
	began := make(chan struct{}, 1)
	var goes atomic.Int32
	job.Handle(r, "work", func(ctx context.Context, run *job.Run, _ none) error {
		if goes.Add(1) == 1 {
			began <- struct{}{}
			<-ctx.Done()
			if cause := context.Cause(ctx); !errors.Is(cause, job.ErrLost) {
				t.Errorf("the context ends with %v", cause)
			}
			// Stubborn: it goes on until the job is somebody else's.
			eventually(t, "the job is put back", func() bool { return b.count(`SELECT count(*) FROM job WHERE claim IS NULL`) == 1 })
		}
		ctx = context.WithoutCancel(ctx)
		return b.db.InTx(ctx, func(tx *db.Tx) error {
			if err := effect(ctx, tx, "work", int(goes.Load())); err != nil {
				return err
			}
			return run.Succeed(ctx, tx, goes.Load())
		})
	}, job.Settings{})
	b.run(r)
	j := b.enqueue("work", nil)
	<-began
	other := job.NewRunner(dbtest.Open(t, address, clock.System{}), quick()) // looks for the dead
	b.run(other)
	if n := b.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'vitrine jobs'`); n == 0 {
		t.Fatal("no connection was cut")
	}
	if now := b.finished(r, j); now.Status != job.Succeeded || string(now.Result) != "2" {
		t.Errorf("job: %+v", now)
	}
	if n := b.count(`SELECT count(*) FROM effect`); n != 1 {
		t.Errorf("%d effects", n)
	}
}

func TestRun_goesOnWhenTheDatabaseIsBack(t *testing.T) {
	t.Parallel()
	address := dbtest.OnlyPostgres(t)
	b := newBench(t, dbtest.Open(t, address, clock.System{}))
	r := job.NewRunner(b.db, quick())
	began := make(chan struct{}, 1)
	var goes atomic.Int32
	job.Handle(r, "work", func(ctx context.Context, run *job.Run, _ none) error {
		n := goes.Add(1)
		return b.db.InTx(ctx, func(tx *db.Tx) error {
			if err := effect(ctx, tx, "work", int(n)); err != nil {
				return err
			}
			if n == 1 {
				began <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			}
			return run.Succeed(ctx, tx, n)
		})
	}, job.Settings{})
	b.run(r)
	running := b.enqueue("work", nil)
	<-began
	queued := b.enqueue("work", nil)
	back := dbtest.TakeAway(t, address)
	if _, err := r.Get(t.Context(), b.account, queued); !db.Unavailable(err) {
		t.Errorf("while the database is away: %v", err)
	}
	back()
	for _, j := range []job.ID{running, queued} {
		if now := b.finished(r, j); now.Status != job.Succeeded {
			t.Errorf("job: %+v", now)
		}
	}
	if n := b.count(`SELECT count(*) FROM effect`); n != 2 {
		t.Errorf("%d effects", n)
	}
}
