package app

import (
	"context"
	"errors"
	"fmt"
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

// Listen listens where the settings say. Connections wait until Serve is called.
func (a *App) Listen(ctx context.Context) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.config.ListenAddr)
	if err != nil {
		return nil, fmt.Errorf("the setting listen_addr (VITRINE_LISTEN_ADDR) names where to listen: %w", err)
	}
	return listener, nil
}

// Serve serves until ctx ends or a part fails. Then it stops in this order: it
// takes no more work, saying so to those who ask; running requests are answered and
// jobs finished or put back; the listener closes. The database stays open.
//
// What comes through secure speaks TLS.
func (a *App) Serve(ctx context.Context, listener net.Listener, secure ...net.Listener) error {
	server := a.newServer()
	running, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var parts, jobs sync.WaitGroup
	parts.Go(func() {
		if err := server.Serve(a.told(listener)); !errors.Is(err, http.ErrServerClosed) {
			fail(err)
		}
	})
	for _, l := range secure {
		parts.Go(func() {
			if err := server.ServeTLS(a.told(l), "", ""); !errors.Is(err, http.ErrServerClosed) {
				fail(err)
			}
		})
	}
	jobs.Go(func() {
		if err := a.Jobs.Run(running); err != nil {
			fail(fmt.Errorf("run the jobs: %w", err))
		}
	})
	parts.Go(func() { a.names.Follow(running) })
	jobs.Go(func() {
		if err := a.Webhooks.Run(running); err != nil {
			fail(fmt.Errorf("send webhooks: %w", err))
		}
	})
	if a.dns != nil {
		jobs.Go(func() {
			if err := a.dns.Run(running); err != nil {
				fail(fmt.Errorf("run the name server: %w", err))
			}
		})
	}
	parts.Go(func() { leanLater(running) })
	slog.InfoContext(ctx, "serving", "address", listener.Addr().String())
	notify("READY=1")
	<-running.Done()
	notify("STOPPING=1")
	slog.InfoContext(ctx, "stopping")
	err := a.stop(context.WithoutCancel(ctx), server, &jobs)
	a.sendLast(context.WithoutCancel(ctx))
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
		Handler: a.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug), // scanners fail by the thousand
	}
	if a.secure != nil {
		server.TLSConfig = a.secure.Config()
	}
	return server
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
