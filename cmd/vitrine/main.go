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
	"vitrine/internal/config"
	"vitrine/internal/db"
)

const usage = `Usage: vitrine <command>

  serve     serve the API (default database: vitrine.db in this folder)
  migrate   bring the database's schema up to date
  config    print every setting, its value and where it came from
  openapi   print the API's description

Settings come from vitrine.toml and the environment; vitrine config shows them.
`

func main() {
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	commands := map[string]func(context.Context) error{"serve": serve, "migrate": migrate, "config": printConfig, "openapi": openapi}
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

func printConfig(context.Context) error {
	c, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	return c.Print(os.Stdout)
}

// open reads the settings and opens the database that they name, its schema up to
// date.
func open(ctx context.Context) (*config.Config, *db.DB, error) {
	c, err := config.FromEnvironment()
	if err != nil {
		return nil, nil, err
	}
	d, err := db.Open(ctx, db.Options{URL: c.DatabaseURL, MaxConns: c.DatabaseMaxConns, Clock: clock.System{}})
	if err != nil {
		return nil, nil, err
	}
	if _, err = d.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	return c, d, nil
}

func migrate(ctx context.Context) error {
	_, d, err := open(ctx)
	if err != nil {
		return err
	}
	return d.Close()
}

func newAPI(ctx context.Context, c *config.Config, d *db.DB) (*api.API, error) {
	settings := account.DefaultSettings
	settings.FailuresPerAccount, settings.FailuresPerAddress = c.LoginFailuresPerAccount, c.LoginFailuresPerAddress
	accounts, err := account.New(d, settings)
	if err != nil {
		return nil, err
	}
	proxies, err := api.ParseProxies(c.TrustedProxies)
	if err != nil {
		return nil, err
	}
	key, err := api.LoadKey(ctx, d, c.SecretKey)
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
	c, d, err := open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	a, err := newAPI(ctx, c, d)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr: c.ListenAddr, Handler: a.Handler(),
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
