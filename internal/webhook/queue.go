package webhook

import (
	"context"
	"math/rand/v2"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// backoff is how long a delivery waits after each failure: the first try again comes
// within 10 s, the last a day after the event.
var backoff = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 10*time.Hour + 15*time.Minute,
}

// next returns when a delivery is tried again that has failed so many times, or nil
// when it is given up. It is spread a little, so that what failed together does not
// come back together.
func next(now time.Time, failures int) *time.Time {
	if failures > len(backoff) {
		return nil
	}
	wait := backoff[failures-1]
	at := now.Add(wait - wait/20 + rand.N(wait/10)) //nolint:gosec // no secret
	return &at
}

// Queue is what waits to be sent to one webhook.
type Queue struct {
	Store   store.ID
	Webhook ID
}

// due finds the webhooks that something is due for by going from one to the next in
// the index of what waits, so that a webhook with a long queue is one step like any
// other. It is over all stores.
const due = `
	WITH RECURSIVE waiting (webhook_id) AS (
		SELECT (SELECT d.webhook_id FROM webhook_delivery d WHERE d.next_at IS NOT NULL ORDER BY d.webhook_id LIMIT 1)
		UNION ALL
		SELECT (SELECT d.webhook_id FROM webhook_delivery d WHERE d.next_at IS NOT NULL AND d.webhook_id > w.webhook_id ORDER BY d.webhook_id LIMIT 1)
		FROM waiting w WHERE w.webhook_id IS NOT NULL
	)
	SELECT found.store_id, found.webhook_id FROM (
		SELECT (SELECT d.store_id FROM webhook_delivery d WHERE d.webhook_id = w.webhook_id AND d.next_at <= $1 ORDER BY d.next_at LIMIT 1) AS store_id, w.webhook_id
		FROM waiting w WHERE w.webhook_id IS NOT NULL
	) found WHERE found.store_id IS NOT NULL`

// Due returns the queues that have something to be sent now.
func Due(ctx context.Context, q db.Q, now time.Time) ([]Queue, error) {
	if q.Cluster() {
		return dueOfCluster(ctx, q, now)
	}
	return db.All(ctx, q, scanQueue, due, db.Time{Time: now})
}

// dueOfCluster is Due on Citus, which has no recursion over several stores.
func dueOfCluster(ctx context.Context, q db.Q, now time.Time) ([]Queue, error) {
	return db.All(ctx, q, scanQueue, `SELECT DISTINCT store_id, webhook_id FROM webhook_delivery WHERE next_at <= $1 ORDER BY webhook_id`, db.Time{Time: now})
}

func scanQueue(row db.Row) (q Queue, err error) { return q, row.Scan(&q.Store, &q.Webhook) }

// Parcel is a delivery that the caller has taken to send.
type Parcel struct {
	Delivery DeliveryID
	URL      string
	Secret   string
	Body     string

	attempt  int // the fence: a later try has a higher one
	failures int
}

// first are those of a queue whose turn it is. On SQLite it asks for the webhook alone,
// whose id no other store has: with the store it would take another index than that of
// what waits.
const (
	firstSQLite   = `SELECT d.id FROM webhook_delivery d WHERE d.webhook_id = $1 AND d.next_at <= $2 AND $3 IS NOT NULL ORDER BY d.next_at, d.id LIMIT $4`
	firstPostgres = `SELECT d.id FROM webhook_delivery d WHERE d.webhook_id = $1 AND d.next_at <= $2 AND d.store_id = $3 ORDER BY d.next_at, d.id LIMIT $4`
)

// take moves them ahead by the lease, so that nobody else takes them before the
// sender is done, or dead. Whom another sender was faster to take stays out.
const take = `
	UPDATE webhook_delivery SET next_at = $3, attempts = attempts + 1, last_attempt_at = $2, error = NULL
	WHERE store_id = $1 AND next_at <= $2 AND id IN `

// Claim takes up to n deliveries of a queue, for as long as lease. What is not
// settled by then is sent again. Those of a webhook that is switched off or deleted
// are given up instead.
func (s *Service) Claim(ctx context.Context, d *db.DB, q Queue, n int, lease time.Duration) (parcels []Parcel, err error) {
	err = d.InTx(ctx, func(tx *db.Tx) error {
		parcels, err = claim(ctx, tx, q, n, lease)
		if err != nil || len(parcels) == 0 {
			return err
		}
		to, active, err := s.addressee(ctx, tx, q)
		if err != nil {
			return err
		}
		for i := range parcels {
			parcels[i].URL, parcels[i].Secret = to.URL, to.Secret
		}
		if active {
			return nil
		}
		for _, p := range parcels {
			if err := giveUp(ctx, tx, q.Store, p, "The webhook was switched off."); err != nil {
				return err
			}
		}
		parcels = nil
		return nil
	})
	return parcels, err
}

