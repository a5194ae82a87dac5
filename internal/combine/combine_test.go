package combine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vitrine/internal/combine"
)

var wide = combine.Limits{Requests: 100, Size: 1000, Waiting: 1000}

// log keeps the batches that ran.
type log struct {
	mu      sync.Mutex
	batches [][]int
}

func (l *log) add(batch []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches = append(l.batches, slices.Clone(batch))
}

// slow returns a run that takes a second, logs and answers with what fail says.
func (l *log) slow(fail func([]int) error) func([]int) error {
	return func(batch []int) error {
		time.Sleep(time.Second) // of synctest's time
		l.add(batch)
		return fail(batch)
	}
}

func fine([]int) error { return nil }

// callers has n callers ask one after the other, before the first is answered.
func callers(t *testing.T, q *combine.Queue[int], n, size int) (errs []error, wait func()) {
	t.Helper()
	errs = make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = q.Do(t.Context(), i, size) })
		synctest.Wait()
	}
	return errs, wg.Wait
}

func wantBatches(t *testing.T, l *log, want ...[]int) {
	t.Helper()
	if !slices.EqualFunc(l.batches, want, slices.Equal) {
		t.Errorf("batches %v, want %v", l.batches, want)
	}
}

func TestDo_gathersWhileABatchRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		q := combine.New(wide, l.slow(fine))
		began := time.Now()
		errs, wait := callers(t, q, 5, 0)
		wait()
		wantBatches(t, &l, []int{0}, []int{1, 2, 3, 4})
		if err := errors.Join(errs...); err != nil || time.Since(began) != 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if err := q.Do(t.Context(), 7, 0); err != nil { // the queue can be led again
			t.Error(err)
		}
		wantBatches(t, &l, []int{0}, []int{1, 2, 3, 4}, []int{7})
	})
}

func TestDo_boundsABatchByNumberAndBySize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		q := combine.New(combine.Limits{Requests: 3, Size: 100, Waiting: 100}, l.slow(fine))
		_, wait := callers(t, q, 8, 1)
		wait()
		wantBatches(t, &l, []int{0}, []int{1, 2, 3}, []int{4, 5, 6}, []int{7})
		l.batches = nil
		_, wait = callers(t, q, 4, 50)
		wait()
		wantBatches(t, &l, []int{0}, []int{1, 2}, []int{3})
		l.batches = nil
		_, wait = callers(t, q, 3, 1000)
		wait()
		wantBatches(t, &l, []int{0}, []int{1}, []int{2})
	})
}

func TestDo_refusesWhenTooManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		q := combine.New(combine.Limits{Requests: 10, Size: 10, Waiting: 2}, l.slow(fine))
		errs, wait := callers(t, q, 4, 0)
		wait()
		if errs[0] != nil || errs[1] != nil || errs[2] != nil || !errors.Is(errs[3], combine.ErrFull) {
			t.Error(errs)
		}
	})
}

var errBad = errors.New("bad")

// wantBad checks that exactly the bad ones were refused.
func wantBad(t *testing.T, errs []error, bad ...int) {
	t.Helper()
	for i, err := range errs {
		if slices.Contains(bad, i) != errors.Is(err, errBad) || err != nil && !errors.Is(err, errBad) {
			t.Errorf("request %d: %v", i, err)
		}
	}
}

func TestDo_halvesABatchThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		q := combine.New(wide, l.slow(func(batch []int) error {
			if slices.Contains(batch, 3) || slices.Contains(batch, 6) {
				return errBad
			}
			return nil
		}))
		errs, wait := callers(t, q, 9, 0)
		wait()
		wantBad(t, errs, 3, 6)
		wantBatches(t, &l, []int{0},
			[]int{1, 2, 3, 4, 5, 6, 7, 8}, []int{1, 2, 3, 4}, []int{1, 2}, []int{3, 4}, []int{3}, []int{4},
			[]int{5, 6, 7, 8}, []int{5, 6}, []int{5}, []int{6}, []int{7, 8})
	})
}

func TestDo_leavesOutWhoIsToBlame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		q := combine.New(wide, l.slow(func(batch []int) error {
			for i, n := range batch {
				if n == 2 || n == 4 {
					return fmt.Errorf("write: %w", combine.Blame(i, errBad))
				}
			}
			return nil
		}))
		errs, wait := callers(t, q, 6, 0)
		wait()
		wantBad(t, errs, 2, 4)
		wantBatches(t, &l, []int{0}, []int{1, 2, 3, 4, 5}, []int{1, 3, 4, 5}, []int{1, 3, 5})
	})
}

func TestDo_triesNothingAgainAfterAFinalError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		q := combine.New(wide, l.slow(func(batch []int) error {
			if len(batch) > 1 {
				return combine.Final(errBad)
			}
			return nil
		}))
		errs, wait := callers(t, q, 4, 0)
		wait()
		wantBad(t, errs, 1, 2, 3)
		wantBatches(t, &l, []int{0}, []int{1, 2, 3})
	})
}

func TestDo_leavesOutWhoGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		q := combine.New(wide, l.slow(fine))
		ctx, giveUp := context.WithCancel(t.Context())
		errs := make([]error, 5)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				if i == 0 || i == 1 || i == 3 {
					errs[i] = q.Do(ctx, i, 0)
				} else {
					errs[i] = q.Do(t.Context(), i, 0)
				}
			})
			synctest.Wait()
		}
		giveUp()
		wg.Wait()
		// The first one's batch ran already: it hears how that ended.
		if errs[0] != nil || !errors.Is(errs[1], context.Canceled) || errs[2] != nil || !errors.Is(errs[3], context.Canceled) || errs[4] != nil {
			t.Error(errs)
		}
		wantBatches(t, &l, []int{0}, []int{2, 4})
		if err := q.Do(ctx, 9, 0); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestDo_goesOnAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		q := combine.New(wide, l.slow(func(batch []int) error {
			if batch[0] == 1 {
				panic("boom")
			}
			return nil
		}))
		errs := make([]error, 4)
		panics := 0
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				defer func() {
					if recover() != nil {
						panics++
					}
				}()
				errs[i] = q.Do(t.Context(), i, 0)
			})
			synctest.Wait()
		}
		wg.Wait()
		if errs[0] != nil || panics != 1 || errs[2] == nil || errs[3] == nil {
			t.Errorf("%d panics, %v", panics, errs)
		}
		if err := q.Do(t.Context(), 9, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestDo_manyCallersAtOnceAreEachAnsweredOnce(t *testing.T) {
	t.Parallel()
	var l log
	q := combine.New(combine.Limits{Requests: 7, Size: 1000, Waiting: 1000}, func(batch []int) error {
		l.add(batch)
		return nil
	})
	const people, times = 50, 40
	var wg sync.WaitGroup
	for p := range people {
		wg.Go(func() {
			for i := range times {
				if err := q.Do(t.Context(), p*times+i, 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seen := map[int]int{}
	for _, batch := range l.batches {
		if len(batch) > 7 {
			t.Errorf("a batch of %d", len(batch))
		}
		for _, request := range batch {
			seen[request]++
		}
	}
	for request := range people * times {
		if seen[request] != 1 {
			t.Errorf("request %d was written %d times", request, seen[request])
		}
	}
}
