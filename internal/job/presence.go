package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// join makes this process one that works. leave is called after its last job.
func (r *Runner) join(ctx, base context.Context) (leave func(), err error) {
	if r.db.Engine() == db.SQLite {
		return r.joinFile(ctx)
	}
	return r.joinCluster(base)
}

// joinFile waits until this process has the lock file. The system drops the lock
// when a process ends, so whoever has it knows that no other works.
func (r *Runner) joinFile(ctx context.Context) (leave func(), err error) {
	for {
		unlock, ok, err := r.db.TryLockFile("-jobs")
		if err != nil {
			return nil, err
		}
		if ok {
			r.become(r.db.NewID())
			return unlock, nil
		}
		if !pause(ctx, r.Poll) {
			return nil, ctx.Err()
		}
	}
}

// become says who this process is to the others from now on.
func (r *Runner) become(worker id.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.worker = worker
}

// lockOf begins the number of a worker's lock: its id and ", 0)" follow.
const lockOf = `hashtextextended('job worker ' || `

// progressEvery is how often the progress of running jobs is written.
const progressEvery = 200 * time.Millisecond

// silence is how long an answer may take until a process gives its jobs up.
const silence = 20 * time.Second

// session are the settings of the connection that shows that this process lives.
// PostgreSQL gives it up when its machine has vanished: later than after silence,
// so that nobody else can have the jobs before.
var session = map[string]string{
	"application_name": "vitrine jobs", "tcp_user_timeout": "35000",
	"tcp_keepalives_idle": "20", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
}

// joinCluster shows that this process lives until leave is called. It takes no jobs
// before PostgreSQL has heard of it, and none while it does not.
func (r *Runner) joinCluster(base context.Context) (leave func(), err error) {
	config, err := pgx.ParseConfig(r.db.URL())
	if err != nil {
		return nil, fmt.Errorf("database_url: %w", err)
	}
	config.ConnectTimeout = silence
	maps.Copy(config.RuntimeParams, session)
	ctx, stop := context.WithCancel(base)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			report(ctx, "show that this process lives", r.live(ctx, config))
			pause(ctx, time.Second)
		}
	}()
	return func() { stop(); <-done }, nil
}

// live holds the lock of a worker over a connection of its own, until that breaks
// or ctx ends. The lock falls with the connection, and so as soon as the process
// dies. The progress of running jobs takes the same way.
func (r *Runner) live(ctx context.Context, config *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // gone is what it is to be
	worker := r.db.NewID()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(`+lockOf+`$1, 0))`, worker.String()); err != nil {
		return err
	}
	r.become(worker)
	defer r.lose()
	heartbeat, progress := time.NewTicker(r.Heartbeat), time.NewTicker(progressEvery)
	defer heartbeat.Stop()
	defer progress.Stop()
	for {
		act := conn.Ping
		select {
		case <-ctx.Done():
			return nil
		case <-heartbeat.C:
		case <-progress.C:
			act = func(ctx context.Context) error { return r.saveProgress(ctx, conn) }
		}
		if err := within(ctx, silence, act); err != nil {
			return err
		}
	}
}

func within(ctx context.Context, limit time.Duration, act func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return act(ctx)
}

// lose gives up all running jobs, since others may have taken them.
func (r *Runner) lose() {
	r.become(id.UUID{})
	r.cancelRuns(ErrLost)
}

const saveProgress = `
	INSERT INTO job_progress (job_id, step, done, total) VALUES ($1, $2, $3, $4)
	ON CONFLICT (job_id) DO UPDATE SET step = excluded.step, done = excluded.done, total = excluded.total`

func (r *Runner) saveProgress(ctx context.Context, conn *pgx.Conn) error {
	r.mu.Lock()
	runs := slices.Collect(maps.Values(r.runs))
	r.mu.Unlock()
	for _, run := range runs {
		at, changed := run.unsaved()
		if !changed {
			continue
		}
		if _, err := conn.Exec(ctx, saveProgress, run.ID, at.step, at.done, at.total); err != nil {
			return err
		}
		run.saved(at)
	}
	return nil
}
