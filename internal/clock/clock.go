// Package clock is where the time comes from, so that tests can hold it still.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	Now() time.Time
}

// System is the machine's clock.
type System struct{}

// Now returns the time in UTC, as it is to be written: between two of them the clock may
// have been set. A Watch measures.
func (System) Now() time.Time { return now().UTC() }

// Watch measures how long something takes, whatever becomes of the machine's clock
// meanwhile.
type Watch struct{ began time.Time }

// Start begins to measure.
func Start() Watch { return Watch{now()} }

// Elapsed is how long it is since Start.
func (w Watch) Elapsed() time.Duration { return now().Sub(w.began) }

// Fixed is a clock for tests: it stands still until it is moved. It is safe for
// concurrent use.
type Fixed struct {
	mu  sync.Mutex
	now time.Time
}

// At returns a clock that stands at t.
func At(t time.Time) *Fixed { return &Fixed{now: t.UTC()} }

// Now returns the time that was set.
func (f *Fixed) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock on by d.
func (f *Fixed) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}
