package webhook

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// DeliveryID names a delivery. It is the webhook-id of every try, so that a
// receiver can tell what it has had.
type DeliveryID struct{ id.UUID }

// Status says how a delivery stands.
type Status string

// The states.
const (
	Pending   Status = "pending"   // waits for its first or its next try
	Succeeded Status = "succeeded" // was answered with a 2xx
	Failed    Status = "failed"    // was given up
)

// Delivery is one event on its way to one webhook.
type Delivery struct {
	ID            DeliveryID
	Webhook       ID
	Event         Event
	Body          string // the JSON that is sent
	Status        Status
	Attempts      int
	ResponseCode  *int    // of the last try that was answered
	ResponseBody  *string // its beginning
	Error         *string // what went wrong at the last try
	CreatedAt     time.Time
	LastAttemptAt *time.Time
	NextAttemptAt *time.Time // nil when nothing more will happen
	DeliveredAt   *time.Time
}

const deliveryColumns = `id, webhook_id, event, body, status, attempts, response_code, response_body, error,
	created_at, last_attempt_at, next_at, delivered_at`

func scanDelivery(row db.Row) (Delivery, error) {
	var d Delivery
	var created db.Time
	var last, next, delivered db.NullTime
	err := row.Scan(&d.ID, &d.Webhook, &d.Event, &d.Body, &d.Status, &d.Attempts, &d.ResponseCode, &d.ResponseBody, &d.Error,
		&created, &last, &next, &delivered)
	d.CreatedAt, d.LastAttemptAt, d.NextAttemptAt, d.DeliveredAt = created.Time, last.Time, next.Time, delivered.Time
	return d, err
}

// GetDelivery returns a delivery of a webhook.
func GetDelivery(ctx context.Context, q db.Q, st store.ID, w ID, d DeliveryID) (Delivery, error) {
	found, err := db.One(ctx, q, scanDelivery, `
		SELECT `+deliveryColumns+` FROM webhook_delivery WHERE store_id = $1 AND id = $2 AND webhook_id = $3`, st, d, w)
	return found, db.Missing(err, "delivery")
}

// ListDeliveries returns a page of a webhook's deliveries, newest first; s narrows
// them unless it is empty.
func ListDeliveries(ctx context.Context, q db.Q, st store.ID, hook ID, s Status, p db.Page) ([]Delivery, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	w.Add("webhook_id = ?", hook)
	if s != "" {
		w.Add("status = ?", s)
	}
	return db.Paged(ctx, q, p, w, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_delivery`)
}

// Redeliver sends a delivery again, whatever became of it: at once, and with as many
// tries as a new one.
func Redeliver(ctx context.Context, tx *db.Tx, st store.ID, w ID, d DeliveryID) (Delivery, error) {
	if err := requireActive(ctx, tx, st, w); err != nil {
		return Delivery{}, err
	}
	found, err := db.One(ctx, tx, scanDelivery, `
		UPDATE webhook_delivery SET status = $4, failures = 0, next_at = $5, delivered_at = NULL, error = NULL
		WHERE store_id = $1 AND id = $2 AND webhook_id = $3 RETURNING `+deliveryColumns, st, d, w, Pending, db.Time{Time: tx.Now()})
	return found, db.Missing(err, "delivery")
}

// SendTest sends a webhook an event of the kind Test, whatever it asks for.
func SendTest(ctx context.Context, tx *db.Tx, st store.ID, w ID) (Delivery, error) {
	if err := requireActive(ctx, tx, st, w); err != nil {
		return Delivery{}, err
	}
	m := Message{st, Test, Data{"store_id": st.String(), "webhook_id": w.String(), "message": "This is a test."}}
	body, err := m.body(tx.Now())
	if err != nil {
		return Delivery{}, err
	}
	d := DeliveryID{tx.NewID()}
	if err := enqueue(ctx, tx, []outgoing{{d, st, w, Test, body}}); err != nil {
		return Delivery{}, err
	}
	return GetDelivery(ctx, tx, st, w, d)
}

func requireActive(ctx context.Context, q db.Q, st store.ID, w ID) error {
	found, err := Get(ctx, q, st, w)
	if err == nil && !found.Active {
		return fault.Refusedf("webhook_off", "This webhook is switched off: switch it on first.")
	}
	return err
}
