package dnstest

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Wire is a server whose connections fail now and then as those of real ones do: it
// answers 429 or 500, or cuts the connection, before it has done what it was asked
// for or after.
type Wire struct {
	URL string

	mu     sync.Mutex
	random *rand.Rand
	off    bool
	faults int
	server http.Handler
}

// NewWire serves what server does, with one fault in six requests, always in the
// same order for the same seed.
func NewWire(t *testing.T, server http.Handler, seed uint64) *Wire {
	t.Helper()
	w := &Wire{server: server, random: rand.New(rand.NewPCG(seed, seed))} //nolint:gosec // repeatable
	listening := httptest.NewServer(w)
	t.Cleanup(listening.Close)
	w.URL = listening.URL
	return w
}

// Mend ends the faults.
func (w *Wire) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off = true
}

// Faults are how many have happened.
func (w *Wire) Faults() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.faults
}

// The faults of a connection.
const (
	limited = iota
	broken
	brokenLate
	cut
	cutLate
	wireFaults
)

func (w *Wire) draw() (fault int, failing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fault, failing = w.random.IntN(wireFaults), w.random.IntN(6) == 0 && !w.off
	if failing {
		w.faults++
	}
	return fault, failing
}

// ServeHTTP implements http.Handler.
func (w *Wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	fault, failing := w.draw()
	if !failing {
		w.server.ServeHTTP(out, r)
		return
	}
	if fault == brokenLate || fault == cutLate {
		w.server.ServeHTTP(httptest.NewRecorder(), r)
	}
	switch fault {
	case limited:
		out.Header().Set("Retry-After", "1")
		http.Error(out, "too many requests", http.StatusTooManyRequests)
	case broken, brokenLate:
		http.Error(out, "something broke", http.StatusInternalServerError)
	default:
		panic(http.ErrAbortHandler) // cuts the connection
	}
}
