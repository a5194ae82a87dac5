package job

import (
	"context"
	"log/slog"
	"time"

	"vitrine/internal/db"
)

const (
	drift = 5 * time.Second // by which clocks may be set without a word
	soon  = time.Minute
)

// AfterSetBack has fn called when the machine's clock was set back. What waits for a
// later time than fn is told may be meant for one that comes much later now: it is to
// wait until then, and no longer. All are added before Run.
func (r *Runner) AfterSetBack(fn func(ctx context.Context, tx *db.Tx, latest db.Time) error) {
	r.setBack = append(r.setBack, fn)
}

// watchClock looks whether the clock was set back since it looked last.
func (r *Runner) watchClock(ctx context.Context) {
	now := r.db.Now()
	if by := r.seen.Sub(now); by > drift {
		slog.WarnContext(ctx, "jobs: the clock was set back", "by", by.Round(time.Second))
		err := r.db.InTx(ctx, func(tx *db.Tx) error {
			for _, fn := range r.setBack {
				if err := fn(ctx, tx, db.Time{Time: now.Add(soon)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			report(ctx, "do soon what waits", err)
			return // the next look tries again
		}
	}
	r.seen = now
}

// hurry has jobs wait no longer than that.
func hurry(ctx context.Context, tx *db.Tx, latest db.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE job SET run_at = $1 WHERE status = 'queued' AND run_at > $1`, latest)
	return err
}
