// Command vitrine is the commerce platform: one binary with the API inside.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/api"
	"vitrine/internal/clock"
	"vitrine/internal/db"
)

const usage = `Usage: vitrine <command>

  serve     serve the API (default database: vitrine.db in this folder)
  migrate   bring the database's schema up to date
  openapi   print the API's description

Settings come from the environment: VITRINE_LISTEN_ADDR (:8080),
VITRINE_DATABASE_URL (sqlite://vitrine.db or postgres://…),
VITRINE_TRUSTED_PROXIES, VITRINE_SECRET_KEY.
`

func main() {
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	commands := map[string]func(context.Context) error{"serve": serve, "migrate": migrate, "openapi": openapi}
	run, ok := commands[flag.Arg(0)]
	if !ok {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "vitrine:", err)
		os.Exit(1) //nolint:gocritic // the process ends
	}
}

// setting reads an environment variable.
func setting(name, fallback string) string {
	if value, set := os.LookupEnv("VITRINE_" + name); set {
		return value
	}
	return fallback
}

func open(ctx context.Context) (*db.DB, error) {
	d, err := db.Open(ctx, db.Options{URL: setting("DATABASE_URL", "sqlite://vitrine.db"), Clock: clock.System{}})
	if err != nil {
		return nil, err
	}
	_, err = d.Migrate(ctx)
	return d, err
}

func migrate(ctx context.Context) error {
	d, err := open(ctx)
	if err != nil {
		return err
	}
	return d.Close()
}

func newAPI(ctx context.Context, d *db.DB) (*api.API, error) {
	accounts, err := account.New(d, account.DefaultSettings)
	if err != nil {
		return nil, err
	}
	proxies, err := api.ParseProxies(setting("TRUSTED_PROXIES", ""))
	if err != nil {
		return nil, err
	}
	key, err := api.LoadKey(ctx, d, setting("SECRET_KEY", ""))
	if err != nil {
		return nil, err
	}
	return api.New(api.Deps{DB: d, Accounts: accounts, TrustedProxies: proxies}, key)
}

func openapi(context.Context) error {
	a, err := api.New(api.Deps{}, api.Key{})
	if err != nil {
		return err
	}
	text, err := a.OpenAPI()
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	return err
}

// grace is how long running requests get when the process is asked to stop.
const grace = 20 * time.Second

func serve(ctx context.Context) error {
	d, err := open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	a, err := newAPI(ctx, d)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr: setting("LISTEN_ADDR", ":8080"), Handler: a.Handler(),
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	slog.Info("serving", "address", server.Addr)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
