// Package stripe takes money through Stripe. Sums are authorised first and captured
// later; cards are entered on Stripe's own pages, so that no number ever comes by here.
package stripe

import (
	"context"
	"net/http"
	"time"

	stripe "github.com/stripe/stripe-go/v85"

	"vitrine/internal/db"
)

// Settings say which account at Stripe is meant.
type Settings struct {
	Key           string // secret: sk_…
	WebhookSecret string // whsec_…; "": no webhook is believed
	Endpoint      string // of the API; "": Stripe's own
}

// Provider implements payment.Provider.
type Provider struct {
	db       *db.DB
	api      *stripe.Client
	settings Settings
}

// answerWithin is how long Stripe has to answer.
const answerWithin = 20 * time.Second

// New returns a provider. Nothing is asked yet.
func New(d *db.DB, s Settings) *Provider {
	c := &stripe.BackendConfig{
		HTTPClient:        &http.Client{Timeout: answerWithin},
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
		MaxNetworkRetries: stripe.Int64(0), // who asks knows when to ask again
		EnableTelemetry:   stripe.Bool(false),
	}
	if s.Endpoint != "" {
		c.URL = stripe.String(s.Endpoint)
	}
	return &Provider{db: d, settings: s, api: stripe.NewClient(s.Key, stripe.WithBackends(stripe.NewBackendsWithConfig(c)))}
}

// Name implements payment.Provider.
func (p *Provider) Name() string { return "stripe" }

// charge is what we know of one: its row is written before Stripe is asked for it.
type charge struct {
	key      string
	id       *string // what Stripe calls it: pi_… or cs_…
	customer *string
	created  time.Time
}

// begin writes a charge down, or returns it as it was written.
func (p *Provider) begin(ctx context.Context, key string, customer *string) (c charge, fresh bool, err error) {
	err = p.db.InTx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `INSERT INTO stripe_charge (key, customer, created_at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`,
			key, customer, db.Time{Time: tx.Now()})
		if err != nil {
			return err
		}
		fresh = n == 1
		c, err = known(ctx, tx, key)
		return err
	})
	return c, fresh, err
}

func known(ctx context.Context, q db.Q, key string) (charge, error) {
	return db.One(ctx, q, func(row db.Row) (charge, error) {
		c := charge{key: key}
		var created db.Time
		err := row.Scan(&c.id, &c.customer, &created)
		c.created = created.Time
		return c, err
	}, `SELECT id, customer, created_at FROM stripe_charge WHERE key = $1`, key)
}

// named keeps what Stripe calls a charge. It is asked about by its key where this is
// not written any more.
func (p *Provider) named(ctx context.Context, key, id string) error {
	return p.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE stripe_charge SET id = $2 WHERE key = $1`, key, id)
		return err
	})
}
