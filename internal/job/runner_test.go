package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/job"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError + 1})))
	if address := os.Getenv("VITRINE_TEST_WORKER"); address != "" {
		workUntilKilled(address)
	}
	os.Exit(dbtest.MainAccept(m))
}

// quick are options under which a test need not wait.
func quick() job.Options {
	return job.Options{
		Poll: 5 * time.Millisecond, Heartbeat: 50 * time.Millisecond, Grace: time.Millisecond,
		Backoff: func(int) time.Duration { return 0 },
	}
}

// bench is a database with somebody whose jobs run on it, and a table for what the
// jobs do.
type bench struct {
	t       *testing.T
	db      *db.DB
	account id.UUID
}

func newBench(t *testing.T, d *db.DB) *bench {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err == nil {
		_, err = d.Writer().ExecContext(t.Context(), `CREATE TABLE effect (name TEXT NOT NULL, n BIGINT NOT NULL)`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, d, owner.UUID}
}

func (b *bench) enqueue(kind string, args any) job.ID {
	b.t.Helper()
	var j job.ID
	err := b.db.InTx(b.t.Context(), func(tx *db.Tx) (err error) {
		j, err = job.Enqueue(b.t.Context(), tx, job.New{Account: b.account, Kind: kind, Args: args})
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

// effect is what a job does in a test: a row.
func effect(ctx context.Context, tx *db.Tx, name string, n int) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO effect (name, n) VALUES ($1, $2)`, name, n)
	return err
}

func (b *bench) count(query string, args ...any) int {
	b.t.Helper()
	n, err := db.One(b.t.Context(), b.db, db.Value[int], query, args...)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// run starts a runner and returns what stops it. It is stopped with the test.
func (b *bench) run(r *job.Runner) (stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("run: %v", err)
		}
	})
	b.t.Cleanup(stop)
	return stop
}

// finished waits for the end of a job.
func (b *bench) finished(r *job.Runner, j job.ID) job.Job {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	var last job.Job
	for now, err := range r.Watch(ctx, b.account, j) {
		if err != nil {
			b.t.Fatal(err)
		}
		last = now
	}
	if !last.Finished() {
		b.t.Fatalf("the job does not finish: %+v", last)
	}
	return last
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never happens: %s", what)
		}
	}
}

type none struct{}

func TestEnqueue_isUndoneWithItsTransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		undo := errors.New("undo")
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := job.Enqueue(t.Context(), tx, job.New{Account: b.account, Kind: "work"}); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		if n := b.count(`SELECT count(*) FROM job`); n != 0 {
			t.Errorf("%d jobs of a transaction that was rolled back", n)
		}
	})
}

func TestSucceed_commitsWithTheEffect(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		r := job.NewRunner(d, quick())
		goes := 0
		job.Handle(r, "work", func(ctx context.Context, run *job.Run, name string) error {
			goes++
			return d.InTx(ctx, func(tx *db.Tx) error {
				if err := effect(ctx, tx, name, goes); err != nil {
					return err
				}
				if err := run.Succeed(ctx, tx, map[string]int{"go": goes}); err != nil || goes > 1 {
					return err
				}
				return errors.New("the transaction fails after all")
			})
		}, job.Settings{})
		b.run(r)
		j := b.finished(r, b.enqueue("work", "mug"))
		if j.Status != job.Succeeded || string(j.Result) != `{"go":2}` || j.FinishedAt == nil || j.Error != "" {
			t.Errorf("job: %+v", j)
		}
		if n := b.count(`SELECT sum(n) FROM effect`); n != 2 {
			t.Errorf("effects: %d, want that of the second go alone", n)
		}
	})
}

func TestRun_waitsLongerAfterEachFailure(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		b := newBench(t, dbtest.Open(t, address, c))
		o := quick()
		o.Backoff = nil
		r := job.NewRunner(b.db, o)
		var goes atomic.Int32
		job.Handle(r, "fail", func(context.Context, *job.Run, none) error {
			goes.Add(1)
			return errors.New("not today")
		}, job.Settings{MaxAttempts: 3})
		job.Handle(r, "work", func(context.Context, *job.Run, none) error { return nil }, job.Settings{})
		b.run(r)
		failing := b.enqueue("fail", nil)
		for i, wait := range []time.Duration{time.Second, 4 * time.Second} {
			eventually(t, "the failure is written", func() bool {
				return b.count(`SELECT count(*) FROM job WHERE id = $1 AND status = 'queued' AND failures = $2`, failing, i+1) == 1
			})
			c.Advance(wait - time.Microsecond)
			b.finished(r, b.enqueue("work", nil)) // the queue was looked at
			if n := int(goes.Load()); n != i+1 {
				t.Fatalf("%d goes before the wait of %v is over, want %d", n, wait, i+1)
			}
			c.Advance(time.Microsecond)
		}
		if j := b.finished(r, failing); j.Status != job.Failed || goes.Load() != 3 || j.Error == "" || j.Result != nil {
			t.Errorf("after %d goes: %+v", goes.Load(), j)
		}
	})
}

func TestRun_endsAJobWhoseErrorWouldComeAgain(t *testing.T) {
	t.Parallel()
	const neutral = "Something went wrong on our side. Please try again."
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		r := job.NewRunner(d, quick())
		var goes atomic.Int32
		fails := func(kind string, err error, s job.Settings) {
			job.Handle(r, kind, func(context.Context, *job.Run, none) error { goes.Add(1); return err }, s)
		}
		fails("refused", fmt.Errorf("clone: %w", fault.Refusedf("taken", "The name is taken.")), job.Settings{})
		fails("bytes", fault.Refusedf("bytes", "The name %s is taken.", "\x00\xff"), job.Settings{})
		fails("permanent", job.Permanent(errors.New("secret cause")), job.Settings{})
		fails("again", errors.New("secret cause"), job.Settings{MaxAttempts: 3})
		fails("race", fault.Conflictf("raced", "Somebody was faster."), job.Settings{MaxAttempts: 2})
		job.Handle(r, "panic", func(context.Context, *job.Run, none) error { goes.Add(1); panic("secret cause") }, job.Settings{MaxAttempts: 2})
		job.Handle(r, "number", func(context.Context, *job.Run, int) error { goes.Add(1); return nil }, job.Settings{})
		b.run(r)
		for _, tt := range []struct {
			kind    string
			args    any
			message string
			goes    int32
		}{
			{"refused", nil, "The name is taken.", 1},
			{"bytes", nil, "The name \uFFFD\uFFFD is taken.", 1},
			{"permanent", nil, neutral, 1},
			{"again", nil, neutral, 3},
			{"race", nil, "Somebody was faster.", 2},
			{"panic", nil, neutral, 2},
			{"number", "not a number", neutral, 0},
		} {
			goes.Store(0)
			j := b.finished(r, b.enqueue(tt.kind, tt.args))
			if j.Status != job.Failed || j.Error != tt.message || goes.Load() != tt.goes {
				t.Errorf("%s: %q after %d goes, want %q after %d", tt.kind, j.Error, goes.Load(), tt.message, tt.goes)
			}
		}
	})
}

func TestRun_endsAGoThatTakesTooLong(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		r := job.NewRunner(d, quick())
		job.Handle(r, "hang", func(ctx context.Context, _ *job.Run, _ none) error {
			<-ctx.Done()
			return ctx.Err()
		}, job.Settings{Timeout: time.Millisecond, MaxAttempts: 2})
		b.run(r)
		if j := b.finished(r, b.enqueue("hang", nil)); j.Status != job.Failed {
			t.Errorf("job: %+v", j)
		}
	})
}

func TestSave_letsTheNextGoBeginWhereTheLastOneStopped(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		r := job.NewRunner(d, quick())
		const steps = 10
		job.Handle(r, "steps", func(ctx context.Context, run *job.Run, _ none) error {
			next := 0
			if _, err := run.Saved(&next); err != nil {
				return err
			}
			for first := next; next < steps; {
				if next == first+2 {
					return errors.New("two steps at a time")
				}
				err := d.InTx(ctx, func(tx *db.Tx) error {
					if err := effect(ctx, tx, "step", next); err != nil {
						return err
					}
					run.Progress("stepping", next+1, steps)
					return run.Save(ctx, tx, next+1)
				})
				if err != nil {
					return err
				}
				next++
			}
			return d.InTx(ctx, func(tx *db.Tx) error { return run.Succeed(ctx, tx, next) })
		}, job.Settings{MaxAttempts: 2})
		b.run(r)
		j := b.finished(r, b.enqueue("steps", nil))
		if j.Status != job.Succeeded || j.Done != steps || j.Step != "stepping" {
			t.Errorf("job: %+v", j)
		}
		if n, distinct := b.count(`SELECT count(*) FROM effect`), b.count(`SELECT count(DISTINCT n) FROM effect`); n != steps || distinct != steps {
			t.Errorf("%d steps, %d of them distinct", n, distinct)
		}
	})
}

func TestSave_ofTheSameStateIsNoProgress(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		r := job.NewRunner(d, quick())
		job.Handle(r, "stuck", func(ctx context.Context, run *job.Run, _ none) error {
			err := d.InTx(ctx, func(tx *db.Tx) error { return run.Save(ctx, tx, "here") })
			return errors.Join(err, errors.New("stuck"))
		}, job.Settings{MaxAttempts: 3})
		b.run(r)
		if j := b.finished(r, b.enqueue("stuck", nil)); j.Status != job.Failed {
			t.Errorf("job: %+v", j)
		}
	})
}
