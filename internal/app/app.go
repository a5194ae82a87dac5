// Package app puts the parts together: settings become a database, the services
// on it, the jobs, the API and the server, which start and stop in one order.
package app

import (
	"context"
	"errors"

	"vitrine/internal/account"
	"vitrine/internal/api"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
	"vitrine/internal/order"
	"vitrine/internal/web"
)

// App is everything that serves, ready to Run.
type App struct {
	Accounts *account.Service
	API      *api.API
	Jobs     *job.Runner
	Orders   *order.Service

	db     *db.DB
	config *config.Config
}

// OpenDatabase opens the database that the settings name and brings its schema up
// to date. Commands that serve nothing need no more.
func OpenDatabase(ctx context.Context, c *config.Config) (*db.DB, error) {
	d, err := db.Open(ctx, db.Options{URL: c.DatabaseURL, MaxConns: c.DatabaseMaxConns, Clock: clock.System{}})
	if err != nil {
		return nil, err
	}
	if _, err := d.Migrate(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// New builds the app on an open database. Nothing runs yet.
func New(ctx context.Context, c *config.Config, d *db.DB) (*App, error) {
	accounts, err := newAccounts(c, d)
	if err != nil {
		return nil, err
	}
	proxies, err := web.ParseProxies(c.TrustedProxies)
	if err != nil {
		return nil, err
	}
	key, err := api.LoadKey(ctx, d, c.SecretKey)
	if err != nil {
		return nil, err
	}
	pages, err := web.NewPages()
	if err != nil {
		return nil, err
	}
	a := &App{Accounts: accounts, Jobs: job.NewRunner(d, job.Options{}), db: d, config: c}
	stock := inventory.NewWriter(d, nil)
	a.Orders = order.New(d, stock, order.Settings{HoldFor: c.ReservationTTL})
	a.handleJobs()
	a.API, err = api.New(api.Deps{
		DB: d, Accounts: accounts, Stock: stock, Orders: a.Orders, Jobs: a.Jobs, TrustedProxies: proxies, Pages: pages,
	}, key)
	return a, err
}

func newAccounts(c *config.Config, d *db.DB) (*account.Service, error) {
	settings := account.DefaultSettings
	settings.FailuresPerAccount, settings.FailuresPerAddress = c.LoginFailuresPerAccount, c.LoginFailuresPerAddress
	return account.New(d, settings)
}
