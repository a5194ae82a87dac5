// Package transfer moves everything that one database keeps to another one of
// PostgreSQL, and compares the two row by row. The list of tables, their columns,
// their keys and the order in which they depend on each other come from the target
// itself, so that no table can be forgotten.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/internal/clock"
	"vitrine/internal/db"
)

// Copy is a database on its way. It can be stopped at any time, also by kill -9, and
// begun again: what has arrived stays, and nothing arrives twice.
type Copy struct {
	From, To *db.DB
	Tell     func(step string, done, total int64) // may be nil
	Rows     int                                  // in one transaction; 0: 10,000
}

// Report is what became of a Copy.
type Report struct {
	Tables      int
	Rows        int64 // in all tables
	Copied      int64 // of them in this go
	Differences []string
	More        int // differences that are not named
	Copying     time.Duration
	Comparing   time.Duration // and making indexes and foreign keys meanwhile
}

const rowsAtOnce = 10_000

// Run copies what is not there yet, and then compares every row. A target that has
// data of somebody else, or another schema, is refused before anything is written. A
// difference is no error: it stands in the report.
func (c Copy) Run(ctx context.Context) (Report, error) {
	if c.Tell == nil {
		c.Tell = func(string, int64, int64) {}
	}
	if c.Rows == 0 {
		c.Rows = rowsAtOnce
	}
	if err := c.prepare(ctx); err != nil {
		return Report{}, err
	}
	to, err := connect(ctx, c.To)
	if err != nil {
		return Report{}, err
	}
	defer to.close()
	if err := to.alone(ctx); err != nil {
		return Report{}, err
	}
	from, err := c.source(ctx)
	if err != nil {
		return Report{}, err
	}
	defer from.close()
	tables, err := plan(ctx, from, to)
	if err != nil {
		return Report{}, err
	}
	if err := to.begin(ctx, c.From.Name(), tables); err != nil {
		return Report{}, err
	}
	spread, err := to.spread(ctx)
	if err != nil {
		return Report{}, err
	}
	for i := range tables {
		tables[i].whole = tables[i].whole && spread
	}
	return c.move(ctx, from, to, tables)
}

func (c Copy) move(ctx context.Context, from source, to *cluster, tables []table) (r Report, err error) {
	r.Tables = len(tables)
	if r.Rows, err = countAll(ctx, from, tables); err != nil {
		return r, err
	}
	watch := clock.Start()
	if r.Copied, err = c.copyAll(ctx, from, to, tables, r.Rows); err != nil {
		return r, err
	}
	r.Copying = watch.Elapsed()
	found := comparison{limit: c.Rows, tell: func(done int64) { c.Tell("compare", done, r.Rows) }}
	work, working := errgroup.WithContext(ctx)
	work.Go(func() error { return found.all(working, from, to, tables) })
	work.Go(func() error { return c.makeUp(working) })
	if err := work.Wait(); err != nil {
		return r, err
	}
	r.Comparing = watch.Elapsed() - r.Copying
	r.Differences, r.More = found.named, found.more
	if len(r.Differences) > 0 {
		return r, nil
	}
	return r, to.finish(ctx)
}

// makeUp gives the target its indexes and foreign keys, over a connection of its own.
func (c Copy) makeUp(ctx context.Context) error {
	to, err := connect(ctx, c.To)
	if err != nil {
		return err
	}
	defer to.close()
	return to.makeUp(ctx)
}

// prepare makes the target's schema, and refuses databases that do not have the one
// that this program knows.
func (c Copy) prepare(ctx context.Context) error {
	if c.To.Engine() != db.Postgres {
		return errors.New("the target must be a PostgreSQL database (postgres://…)")
	}
	if err := current(ctx, c.From, "the source"); err != nil {
		return err
	}
	if err := foreign(ctx, c.To); err != nil {
		return err
	}
	if _, err := c.To.Migrate(ctx); err != nil {
		return fmt.Errorf("make the target's schema: %w", err)
	}
	return current(ctx, c.To, "the target")
}

// current refuses a database with another schema than this program's.
func current(ctx context.Context, d *db.DB, which string) error {
	missing, strange, err := d.SchemaGap(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read which migrations %s has: %w", which, err)
	case len(strange) > 0:
		return fmt.Errorf("%s (%s) was made by a newer vitrine: it has migration %d, which this one does not know", which, d.Name(), strange[0])
	case len(missing) > 0:
		return fmt.Errorf("%s (%s) is not up to date: %d migrations are missing, the first is %d. Run vitrine migrate on it", which, d.Name(), len(missing), missing[0])
	}
	return nil
}

// source opens what is copied from, while nobody serves it.
func (c Copy) source(ctx context.Context) (source, error) {
	if c.From.Engine() == db.SQLite {
		return openFile(c.From)
	}
	from, err := connect(ctx, c.From)
	if err != nil {
		return nil, err
	}
	if err := from.idle(ctx); err != nil {
		from.close()
		return nil, err
	}
	return from, nil
}

// copyAll brings over what is not there yet, table by table.
func (c Copy) copyAll(ctx context.Context, from source, to *cluster, tables []table, total int64) (copied int64, err error) {
	var done int64
	for _, t := range tables {
		at, err := to.progress(ctx, t)
		if err != nil {
			return copied, err
		}
		done += at.rows
		if at.done {
			continue
		}
		n, err := c.copyTable(ctx, from, to, t, at, func(n int64) { c.Tell("copy "+t.name, done+n, total) })
		if err != nil {
			return copied, fmt.Errorf("copy %s: %w", t.name, err)
		}
		done += n
		copied += n
	}
	return copied, to.analyze(ctx, tables)
}

func countAll(ctx context.Context, from source, tables []table) (n int64, err error) {
	for _, t := range tables {
		rows, err := from.count(ctx, t)
		if err != nil {
			return 0, fmt.Errorf("count %s: %w", t.name, err)
		}
		n += rows
	}
	return n, nil
}
