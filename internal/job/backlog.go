package job

import (
	"context"
	"time"

	"vitrine/internal/db"
)

// Backlog is what is to be done of one kind.
type Backlog struct {
	Kind    string
	Status  Status
	Jobs    int
	Waiting time.Duration // since when the oldest could run; of queued ones
}

// Backlogs tells how many jobs are queued and running, by their kinds, and how long the
// oldest waits.
func Backlogs(ctx context.Context, d *db.DB) ([]Backlog, error) {
	now := d.Now()
	return db.All(ctx, d.Prepared(), func(row db.Row) (Backlog, error) {
		var (
			b     Backlog
			first db.Time
		)
		err := row.Scan(&b.Kind, &b.Status, &b.Jobs, &first)
		if b.Status == Queued {
			b.Waiting = max(now.Sub(first.Time), 0)
		}
		return b, err
	}, `
		SELECT kind, status, count(*), min(run_at) FROM job WHERE status = 'queued' GROUP BY kind, status
		UNION ALL
		SELECT kind, status, count(*), min(run_at) FROM job WHERE status = 'running' GROUP BY kind, status`)
}
