// Package combine lets callers who would wait for each other's commits share one:
// while a batch is written the next gathers, and is written as a whole. Each caller
// gets its own answer.
//
// There is no goroutine behind it. The first caller in the queue leads: it runs the
// batch that it is part of and wakes the next leader.
package combine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// ErrFull is the answer when too many callers wait.
var ErrFull = errors.New("too many requests wait")

// Limits bound a queue.
type Limits struct {
	Requests int // in one batch
	Size     int // of all requests in one batch; one that is larger goes alone
	Waiting  int // callers in the queue
}

// Queue is where requests of the kind R gather. It is safe for concurrent use.
type Queue[R any] struct {
	run    func([]R) error
	limits Limits

	mu      sync.Mutex
	waiting []*call[R] // in the order of their arrival
	led     bool       // somebody runs a batch, or was woken to
}

// call is a request that waits.
type call[R any] struct {
	ctx     context.Context //nolint:containedctx // the caller's, who waits while the call lives
	request R
	size    int
	wake    chan struct{} // the call is answered, or is to lead
	leads   bool
	done    bool
	err     error
}

// New returns a queue whose batches run writes: all of the requests or none, in
// their order. Its error says what is to become of a batch of which nothing was
// done:
//
//   - Blame: one request is left out with the error, and the others run again;
//   - Final: everybody gets the error;
//   - any other: the halves run again, until a request stands alone with its error.
func New[R any](limits Limits, run func([]R) error) *Queue[R] {
	return &Queue[R]{run: run, limits: limits}
}

// Do has a request written in one of the next batches: the next, unless that is
// full of requests that came before. A caller who gives up is left out, but one
// whose batch already runs waits for its outcome.
func (q *Queue[R]) Do(ctx context.Context, request R, size int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &call[R]{ctx: ctx, request: request, size: size, wake: make(chan struct{}, 1)}
	leads, err := q.enter(c)
	if err != nil {
		return err
	}
	if !leads {
		select {
		case <-c.wake:
		case <-ctx.Done():
			if q.leave(c) {
				return ctx.Err()
			}
			<-c.wake
		}
	}
	if !c.done {
		q.lead()
	}
	return c.err
}

// enter joins the queue and tells whether the call is to lead at once.
func (q *Queue[R]) enter(c *call[R]) (leads bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= q.limits.Waiting {
		return false, ErrFull
	}
	q.waiting = append(q.waiting, c)
	leads = !q.led
	q.led = true
	c.leads = leads
	return leads, nil
}

// leave takes a call out of the queue, unless its batch runs or it is to lead.
func (q *Queue[R]) leave(c *call[R]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, c)
	if i < 0 || c.leads {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// lead runs the next batch, which the caller's own call is the first of.
func (q *Queue[R]) lead() {
	q.gather()
	batch := q.take()
	defer q.pass()
	defer func() {
		for _, c := range batch { // after a panic in run, which goes on
			c.answer(errAborted)
		}
	}()
	q.settle(batch)
}

var errAborted = errors.New("the batch was aborted")

// gather lets those enter the queue who are about to: callers whose batch has just
// been answered tend to have another request.
func (q *Queue[R]) gather() {
	for before := 0; before < q.len(); {
		before = q.len()
		runtime.Gosched()
	}
}

func (q *Queue[R]) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// take removes the next batch from the queue.
func (q *Queue[R]) take() []*call[R] {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, 0
	for n < len(q.waiting) && n < q.limits.Requests {
		size += q.waiting[n].size
		if n > 0 && size > q.limits.Size {
			break
		}
		n++
	}
	batch := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return batch
}

// pass wakes the next leader.
func (q *Queue[R]) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.led = len(q.waiting) > 0; q.led {
		next := q.waiting[0]
		next.leads = true
		next.wake <- struct{}{}
	}
}

// settle runs calls until each of them has its answer.
func (q *Queue[R]) settle(batch []*call[R]) {
	batch = left(batch)
	if len(batch) == 0 {
		return
	}
	requests := make([]R, len(batch))
	for i, c := range batch {
		requests[i] = c.request
	}
	err := q.run(requests)
	blame, blamed := errors.AsType[*blame](err)
	final, isFinal := errors.AsType[*final](err)
	switch {
	case blamed && blame.request < len(batch):
		batch[blame.request].answer(blame.err)
		q.settle(slices.Delete(batch, blame.request, blame.request+1))
	case isFinal:
		answer(batch, final.err)
	case err == nil || len(batch) == 1:
		answer(batch, err)
	default:
		q.settle(batch[: len(batch)/2 : len(batch)/2])
		q.settle(batch[len(batch)/2:])
	}
}

// left answers the calls whose callers gave up and returns the others.
func left[R any](batch []*call[R]) []*call[R] {
	return slices.DeleteFunc(batch, func(c *call[R]) bool {
		err := c.ctx.Err()
		if err != nil {
			c.answer(err)
		}
		return err != nil
	})
}

func answer[R any](batch []*call[R], err error) {
	for _, c := range batch {
		c.answer(err)
	}
}

// answer ends a call. Only the first answer counts.
func (c *call[R]) answer(err error) {
	if c == nil || c.done {
		return
	}
	c.err, c.done = err, true
	c.wake <- struct{}{}
}

type blame struct {
	request int
	err     error
}

func (b *blame) Error() string { return fmt.Sprintf("request %d of the batch: %v", b.request, b.err) }
func (b *blame) Unwrap() error { return b.err }

// Blame says that a batch cannot be written because of one of its requests.
func Blame(request int, err error) error { return &blame{request, err} }

type final struct{ err error }

func (f *final) Error() string { return f.err.Error() }
func (f *final) Unwrap() error { return f.err }

// Final says that a batch must not be tried again: the database is away, or nobody
// knows whether it was written.
func Final(err error) error { return &final{err} }
