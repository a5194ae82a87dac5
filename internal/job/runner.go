package job

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// Options are how a Runner works. A zero field takes its default.
type Options struct {
	Workers   int                              // jobs at once; 4 on PostgreSQL, 2 on SQLite
	Poll      time.Duration                    // between two looks at the queue; 100 ms
	Heartbeat time.Duration                    // between two signs of life, and two looks for the dead; 5 s
	Grace     time.Duration                    // what running jobs get to finish on a stop; 10 s
	Backoff   func(failures int) time.Duration // the wait before another go; 1 s, 4 s, 16 s … 10 min
	Keep      time.Duration                    // how long finished jobs can be looked at; 30 days
}

// Settings are how the jobs of one kind run.
type Settings struct {
	Timeout     time.Duration // of one go; 5 minutes
	MaxAttempts int           // goes in a row that may end with an error; 5
	Long        bool          // takes minutes: together, such jobs leave one worker to the others
}

type kind struct {
	Settings
	handle func(context.Context, *Run) error
}

// Runner runs the jobs of the kinds that it has handlers for. It is safe for
// concurrent use once it runs.
type Runner struct {
	Options
	db     *db.DB
	kinds  map[string]kind
	chores []chore
	freed  chan struct{} // a worker has become free

	setBack []func(ctx context.Context, tx *db.Tx, latest db.Time) error
	seen    time.Time // what the clock said when watchClock looked

	working sync.WaitGroup

	mu     sync.Mutex
	worker id.UUID // who this process is to the others; zero while it must not take jobs
	runs   map[ID]*Run
}

// NewRunner returns a runner without handlers. It does nothing before Run.
func NewRunner(d *db.DB, o Options) *Runner {
	if o.Workers == 0 {
		o.Workers = 4
		if d.Engine() == db.SQLite {
			o.Workers = 2
		}
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	o.Poll = cmp.Or(o.Poll, 100*time.Millisecond)
	o.Heartbeat = cmp.Or(o.Heartbeat, 5*time.Second)
	o.Grace = cmp.Or(o.Grace, 10*time.Second)
	o.Keep = cmp.Or(o.Keep, 30*24*time.Hour)
	r := &Runner{Options: o, db: d, kinds: map[string]kind{}, runs: map[ID]*Run{}, freed: make(chan struct{}, 1)}
	r.Every("delete finished jobs", time.Hour, r.clean)
	r.AfterSetBack(hurry)
	return r
}

func backoff(failures int) time.Duration {
	return min(time.Second<<(2*min(failures-1, 10)), 10*time.Minute)
}

// Handle says what runs the jobs of a kind. fn may run more than once for one job,
// but never twice at once while its context lives. So what it does is either in one
// transaction that ends with run.Succeed; or in many, each with a run.Save, and the
// next go begins from run.Saved; or it bears repetition. A nil error without Succeed
// means success with no result. An error means another go after a wait, unless it is
// Permanent. fn returns soon after its context ends, which is not its failure. All
// handlers are added before Run.
func Handle[A any](r *Runner, name string, fn func(ctx context.Context, run *Run, args A) error, s Settings) {
	if _, taken := r.kinds[name]; taken {
		panic("two handlers for jobs of the kind " + name)
	}
	if s.Timeout == 0 {
		s.Timeout = 5 * time.Minute
	}
	if s.MaxAttempts == 0 {
		s.MaxAttempts = 5
	}
	r.kinds[name] = kind{s, func(ctx context.Context, run *Run) error {
		var args A
		if err := json.Unmarshal([]byte(run.args), &args); err != nil {
			return Permanent(fmt.Errorf("read the arguments: %w", err))
		}
		return protect(func() error { return fn(ctx, run, args) })
	}}
}

// protect turns a panic into an error.
func protect(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}

// errStopping is why the context of a handler ends when the process is to stop.
var errStopping = errors.New("the process is stopping")

// lastWords is how long the outcome of a job may take to write after a stop.
const lastWords = 5 * time.Second

// Run works until ctx ends. Then handlers get their grace, and those that are
// still at it go back to the queue as if they had not been started. Processes on
// one PostgreSQL share the work; of those on one SQLite file one works, and
// another takes over when it ends. Run is called once.
func (r *Runner) Run(ctx context.Context) error {
	base, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	leave, err := r.join(ctx, base)
	if err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // asked to stop before it began
		}
		return err
	}
	defer leave()

	var loops sync.WaitGroup
	loops.Go(func() {
		for ctx.Err() == nil {
			r.reclaim(ctx)
			pause(ctx, r.Heartbeat)
		}
	})
	loops.Go(func() {
		for ctx.Err() == nil {
			r.watchClock(ctx)
			pause(ctx, r.Poll)
		}
	})
	for _, c := range r.chores {
		loops.Go(func() { r.keepDoing(ctx, c) })
	}
	r.dispatch(ctx, base)
	loops.Wait()

	done := make(chan struct{})
	go func() { r.working.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-time.After(r.Grace):
	}
	r.cancelRuns(errStopping)
	defer time.AfterFunc(lastWords, kill).Stop()
	<-done
	return nil
}

func (r *Runner) cancelRuns(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, run := range r.runs {
		run.cancel(cause)
	}
}

// pause waits, and tells whether ctx still lives.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
	return ctx.Err() == nil
}

// report logs what kept the runner from its work, unless it is being stopped.
func report(ctx context.Context, doing string, err error) {
	if err != nil && ctx.Err() == nil {
		slog.ErrorContext(ctx, "jobs: "+doing, "error", err)
	}
}
