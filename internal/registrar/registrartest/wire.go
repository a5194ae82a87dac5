package registrartest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Wire is a server whose connections fail as those of real ones do: it answers 429 or
// 500, cuts the connection or never answers, before it has done what it was asked for
// or after.
type Wire struct {
	URL string

	mu     sync.Mutex
	random *rand.Rand
	off    bool
	faults int
	lose   *loss
	server http.Handler
	gone   chan struct{}
}

type loss struct {
	order func(*http.Request) bool
	late  bool
}

// NewWire serves what server does. With a seed one request in twelve fails, always in the
// same order for the same seed; with 0 none does.
func NewWire(t *testing.T, server http.Handler, seed uint64) *Wire {
	t.Helper()
	w := &Wire{server: server, random: rand.New(rand.NewPCG(seed, seed)), off: seed == 0, gone: make(chan struct{})} //nolint:gosec // repeatable
	listening := httptest.NewServer(w)
	t.Cleanup(func() {
		close(w.gone)
		listening.Close()
	})
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

// Lose cuts the connection of the next request that is an order, before it has had its
// effect or after.
func (w *Wire) Lose(order func(*http.Request) bool, late bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = &loss{order, late}
}

// The faults of a connection.
const (
	fine = iota
	limited
	broken
	brokenLate
	cut
	cutLate
	silent
	silentLate
	wireFaults
)

func (w *Wire) draw(r *http.Request) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	fault := fine
	switch {
	case w.lose != nil && w.lose.order(r):
		if fault = cut; w.lose.late {
			fault = cutLate
		}
		w.lose = nil
	case !w.off && w.random.IntN(12) == 0:
		fault = limited + w.random.IntN(wireFaults-limited)
	default:
		return fine
	}
	w.faults++
	return fault
}

// ServeHTTP implements http.Handler.
func (w *Wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Context().Err() != nil {
		return // whoever asked has gone before a busy machine came to it
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	fault := w.draw(r)
	switch fault {
	case fine:
		w.server.ServeHTTP(out, r)
		return
	case brokenLate, cutLate, silentLate:
		w.server.ServeHTTP(httptest.NewRecorder(), r)
	}
	switch fault {
	case limited:
		out.Header().Set("Retry-After", "1")
		http.Error(out, "too many requests", http.StatusTooManyRequests)
	case broken, brokenLate:
		http.Error(out, "something broke", http.StatusInternalServerError)
	case silent, silentLate:
		select { // until whoever asked has gone
		case <-r.Context().Done():
		case <-w.gone:
		}
	default:
		panic(http.ErrAbortHandler) // cuts the connection
	}
}
