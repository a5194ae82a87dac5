package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// shortestDrain is how long a process with a successor goes on for the connections that
// it has.
const shortestDrain = time.Second

// drain says that the process is about to go, and goes on for a while: who looks at
// /readyz sends its requests elsewhere, and who has a connection is told to make another
// one. Where a successor has the socket, new connections wait for it there.
func (a *App) drain(listeners []net.Listener) {
	a.API.Drain()
	long := a.config.DrainTime
	if a.successor {
		for _, l := range listeners {
			_ = l.Close()
		}
		long = max(long, shortestDrain)
	}
	time.Sleep(long)
}

// leaving tells those who have a connection to make another one for their next request.
func (a *App) leaving(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.API.Draining() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// expected tells whether a server's end is one that was asked for.
func (a *App) expected(err error) bool {
	return errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) && a.API.Draining()
}

func (a *App) stop(ctx context.Context, server *http.Server, jobs *sync.WaitGroup) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	server.SetKeepAlivesEnabled(false)
	err := a.API.Stop(ctx)
	if err == nil {
		err = wait(ctx, jobs)
	}
	if err == nil {
		err = server.Shutdown(ctx)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("cut what still ran: %w", err), server.Close())
	}
	return err
}

func wait(ctx context.Context, group *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
