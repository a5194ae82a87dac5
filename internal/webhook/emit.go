package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Event is a kind of thing that happens.
type Event string

// The events.
const (
	OrderCreated   Event = "order.created"
	OrderPaid      Event = "order.paid"
	OrderFulfilled Event = "order.fulfilled"
	OrderCancelled Event = "order.cancelled"
	OrderReturned  Event = "order.returned"
	LowStock       Event = "inventory.low_stock"
	ProductCreated Event = "product.created"
	ProductUpdated Event = "product.updated"
	ProductDeleted Event = "product.deleted"
	StoreCloned    Event = "store.cloned"
	DomainActive   Event = "domain.active"
	DomainExpiring Event = "domain.expiring"

	// Test is what a merchant sends to see whether a webhook works.
	Test Event = "webhook.test"
)

// Events are those that a webhook can ask for.
var Events = []Event{
	OrderCreated, OrderPaid, OrderFulfilled, OrderCancelled, OrderReturned, LowStock,
	ProductCreated, ProductUpdated, ProductDeleted, StoreCloned, DomainActive, DomainExpiring,
}

// Data is what an event says, in the words of the API: names in snake_case, ids and
// times as text (Time), amounts as decimal strings. It is thin: what a receiver can
// read by the id is left out.
type Data map[string]any

// Time writes a time as the API does.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z") }

// Message is an event of a store, to be written with others.
type Message struct {
	Store store.ID
	Event Event
	Data  Data
}

// Emit writes an event into the outbox, for every webhook of the store that asks for
// it. It is sent after tx has committed, and never if tx is rolled back.
func Emit(ctx context.Context, tx *db.Tx, st store.ID, e Event, data Data) error {
	return EmitAll(ctx, tx, []Message{{st, e, data}})
}

// EmitAll is Emit for many events, of one store or of several. Where no webhook asks
// it costs one look at a small table for every hundred stores.
func EmitAll(ctx context.Context, tx *db.Tx, messages []Message) error {
	asking, err := subscribers(ctx, tx, messages)
	if err != nil || len(asking) == 0 {
		return err
	}
	var out []outgoing
	for _, m := range messages {
		webhooks := asking[subscription{m.Store, m.Event}]
		if len(webhooks) == 0 {
			continue
		}
		body, err := m.body(tx.Now())
		if err != nil {
			return err
		}
		for _, w := range webhooks {
			out = append(out, outgoing{DeliveryID{tx.NewID()}, m.Store, w, m.Event, body})
		}
	}
	return enqueue(ctx, tx, out)
}

type subscription struct {
	store store.ID
	event Event
}

const atOnce = 100

// subscribers returns the webhooks that ask for events of the messages' stores.
func subscribers(ctx context.Context, tx *db.Tx, messages []Message) (map[subscription][]ID, error) {
	var stores []store.ID
	for _, m := range messages {
		if len(stores) == 0 || stores[len(stores)-1] != m.Store {
			stores = append(stores, m.Store)
		}
	}
	slices.SortFunc(stores, func(a, b store.ID) int { return slices.Compare(a.UUID[:], b.UUID[:]) })
	asking := map[subscription][]ID{}
	for some := range slices.Chunk(slices.Compact(stores), atOnce) {
		err := db.Each(ctx, tx, func(row db.Row) error {
			var s subscription
			var w ID
			err := row.Scan(&s.store, &s.event, &w)
			asking[s] = append(asking[s], w)
			return err
		}, `SELECT store_id, event, webhook_id FROM webhook_event WHERE store_id IN `+db.List(1, len(some)), db.Args(some)...)
		if err != nil {
			return nil, err
		}
	}
	return asking, nil
}

// body is what is sent, byte by byte: the signature is of this text.
func (m Message) body(at time.Time) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(map[string]any{"type": m.Event, "timestamp": Time(at), "data": m.Data})
	if err != nil {
		return "", fmt.Errorf("write a %s event: %w", m.Event, err)
	}
	return string(bytes.TrimSpace(b.Bytes())), nil
}

type outgoing struct {
	id      DeliveryID
	store   store.ID
	webhook ID
	event   Event
	body    string
}

// rowsAtOnce is how many deliveries one statement inserts. SQLite's driver takes
// time that grows with the square of the number of parameters.
const rowsAtOnce = 50

func enqueue(ctx context.Context, tx *db.Tx, all []outgoing) error {
	now := db.Time{Time: tx.Now()}
	for some := range slices.Chunk(all, rowsAtOnce) {
		args := make([]any, 0, len(some)*10)
		for _, o := range some {
			args = append(args, o.store, o.id, o.webhook, o.event, o.body, Pending, 0, 0, now, now)
		}
		_, err := db.Exec(ctx, tx, `
			INSERT INTO webhook_delivery (store_id, id, webhook_id, event, body, status, attempts, failures, next_at, created_at)
			VALUES `+db.Rows(len(some), 10), args...)
		if err != nil {
			return fmt.Errorf("write into the outbox: %w", err)
		}
	}
	return nil
}
