package job

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// join makes this process one that works, and waits for that if it must. leave is
// called after its last job.
func (r *Runner) join(ctx, base context.Context) (leave func(), err error) {
	if r.db.Engine() == db.SQLite {
		return r.joinFile(ctx)
	}
	return r.joinCluster(ctx, base)
}

// joinFile waits until this process has the lock file. The system drops the lock
// when a process ends, so whoever has it knows that no other works: no lease is
// needed, which a long transaction on SQLite's one writer would not let renew.
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

// presence is how a process shows on PostgreSQL that it lives, over a connection
// of its own: an advisory lock, which falls as soon as the process dies, and a
// lease, which runs out where its machine died silently. The progress of running
// jobs takes the same way.
type presence struct {
	*Runner
	pool    *sql.DB // one connection
	conn    *sql.Conn
	id      id.UUID
	known   bool      // job_worker has, or had, the id
	renewed time.Time // when the lease was renewed
}

// progressEvery is how often the progress of running jobs is written.
const progressEvery = 200 * time.Millisecond

func (r *Runner) joinCluster(ctx, base context.Context) (leave func(), err error) {
	config, err := pgx.ParseConfig(r.db.URL())
	if err != nil {
		return nil, fmt.Errorf("database_url: %w", err)
	}
	config.RuntimeParams["application_name"] = "vitrine jobs"
	p := &presence{Runner: r, pool: stdlib.OpenDB(*config), id: r.db.NewID()}
	p.pool.SetMaxOpenConns(1)
	for {
		if err := p.beat(ctx); err == nil {
			break
		}
		report(ctx, "join the workers", err)
		if !pause(ctx, time.Second) {
			_ = p.pool.Close()
			return nil, ctx.Err()
		}
	}
	beating, stop := context.WithCancel(base)
	done := make(chan struct{})
	go func() {
		defer close(done)
		repeat(beating, min(progressEvery, r.Heartbeat), func(ctx context.Context) {
			if err := p.beat(ctx); err != nil {
				report(ctx, "show that this process lives", err)
				pause(ctx, min(time.Second, r.Heartbeat))
			}
		})
	}()
	return func() {
		stop()
		<-done
		p.leave(base)
	}, nil
}

// beat renews the lease when it is time, and writes what progress there is.
func (p *presence) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.Heartbeat)
	defer cancel()
	err := p.renew(ctx)
	if err == nil {
		err = p.saveProgress(ctx)
	}
	if err != nil {
		p.disconnect()
		if p.known && p.db.Now().Sub(p.renewed) > p.Lease {
			p.lose()
		}
	}
	return err
}

// lockName is what the advisory lock of the worker $1 is derived from.
const lockName = `hashtextextended('job worker ' || $1, 0)`

func (p *presence) renew(ctx context.Context) error {
	now := p.db.Now()
	if p.conn != nil && now.Sub(p.renewed) < p.Heartbeat {
		return nil
	}
	if p.conn == nil {
		conn, err := p.pool.Conn(ctx)
		if err != nil {
			return err
		}
		p.conn = conn
		// After a cut the lock may still be with the old connection: then it waits.
		if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(`+lockName+`)`, p.id.String()); err != nil {
			return err
		}
	}
	lease := db.Time{Time: now.Add(p.Lease)}
	if !p.known {
		if _, err := p.conn.ExecContext(ctx, `INSERT INTO job_worker (id, lease_until) VALUES ($1, $2)`, p.id, lease); err != nil {
			return err
		}
		p.known, p.renewed = true, now
		p.become(p.id)
		return nil
	}
	res, err := p.conn.ExecContext(ctx, `UPDATE job_worker SET lease_until = $2 WHERE id = $1`, p.id, lease)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		p.lose()
		return fmt.Errorf("taken for dead: %w", ErrLost)
	}
	p.renewed = now
	return nil
}

// lose gives up all running jobs, since others have taken them or may, and begins
// anew as another worker.
func (p *presence) lose() {
	p.become(id.UUID{})
	p.cancelRuns(ErrLost)
	p.id, p.known = p.db.NewID(), false
}

func (p *presence) disconnect() {
	if p.conn == nil {
		return
	}
	// Not merely back to its pool: the lock must go with it.
	_ = p.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = p.conn.Close()
	p.conn = nil
}

const saveProgress = `
	INSERT INTO job_progress (job_id, step, done, total) VALUES ($1, $2, $3, $4)
	ON CONFLICT (job_id) DO UPDATE SET step = excluded.step, done = excluded.done, total = excluded.total`

func (p *presence) saveProgress(ctx context.Context) error {
	p.mu.Lock()
	runs := make([]*Run, 0, len(p.runs))
	for _, run := range p.runs {
		runs = append(runs, run)
	}
	p.mu.Unlock()
	for _, run := range runs {
		at, changed := run.unsaved()
		if !changed {
			continue
		}
		if _, err := p.conn.ExecContext(ctx, saveProgress, run.ID, at.step, at.done, at.total); err != nil {
			return err
		}
		run.saved(at)
	}
	return nil
}

// leave takes the process off the list, which frees a job that it could not put
// back.
func (p *presence) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if p.conn != nil {
		_, _ = p.conn.ExecContext(ctx, `DELETE FROM job_worker WHERE id = $1`, p.id)
		_ = p.conn.Close()
	}
	_ = p.pool.Close()
}

// bury removes the other workers that are dead: their lease has run out, or their
// lock is free.
func (r *Runner) bury(ctx context.Context, worker id.UUID) error {
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `
			DELETE FROM job_worker WHERE id <> $1 AND (lease_until < $2
				OR pg_try_advisory_xact_lock(hashtextextended('job worker ' || id::text, 0)))`, worker, db.Time{Time: tx.Now()})
		return err
	})
}
