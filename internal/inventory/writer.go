package inventory

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/combine"
	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// Writer is the way to the stock of all stores for whoever changes it while others
// sell. The requests that come while one transaction commits share the next: a
// level that everybody wants then changes as often as a transaction can hold
// requests, not once a commit. The levels' rows in the database stay the only
// truth, so several processes may do this side by side.
type Writer struct {
	db     *db.DB
	queues []*combine.Queue[*work]
	notice Notice
	part   int64 // of the totals
}

// Crossing is a level whose figures passed a mark that others care about.
type Crossing struct {
	Store  store.ID
	Level  LevelID
	Before Figures
	After  Figures
}

// BecameLow tells whether it is time to order more, and was not before.
func (c Crossing) BecameLow() bool { return c.After.Low() && !c.Before.Low() }

// Flipped tells whether there began or ceased to be something to sell.
func (c Crossing) Flipped() bool { return (c.After.Available() > 0) != (c.Before.Available() > 0) }

// Notice hears of crossings, in the transaction that they come with.
type Notice func(context.Context, *db.Tx, []Crossing) error

var limits = combine.Limits{Requests: 512, Size: 4 << 20, Waiting: 20_000}

// queuesOnPostgres is how many batches of different stores may run at once. SQLite
// has one writer.
const queuesOnPostgres = 2

// batchTimeout bounds a batch when the database stops answering. PostgreSQL's own
// limits on statements and locks are shorter.
const batchTimeout = 90 * time.Second

// NewWriter returns the writer of a database. A process has one. notice may be nil.
func NewWriter(d *db.DB, notice Notice) *Writer {
	w := &Writer{db: d, notice: notice, part: ownPart(d)}
	n := 1
	if d.Engine() == db.Postgres {
		n = queuesOnPostgres
	}
	for range n {
		w.queues = append(w.queues, combine.New(limits, w.write))
	}
	return w
}

// Do has a request decided and written, together with others. It returns what the
// request refused with, or why nothing could be written.
func (w *Writer) Do(ctx context.Context, st store.ID, r Request) error {
	ctx, waited := w.db.Observer().Span(ctx, "wait for stock")
	job := &work{Request: r, ctx: ctx, store: st}
	err := w.queue(st).Do(ctx, job, r.Size)
	waited()
	w.db.Observer().StockRequest(job.outcome(err))
	if errors.Is(err, combine.ErrFull) {
		return &fault.Error{Kind: fault.Unavailable, Code: "busy", Message: "The store is too busy. Please try again.", RetryAfter: time.Second}
	}
	if job.done || err == nil { // others of its batch may have failed after it was done
		return job.err
	}
	return err
}

// outcome is what became of a request, in a word. err is what its queue says.
func (w *work) outcome(err error) string {
	switch {
	case errors.Is(err, combine.ErrFull):
		return "busy"
	case (w.done || err == nil) && w.err == nil:
		return "done"
	case w.done || err == nil:
		return "refused"
	}
	if _, refused := errors.AsType[*fault.Error](err); refused {
		return "refused"
	}
	return "failed"
}

// In has a request decided and written in a transaction of the caller's. Then is
// not for it.
func (w *Writer) In(ctx context.Context, tx *db.Tx, st store.ID, r Request) error {
	job := &work{Request: r, ctx: ctx, store: st}
	b := newBatch(tx, w.part)
	changed, err := b.run(ctx, []*work{job})
	if err != nil {
		return err
	}
	if changed {
		return w.tell(ctx, b)
	}
	return job.err
}

// queue returns where the requests of a store gather.
func (w *Writer) queue(st store.ID) *combine.Queue[*work] {
	random := binary.BigEndian.Uint32(st.UUID[12:]) // the end of an id
	return w.queues[random%uint32(len(w.queues))]   //nolint:gosec // a few
}

// write writes a batch, all of it or nothing.
func (w *Writer) write(works []*work) error {
	watch := clock.Start()
	defer func() { w.db.Observer().StockBatch(len(works), watch.Elapsed()) }()
	ctx, cancel := context.WithoutCancel(works[0].ctx), func() {}
	if w.db.Engine() == db.Postgres { // SQLite's driver starts a goroutine for every statement that can be cancelled
		ctx, cancel = context.WithTimeout(ctx, batchTimeout)
	}
	defer cancel()
	batch, err := w.writeQuick(ctx, works)
	if err != nil || len(batch) == 0 {
		return err
	}
	committing := false
	err = w.db.InTx(ctx, func(tx *db.Tx) error {
		committing = false
		b := newBatch(tx, w.part)
		changed, err := b.run(ctx, batch)
		if err == nil && !changed {
			return errNothing
		}
		if err == nil {
			err = w.finish(ctx, b, batch, func(job *work) int { return slices.Index(works, job) })
		}
		committing = err == nil
		return err
	}, db.Keyed())
	switch {
	case err == nil || errors.Is(err, errNothing):
		return nil
	case committing && !db.RolledBack(err), db.Unavailable(err), ctx.Err() != nil:
		return combine.Final(err)
	}
	return err
}

// errNothing rolls a transaction back in which everybody was refused.
var errNothing = errors.New("nothing to write")

// finish does what comes after the stock is written. place tells which request of
// the queue a work is.
func (w *Writer) finish(ctx context.Context, b *Batch, works []*work, place func(*work) int) error {
	for _, job := range works {
		if job.err != nil || job.Then == nil {
			continue
		}
		if err := job.Then(ctx, b.tx); err != nil {
			if db.Unavailable(err) {
				return err
			}
			return combine.Blame(place(job), err)
		}
	}
	return w.tell(ctx, b)
}

// tell gives notice of the crossings of a batch. What shoppers see changes when there
// begins or ceases to be something to sell, not with every sale.
func (w *Writer) tell(ctx context.Context, b *Batch) error {
	var crossings []Crossing
	for _, l := range b.touched {
		c := Crossing{Store: l.store, Level: l.id, Before: l.was, After: l.Figures}
		if c.Flipped() {
			content.Changed(b.tx, l.store.UUID)
		}
		if c.BecameLow() || c.Flipped() {
			crossings = append(crossings, c)
		}
	}
	if w.notice == nil || len(crossings) == 0 {
		return nil
	}
	return w.notice(ctx, b.tx, crossings)
}
