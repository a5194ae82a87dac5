package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"vitrine/internal/fault"
)

// retryWhenStopping is told to clients while the process stops: another one is
// there by then, or this one's successor.
const retryWhenStopping = 5 * time.Second

var errStopping = &fault.Error{Kind: fault.Unavailable, Code: "stopping", Message: "The service is restarting. Please try again.", RetryAfter: retryWhenStopping}

// gate counts the requests inside, and lets no more in once it is closed.
type gate struct {
	mu     sync.Mutex // a request enters before the gate is closed, or not
	closed chan struct{}
	inside sync.WaitGroup
}

func newGate() *gate { return &gate{closed: make(chan struct{})} }

func (g *gate) open() bool {
	select {
	case <-g.closed:
		return false
	default:
		return true
	}
}

// enter tells whether a request may go in; then leave is called after it.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open() {
		return false
	}
	g.inside.Add(1)
	return true
}

func (g *gate) leave() { g.inside.Done() }

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open() {
		close(g.closed)
	}
}

// Drain has /readyz say that the process is about to stop. Everything is answered on.
func (a *API) Drain() { a.draining.Store(true) }

// Draining tells whether that was said.
func (a *API) Draining() bool { return a.draining.Load() }

// Stop refuses new requests from now on, ends the streams, and returns when every
// running request has been answered or ctx ends. Health is told on.
func (a *API) Stop(ctx context.Context) error {
	a.gate.close()
	answered := make(chan struct{})
	go func() { a.gate.inside.Wait(); close(answered) }()
	select {
	case <-answered:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// serve answers a request if the API takes any.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
		a.dispatch(w, r)
	case a.gate.enter():
		defer a.gate.leave()
		a.dispatch(w, r)
	default:
		writeProblem(w, r, errStopping)
	}
}