func claim(ctx context.Context, tx *db.Tx, q Queue, n int, lease time.Duration) ([]Parcel, error) {
	now := db.Time{Time: tx.Now()}
	first := firstPostgres
	if tx.Engine() == db.SQLite {
		first = firstSQLite
	}
	ids, err := db.All(ctx, tx, db.Value[id.UUID], first, q.Webhook, now, q.Store, n)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	args := append([]any{q.Store, now, db.Time{Time: now.Add(lease)}}, db.Args(ids)...)
	return db.All(ctx, tx, scanParcel, take+db.List(4, len(ids))+` RETURNING id, body, attempts, failures`, args...)
}

func scanParcel(row db.Row) (Parcel, error) {
	var p Parcel
	err := row.Scan(&p.Delivery, &p.Body, &p.attempt, &p.failures)
	return p, err
}

// addressee returns where a queue leads, with the secret in the clear.
func (s *Service) addressee(ctx context.Context, tx *db.Tx, q Queue) (to Parcel, active bool, err error) {
	var sealed []byte
	_, err = db.One(ctx, tx, func(row db.Row) (none struct{}, err error) {
		return none, row.Scan(&to.URL, &sealed, &active)
	}, `SELECT url, secret, is_active FROM webhook WHERE store_id = $1 AND id = $2`, q.Store, q.Webhook)
	if err != nil {
		return to, false, err
	}
	// Sealed with another key: there is nothing to sign with, which Send finds out.
	secret, _ := s.sealer.Open(sealed)
	to.Secret = string(secret)
	return to, active, nil
}

// Outcome is what became of a try.
type Outcome struct {
	Parcel Parcel
	Code   int    // of the answer; 0: there was none
	Body   string // the answer's beginning, as text
	Error  string // what went wrong, for the merchant; empty: delivered
}

// Settle writes down what became of the tries of a queue. One that came too late,
// since another has begun, changes nothing.
func (s *Service) Settle(ctx context.Context, d *db.DB, q Queue, outcomes []Outcome) error {
	return d.InTx(ctx, func(tx *db.Tx) error {
		for _, o := range outcomes {
			if err := settle(ctx, tx, q.Store, o); err != nil {
				return err
			}
		}
		return nil
	})
}

func settle(ctx context.Context, tx *db.Tx, st store.ID, o Outcome) error {
	now := tx.Now()
	status, failures, again, delivered := Succeeded, o.Parcel.failures, (*time.Time)(nil), &now
	if o.Error != "" {
		failures++
		if status, again, delivered = Pending, next(now, failures), nil; again == nil {
			status = Failed
		}
	}
	_, err := db.Exec(ctx, tx, `
		UPDATE webhook_delivery SET status = $4, failures = $5, next_at = $6, delivered_at = $7, response_code = $8, response_body = $9, error = $10
		WHERE store_id = $1 AND id = $2 AND attempts = $3 AND status = 'pending'`,
		st, o.Parcel.Delivery, o.Parcel.attempt, status, failures, db.NullTime{Time: again}, db.NullTime{Time: delivered},
		orNull(o.Code), orNull(o.Body), orNull(o.Error))
	return err
}

func giveUp(ctx context.Context, tx *db.Tx, st store.ID, p Parcel, why string) error {
	_, err := db.Exec(ctx, tx, `UPDATE webhook_delivery SET status = $3, next_at = NULL, error = $4 WHERE store_id = $1 AND id = $2`, st, p.Delivery, Failed, why)
	return err
}

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

const (
	kept    = 7 * 24 * time.Hour // how long finished deliveries can be looked at
	cleaned = 1000               // rows of one transaction: SQLite's writer waits for it
)

var keyColumns = db.NewColumns("store_id uuid, id uuid")

// Clean deletes deliveries that finished long ago, and deleted webhooks that nothing
// names any more.
func Clean(ctx context.Context, d *db.DB) error {
	for {
		var n int64
		err := d.InTx(ctx, func(tx *db.Tx) (err error) {
			old := keyColumns.Set()
			if _, err = db.All(ctx, tx, func(row db.Row) (none struct{}, err error) {
				var st, delivery id.UUID
				err = row.Scan(&st, &delivery)
				old.Add(st, delivery)
				return none, err
			}, `SELECT store_id, id FROM webhook_delivery WHERE next_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2`,
				db.Time{Time: tx.Now().Add(-kept)}, cleaned); err != nil {
				return err
			}
			n, err = old.Exec(ctx, tx, `WITH @given DELETE FROM webhook_delivery WHERE (store_id, id) IN (SELECT store_id, id FROM given)`)
			return err
		})
		if err != nil {
			return err
		}
		if n < cleaned {
			break
		}
	}
	return d.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `
			DELETE FROM webhook WHERE deleted_at < $1
				AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.store_id = webhook.store_id AND d.webhook_id = webhook.id)`,
			db.Time{Time: tx.Now().Add(-kept)})
		return err
	})
}
