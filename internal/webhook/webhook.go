// Package webhook tells other systems what happens in a store. A change writes its
// event into an outbox in the change's own transaction (Emit); package sender takes
// it from there to every address that asked for it, at least once, after the
// Standard Webhooks specification.
package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/url"
	"slices"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/seal"
	"vitrine/internal/store"
)

// ID names a webhook.
type ID struct{ id.UUID }

// Webhook is an address that hears of events.
type Webhook struct {
	ID        ID
	URL       string
	Events    []Event
	Active    bool
	Secret    string // whsec_…; known only when the webhook is made
	CreatedAt time.Time
	UpdatedAt time.Time
}

// New returns a webhook as it is before the merchant says anything else: active.
func New() Webhook { return Webhook{Active: true} }

// Service keeps webhooks and their outbox. It is safe for concurrent use.
type Service struct {
	sealer       *seal.Sealer
	allowPrivate bool
}

// NewService returns a Service. allowPrivate lets webhooks go to private, loopback
// and link-local addresses.
func NewService(s *seal.Sealer, allowPrivate bool) *Service { return &Service{s, allowPrivate} }

const (
	maxURL      = 2048
	maxWebhooks = 50 // of a store: each is a row more for every event
)

func (s *Service) check(w *Webhook) error {
	var f fault.Form
	w.URL = s.checkURL(&f, w.URL)
	slices.Sort(w.Events)
	w.Events = slices.Compact(w.Events)
	if len(w.Events) == 0 {
		f.Addf("events", nil, "must name at least one event")
	}
	for _, e := range w.Events {
		if !slices.Contains(Events, e) {
			f.Addf("events", e, "must be events that there are, such as order.created")
		}
	}
	return f.Err()
}

const columns = `id, url, events, is_active, created_at, updated_at`

func scan(row db.Row) (Webhook, error) {
	var w Webhook
	var events db.JSON[[]Event]
	var created, updated db.Time
	err := row.Scan(&w.ID, &w.URL, &events, &w.Active, &created, &updated)
	w.Events, w.CreatedAt, w.UpdatedAt = events.V, created.Time, updated.Time
	return w, err
}

// Get returns a webhook of a store, without its secret.
func Get(ctx context.Context, q db.Q, st store.ID, w ID) (Webhook, error) {
	found, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM webhook WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL`, st, w)
	return found, db.Missing(err, "webhook")
}

// List returns a page of a store's webhooks, newest first, without their secrets.
func List(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Webhook, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	w.Add("deleted_at IS NULL")
	return db.Paged(ctx, q, p, w, scan, `SELECT `+columns+` FROM webhook`)
}

// Create adds a webhook to a store. Its secret is in what is returned and nowhere
// else in the clear.
func (s *Service) Create(ctx context.Context, tx *db.Tx, st store.ID, w Webhook) (Webhook, error) {
	w.Events = slices.Clone(w.Events)
	if err := s.check(&w); err != nil {
		return Webhook{}, err
	}
	if err := tx.Lock(ctx, "webhooks of "+st.String()); err != nil {
		return Webhook{}, err
	}
	n, err := db.One(ctx, tx, db.Value[int], `SELECT count(*) FROM webhook WHERE store_id = $1 AND deleted_at IS NULL`, st)
	if err != nil {
		return Webhook{}, err
	}
	if n >= maxWebhooks {
		return Webhook{}, fault.Refusedf("too_many_webhooks", "A store can have at most %d webhooks.", maxWebhooks)
	}
	w.ID, w.Secret, w.CreatedAt, w.UpdatedAt = ID{tx.NewID()}, newSecret(), tx.Now(), tx.Now()
	_, err = db.Exec(ctx, tx, `
		INSERT INTO webhook (store_id, id, url, events, secret, is_active, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
		st, w.ID, w.URL, db.JSON[[]Event]{V: w.Events}, s.sealer.Seal([]byte(w.Secret)), w.Active, db.Time{Time: tx.Now()})
	if err != nil {
		return Webhook{}, err
	}
	if err := subscribe(ctx, tx, st, w); err != nil {
		return Webhook{}, err
	}
	return w, audit.InStore(ctx, tx, st.UUID, audit.WebhookCreate, w.thing())
}

