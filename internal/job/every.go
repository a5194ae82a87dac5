package job

import (
	"context"
	"errors"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
)

type chore struct {
	name     string
	interval time.Duration
	do       func(context.Context) error
}

// Every has fn done each interval, the first time at once, by one process at a
// time: it has until the next time is due. It must bear being cut short. All
// chores are added before Run.
func (r *Runner) Every(name string, interval time.Duration, fn func(context.Context) error) {
	r.chores = append(r.chores, chore{name, interval, fn})
}

// keepDoing does a chore until ctx ends.
func (r *Runner) keepDoing(ctx context.Context, c chore) {
	for {
		wait, err := r.wait(ctx, c)
		if err == nil && wait == 0 {
			wait, err = r.do(ctx, c)
		}
		report(ctx, c.name, err)
		if !pause(ctx, max(wait, r.Poll)) {
			return
		}
	}
}

// wait tells how long it is until a chore is due. It only reads.
func (r *Runner) wait(ctx context.Context, c chore) (time.Duration, error) {
	next, err := db.One(ctx, r.db, db.Value[db.Time], `SELECT next_at FROM job_chore WHERE name = $1`, c.name)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return time.Second, err
	}
	left := max(next.Sub(r.db.Now()), 0)
	if left > c.interval { // the interval was longer, or the clock was set back since
		return 0, nil
	}
	return left, nil
}

const takeChore = `
	INSERT INTO job_chore (name, next_at) VALUES ($1, $2)
	ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at WHERE job_chore.next_at <= $3 OR job_chore.next_at > $2`

// do does a chore unless another process was faster, and tells how long to wait.
func (r *Runner) do(ctx context.Context, c chore) (time.Duration, error) {
	mine := false
	err := r.db.InTx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, takeChore, c.name, db.Time{Time: tx.Now().Add(c.interval)}, db.Time{Time: tx.Now()})
		mine = n == 1
		return err
	})
	if err != nil {
		return time.Second, err
	}
	if !mine {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.interval)
	defer cancel()
	watch := clock.Start()
	err = protect(func() error { return c.do(ctx) })
	r.db.Observer().Chore(c.name, err, watch.Elapsed())
	return 0, err
}

// cleaned is how many rows one transaction deletes: SQLite's writer waits for it.
const cleaned = 1000

// clean deletes what is left of jobs that have long finished.
func (r *Runner) clean(ctx context.Context) error {
	err := r.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM job_progress WHERE job_id NOT IN (SELECT id FROM job WHERE status = 'running')`)
		return err
	})
	if err != nil {
		return err
	}
	for {
		var n int64
		err := r.db.InTx(ctx, func(tx *db.Tx) (err error) {
			n, err = db.Exec(ctx, tx, `
				DELETE FROM job WHERE id IN (SELECT id FROM job WHERE finished_at < $1 ORDER BY finished_at LIMIT $2)`,
				db.Time{Time: tx.Now().Add(-r.Keep)}, cleaned)
			return err
		})
		if err != nil || n < cleaned {
			return err
		}
	}
}
