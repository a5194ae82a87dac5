// Package app puts the parts together: settings become a database, the services
// on it, the jobs, the API and the server, which start and stop in one order.
package app

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"vitrine/internal/account"
	"vitrine/internal/api"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/dashboard"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/edge"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
	"vitrine/internal/mail"
	"vitrine/internal/media"
	"vitrine/internal/order"
	"vitrine/internal/payment"
	"vitrine/internal/purchase"
	"vitrine/internal/seal"
	"vitrine/internal/storefront"
	"vitrine/internal/till"
	"vitrine/internal/transfer"
	"vitrine/internal/web"
	"vitrine/internal/webhook"
	"vitrine/internal/webhook/sender"
)

// App is everything that serves, ready to Run.
type App struct {
	Accounts  *account.Service
	API       *api.API
	Jobs      *job.Runner
	Orders    *order.Service
	Webhooks  *sender.Sender
	Domains   *domain.Service
	Media     *media.Service
	Payments  payment.Provider
	Till      *till.Service
	Mails     *mail.Service
	Purchases *purchase.Service

	dns     *nameServer // nil: records are elsewhere
	stock   *inventory.Writer
	replica *db.Replica // nil: there is none
	db      *db.DB
	config  *config.Config
	names   *domain.Names
	acme    *authorities // nil in other modes than acme
	secure  *edge.Secure // nil where TLS ends before us
	proxies web.Proxies
	handler http.Handler

	successor bool // the sockets were handed over, and will be to the next process
}

// OpenDatabase opens the database that the settings name and brings its schema up
// to date. Commands that serve nothing need no more.
func OpenDatabase(ctx context.Context, c *config.Config) (*db.DB, error) {
	observer, err := newObserver(ctx, c)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, db.Options{URL: c.DatabaseURL, MaxConns: c.DatabaseMaxConns, Clock: clock.System{}, Observer: observer})
	if err != nil {
		return nil, err
	}
	if err = transfer.Half(ctx, d); err == nil {
		_, err = d.Migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// New builds the app on an open database. Nothing runs yet.
func New(ctx context.Context, c *config.Config, d *db.DB) (*App, error) {
	sealer, err := Sealer(ctx, c, d)
	if err != nil {
		return nil, err
	}
	accounts, mails, err := newAccounts(ctx, c, d, sealer)
	if err != nil {
		return nil, err
	}
	proxies, err := web.ParseProxies(c.TrustedProxies)
	if err != nil {
		return nil, err
	}
	pages, err := web.NewPages()
	if err != nil {
		return nil, err
	}
	a := &App{Accounts: accounts, Mails: mails, Jobs: job.NewRunner(d, job.Options{}), db: d, config: c}
	a.stock = inventory.NewWriter(d, inventory.TellLowStock)
	a.Orders = order.New(d, a.stock, order.Settings{HoldFor: c.ReservationTTL})
	hooks := webhook.NewService(sealer, c.WebhookAllowPrivate)
	a.Webhooks = sender.New(d, hooks, sender.Options{})
	if a.Domains, err = a.newDomains(c, d, sealer); err != nil {
		return nil, err
	}
	if a.dns, err = newNameServer(ctx, c, d); err != nil {
		return nil, err
	}
	if a.Media, err = newMedia(c, d); err != nil {
		return nil, err
	}
	if err := a.takeMoney(c, d); err != nil {
		return nil, err
	}
	a.handleJobs()
	shoppers := web.NewLimiter(c.StorefrontRateLimit)
	a.API = api.New(api.Deps{
		DB: d, Accounts: accounts, Stock: a.stock, Orders: a.Orders, Jobs: a.Jobs, Sealer: sealer, Webhooks: hooks, Domains: a.Domains, Purchases: a.Purchases, Media: a.Media, Till: a.Till,
		Shoppers: shoppers, TrustedProxies: proxies, Pages: pages,
	})
	shops, err := a.openShops(ctx, c, storefront.Deps{DB: d, Orders: a.Orders, Shoppers: shoppers, PlatformDomain: c.PlatformDomain, Till: a.Till, Bank: bank(a.Payments)})
	if err != nil {
		return nil, err
	}
	merchants := dashboard.New(dashboard.Deps{
		DB: d, Accounts: accounts, Stock: a.stock, Orders: a.Orders, Jobs: a.Jobs, Webhooks: hooks, Domains: a.Domains, Purchases: a.Purchases, Payments: a.Payments, Till: a.Till, Media: a.Media, PlatformDomain: c.PlatformDomain, DevPages: c.DevPages, Mails: outbox(c, mails), Silent: !mails.Sends(),
		Preview: shops.Preview, OrderPage: shops.OrderPage,
	})
	if a.names, err = domain.OpenNames(ctx, d); err != nil {
		return nil, err
	}
	if err := a.newSecure(c, proxies); err != nil {
		return nil, err
	}
	a.tellFigures()
	a.handler = edge.New(proxies, edge.Parts{Observer: d.Observer(), Secure: a.secure, Answer: a.answer(), Names: a.names, API: a.API.Handler(), Dashboard: merchants.Handler(), Storefront: shops, Media: web.Media{Get: a.Media.Get}, PlatformDomain: c.PlatformDomain})
	return a, nil
}

// Handler returns what answers every request, for those who listen themselves.
func (a *App) Handler() http.Handler { return a.handler }

// Sealer returns what seals and opens the secrets in the database.
func Sealer(ctx context.Context, c *config.Config, d *db.DB) (*seal.Sealer, error) {
	var former []string
	for secret := range strings.SplitSeq(c.FormerSecretKeys, ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			former = append(former, secret)
		}
	}
	return seal.Load(ctx, d, c.SecretKey, former...)
}

// newAccounts returns the accounts, whose addresses are confirmed where mail is sent.
func newAccounts(ctx context.Context, c *config.Config, d *db.DB, sealer *seal.Sealer) (*account.Service, *mail.Service, error) {
	mails, err := newMail(c, d, sealer)
	if err != nil {
		return nil, nil, err
	}
	settings := account.DefaultSettings
	settings.Sealer = sealer
	settings.FailuresPerAccount, settings.FailuresPerAddress = c.LoginFailuresPerAccount, c.LoginFailuresPerAddress
	if mails.Sends() {
		key, err := seal.StoredKey(ctx, d, account.VerifyKey)
		if err != nil {
			return nil, nil, err
		}
		settings.Verify = account.NewVerifier(key)
	}
	accounts, err := account.New(d, settings)
	return accounts, mails, err
}

// openShops returns the storefronts, with the key of the links that lead to orders and
// the replica that pages are read from, if there is one.
func (a *App) openShops(ctx context.Context, c *config.Config, deps storefront.Deps) (*storefront.Storefront, error) {
	key, err := seal.StoredKey(ctx, a.db, order.LinkKey)
	if err == nil && c.ReplicaURL != "" {
		a.replica, err = db.NewReplica(a.db, c.ReplicaURL, c.DatabaseMaxConns)
	}
	deps.Links, deps.Replica = order.NewLinks(key), a.replica
	return storefront.New(deps), err
}
