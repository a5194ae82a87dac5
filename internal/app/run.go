package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long running requests get when the process is asked to stop. The
// jobs have their own, which is shorter.
const grace = 20 * time.Second

// Run listens where the settings say and serves.
func (a *App) Run(ctx context.Context) error {
	listener, err := a.Listen(ctx)
	if err != nil {
		return err
	}
	secure, err := a.listenSecure(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	admin, err := a.ListenAdmin(ctx)
	if err != nil {
		for _, l := range append(secure, listener) {
			err = errors.Join(err, l.Close())
		}
		return err
	}
	if admin == nil {
		return a.Serve(ctx, listener, secure...)
	}
	return a.serveWith(ctx, admin, listener, secure...)
}

// serveWith is Serve, with operators answered until all else has stopped.
func (a *App) serveWith(ctx context.Context, admin, listener net.Listener, secure ...net.Listener) error {
	watching, done := context.WithCancel(context.WithoutCancel(ctx))
	serving, fail := context.WithCancelCause(ctx)
	var operators sync.WaitGroup
	operators.Go(func() {
		if err := a.ServeAdmin(watching, admin); err != nil {
			fail(err)
		}
	})
	err := a.Serve(serving, listener, secure...)
	if cause := context.Cause(serving); ctx.Err() == nil && cause != nil {
		err = errors.Join(cause, err)
	}
	done()
	operators.Wait()
	fail(nil)
	return err
}

// Serve serves until ctx ends or a part fails. Then it stops in this order: it says so
// to those who look at /readyz and goes on for a while; it takes no more work; running
// requests are answered and jobs finished or put back; the listener closes. The database
// stays open.
//
// What comes through secure speaks TLS.
func (a *App) Serve(ctx context.Context, listener net.Listener, secure ...net.Listener) error {
	server := a.newServer()
	running, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var parts, jobs sync.WaitGroup
	parts.Go(func() {
		if err := server.Serve(a.told(listener)); !a.expected(err) {
			fail(err)
		}
	})
	for _, l := range secure {
		parts.Go(func() {
			if err := server.ServeTLS(a.told(l), "", ""); !a.expected(err) {
				fail(err)
			}
		})
	}
	following, left := context.WithCancel(context.WithoutCancel(ctx))
	defer left()
	parts.Go(func() { a.names.Follow(following) })
	for _, part := range a.parts() {
		jobs.Go(func() {
			if err := part(running); err != nil {
				fail(err)
			}
		})
	}
	parts.Go(func() { leanLater(running) })
	slog.InfoContext(ctx, "serving", "address", listener.Addr().String(), "role", a.config.Role)
	notify("READY=1")
	<-running.Done()
	notify("STOPPING=1")
	slog.InfoContext(ctx, "stopping")
	if ctx.Err() != nil {
		a.drain(append(secure, listener))
	}
	err := a.stop(context.WithoutCancel(ctx), server, &jobs)
	a.sendLast(context.WithoutCancel(ctx))
	left()
	parts.Wait()
	if cause := context.Cause(running); ctx.Err() == nil {
		err = errors.Join(cause, err)
	}
	return err
}

// started is how long after its start a process is through with what only the start needs.
const started = 5 * time.Second

func leanLater(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(started):
		if err := lean(); err != nil {
			slog.WarnContext(ctx, "the memory of the start was not given back", "error", err)
		}
	}
}

func (a *App) newServer() *http.Server {
	server := &http.Server{
		Handler: a.leaving(a.public()), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug), // scanners fail by the thousand
	}
	if a.secure != nil {
		server.TLSConfig = a.secure.Config()
	}
	return server
}