// thing is the webhook as logs name it: by its address without what may be secret in it.
func (w Webhook) thing() audit.Thing {
	name := ""
	if u, err := url.Parse(w.URL); err == nil {
		name = u.Scheme + "://" + u.Host
	}
	return audit.Thing{Kind: "webhook", ID: w.ID.String(), Name: name}
}

// newSecret makes a secret as the specification has it: the prefix, and 32 bytes
// in base64.
func newSecret() string {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // it never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(random)
}

// subscribe lets the events that a webhook names be written for it from now on.
func subscribe(ctx context.Context, tx *db.Tx, st store.ID, w Webhook) error {
	if !w.Active {
		return nil
	}
	args := make([]any, 0, 3*len(w.Events))
	for _, e := range w.Events {
		args = append(args, st, e, w.ID)
	}
	_, err := db.Exec(ctx, tx, `INSERT INTO webhook_event (store_id, event, webhook_id) VALUES `+db.Rows(len(w.Events), 3), args...)
	return err
}

func unsubscribe(ctx context.Context, tx *db.Tx, st store.ID, w ID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM webhook_event WHERE store_id = $1 AND webhook_id = $2`, st, w)
	return err
}

// Update changes a webhook. What waits to be sent goes to the new address, or is
// given up once the webhook is switched off.
func (s *Service) Update(ctx context.Context, tx *db.Tx, st store.ID, id ID, edit func(*Webhook)) (Webhook, error) {
	w, err := db.One(ctx, tx, scan, `
		UPDATE webhook SET updated_at = $3 WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING `+columns, st, id, db.Time{Time: tx.Now()})
	if err != nil {
		return Webhook{}, db.Missing(err, "webhook")
	}
	before := w
	before.Events = slices.Clone(w.Events)
	edit(&w)
	if err := s.check(&w); err != nil {
		return Webhook{}, err
	}
	_, err = db.Exec(ctx, tx, `UPDATE webhook SET url = $3, events = $4, is_active = $5 WHERE store_id = $1 AND id = $2`,
		st, id, w.URL, db.JSON[[]Event]{V: w.Events}, w.Active)
	if err != nil {
		return Webhook{}, err
	}
	if err := unsubscribe(ctx, tx, st, id); err != nil {
		return Webhook{}, err
	}
	if err := subscribe(ctx, tx, st, w); err != nil {
		return Webhook{}, err
	}
	return w, audit.Changed(ctx, tx, st.UUID, audit.WebhookChange, w.thing(), before, w)
}

// DeleteAll ends the webhooks of a store. What waits to be sent to them is given up.
func DeleteAll(ctx context.Context, tx *db.Tx, st store.ID) error {
	_, err := db.Exec(ctx, tx, `
		UPDATE webhook SET deleted_at = $2, is_active = FALSE WHERE store_id = $1 AND deleted_at IS NULL`, st, db.Time{Time: tx.Now()})
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `DELETE FROM webhook_event WHERE store_id = $1`, st)
	return err
}

// Delete ends a webhook. What waits to be sent to it is given up.
func Delete(ctx context.Context, tx *db.Tx, st store.ID, id ID) error {
	w, err := db.One(ctx, tx, scan, `
		UPDATE webhook SET deleted_at = $3, is_active = FALSE WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING `+columns, st, id, db.Time{Time: tx.Now()})
	if err != nil {
		return db.Missing(err, "webhook")
	}
	if err := audit.InStore(ctx, tx, st.UUID, audit.WebhookDelete, w.thing()); err != nil {
		return err
	}
	return unsubscribe(ctx, tx, st, id)
}
