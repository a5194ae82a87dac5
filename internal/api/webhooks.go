package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// Webhook is an address that hears of what happens in a store.
type Webhook struct {
	ID        string      `json:"id" format:"uuid"`
	URL       string      `json:"url"`
	Events    []EventName `json:"events" nullable:"false"`
	IsActive  bool        `json:"is_active"`
	CreatedAt string      `json:"created_at" format:"date-time"`
	UpdatedAt string      `json:"updated_at" format:"date-time"`
}

// EventName is the name of an event that a webhook can ask for.
type EventName string

// Schema implements huma.SchemaProvider.
func (EventName) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: each(webhook.Events, func(e webhook.Event) any { return string(e) })}
}

// NewWebhook is a webhook at the one time that its secret is shown.
type NewWebhook struct {
	Webhook
	Secret string `json:"secret" doc:"What requests are signed with. It is not shown again." example:"whsec_…"`
}

func toWebhook(w webhook.Webhook) Webhook {
	return Webhook{
		ID: w.ID.String(), URL: w.URL, Events: each(w.Events, func(e webhook.Event) EventName { return EventName(e) }), IsActive: w.Active,
		CreatedAt: utc(w.CreatedAt), UpdatedAt: utc(w.UpdatedAt),
	}
}

func toNewWebhook(w webhook.Webhook) NewWebhook {
	return NewWebhook{Webhook: toWebhook(w), Secret: w.Secret}
}

// Delivery is one event on its way to a webhook.
type Delivery struct {
	ID            string  `json:"id" format:"uuid" doc:"The webhook-id of every try."`
	WebhookID     string  `json:"webhook_id" format:"uuid"`
	Event         string  `json:"event" example:"order.created"`
	Status        string  `json:"status" enum:"pending,succeeded,failed" doc:"pending: waits for its first or its next try."`
	Attempts      int     `json:"attempts"`
	ResponseCode  *int    `json:"response_code" doc:"Of the last try; null: it was not answered."`
	ResponseBody  *string `json:"response_body" doc:"The beginning of the last answer."`
	Error         *string `json:"error" doc:"What went wrong at the last try."`
	CreatedAt     string  `json:"created_at" format:"date-time"`
	LastAttemptAt *string `json:"last_attempt_at" format:"date-time"`
	NextAttemptAt *string `json:"next_attempt_at" format:"date-time" doc:"null: nothing more will happen."`
	DeliveredAt   *string `json:"delivered_at" format:"date-time"`
}

// FullDelivery is a delivery with what is sent.
type FullDelivery struct {
	Delivery
	Payload json.RawMessage `json:"payload" doc:"The body that is sent: type, timestamp and data."`
}

func toDelivery(d webhook.Delivery) Delivery {
	return Delivery{
		ID: d.ID.String(), WebhookID: d.Webhook.String(), Event: string(d.Event), Status: string(d.Status), Attempts: d.Attempts,
		ResponseCode: d.ResponseCode, ResponseBody: d.ResponseBody, Error: d.Error, CreatedAt: utc(d.CreatedAt),
		LastAttemptAt: utcOrNull(d.LastAttemptAt), NextAttemptAt: utcOrNull(d.NextAttemptAt), DeliveredAt: utcOrNull(d.DeliveredAt),
	}
}

func toFullDelivery(d webhook.Delivery) FullDelivery {
	return FullDelivery{Delivery: toDelivery(d), Payload: json.RawMessage(d.Body)}
}

type createWebhookInput struct {
	StorePath
	Body struct {
		URL      string      `json:"url" doc:"An http or https address, which must not be private."`
		Events   []EventName `json:"events" doc:"At least one." nullable:"false"`
		IsActive Opt[bool]   `json:"is_active,omitempty" doc:"Default true."`
	}
}

type updateWebhookInput struct {
	WebhookPath
	Body struct {
		URL      Opt[string]      `json:"url,omitempty"`
		Events   Opt[[]EventName] `json:"events,omitempty"`
		IsActive Opt[bool]        `json:"is_active,omitempty" doc:"What waits to be sent to a webhook that is switched off is given up."`
	}
}

type listDeliveriesInput struct {
	WebhookPath
	PageQuery
	Status string `query:"status" enum:"pending,succeeded,failed" doc:"Those that stand like this."`
}

// WebhookPath is the path of one webhook.
type WebhookPath struct {
	StorePath
	ID webhook.ID `path:"webhook_id" format:"uuid" doc:"The webhook's id."`
}

// DeliveryPath is the path of one delivery.
type DeliveryPath struct {
	WebhookPath
	DeliveryID webhook.DeliveryID `path:"delivery_id" format:"uuid" doc:"The delivery's id."`
}

// aboutWebhooks is what the reference says about them.
const aboutWebhooks = "Events are sent as POST with `{type, timestamp, data}`, at least once and in no certain order, signed after the " +
	"[Standard Webhooks](https://www.standardwebhooks.com) specification (`webhook-id`, `webhook-timestamp`, `webhook-signature`). " +
	"Any answer but 2xx within 10 s is a failure: it is tried again after 5 s and then less and less often for 24 hours, under the same `webhook-id`. " +
	"Redirects are not followed."

func (a *API) webhookRoutes() {
	const tag, path, one = "Webhooks", storePath + "/webhooks", storePath + "/webhooks/{webhook_id}"
	const deliveries, delivery = one + "/deliveries", one + "/deliveries/{delivery_id}"
	there := exists(a, "webhook_id", webhook.Get)
	deliveryThere := both(there, a.deliveryThere)
	register(a, route{method: http.MethodPost, path: path, id: "create-webhook", tag: tag, role: store.Admin, status: http.StatusCreated, summary: "Create a webhook", detail: aboutWebhooks}, a.createWebhook)
	register(a, route{method: http.MethodGet, path: path, id: "list-webhooks", tag: tag, role: store.Admin, summary: "List webhooks"}, a.listWebhooks)
	register(a, route{method: http.MethodGet, path: one, id: "get-webhook", tag: tag, role: store.Admin, summary: "Get a webhook", guard: there}, a.getWebhook)
	register(a, route{method: http.MethodPatch, path: one, id: "update-webhook", tag: tag, role: store.Admin, summary: "Change a webhook", guard: there}, a.updateWebhook)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-webhook", tag: tag, role: store.Admin, status: http.StatusNoContent, summary: "Delete a webhook", guard: there}, a.deleteWebhook)
	register(a, route{method: http.MethodPost, path: one + "/test", id: "test-webhook", tag: tag, role: store.Admin, status: http.StatusAccepted, summary: "Send a test event", detail: "A `webhook.test` event, whatever the webhook asks for.", guard: there}, a.testWebhook)
	register(a, route{method: http.MethodGet, path: deliveries, id: "list-deliveries", tag: tag, role: store.Admin, summary: "List a webhook's deliveries", detail: "They are kept for 7 days.", guard: there}, a.listDeliveries)
	register(a, route{method: http.MethodGet, path: delivery, id: "get-delivery", tag: tag, role: store.Admin, summary: "Get a delivery and what it sends", guard: deliveryThere}, a.getDelivery)
	register(a, route{method: http.MethodPost, path: delivery + "/redeliver", id: "redeliver", tag: tag, role: store.Admin, status: http.StatusAccepted, summary: "Send a delivery again", detail: "Whatever became of it, under the same `webhook-id`.", guard: deliveryThere}, a.redeliver)
}

func (a *API) deliveryThere(ctx context.Context) error {
	w, err := pathID[webhook.ID](ctx, "webhook_id")
	if err != nil {
		return err
	}
	d, err := pathID[webhook.DeliveryID](ctx, "delivery_id")
	if err != nil {
		return err
	}
	_, err = webhook.GetDelivery(ctx, a.DB, shop(ctx).ID, w, d)
	return err
}

func eventsOf(names []EventName) []webhook.Event {
	return each(names, func(name EventName) webhook.Event { return webhook.Event(name) })
}

func (a *API) createWebhook(ctx context.Context, in *createWebhookInput) (*answer[NewWebhook], error) {
	if err := a.Webhooks.CheckHost(ctx, in.Body.URL); err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[NewWebhook], error) {
		w := webhook.New()
		w.URL, w.Events = in.Body.URL, eventsOf(in.Body.Events)
		in.Body.IsActive.to(&w.Active)
		w, err := a.Webhooks.Create(ctx, tx, shop(ctx).ID, w)
		return made(w, err, toNewWebhook)
	})
}

func (a *API) listWebhooks(ctx context.Context, in *listInput) (*listed[Webhook], error) {
	return pageOf(ctx, a, &in.PageQuery, webhook.List, toWebhook, func(w webhook.Webhook) id.UUID { return w.ID.UUID })
}

func (a *API) getWebhook(ctx context.Context, in *WebhookPath) (*answer[Webhook], error) {
	w, err := webhook.Get(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(w, err, toWebhook)
}

func (a *API) updateWebhook(ctx context.Context, in *updateWebhookInput) (*answer[Webhook], error) {
	if err := a.Webhooks.CheckHost(ctx, in.Body.URL.Value); err != nil {
		return nil, err
	}
	w, err := inTx(ctx, a, func(tx *db.Tx) (webhook.Webhook, error) {
		return a.Webhooks.Update(ctx, tx, shop(ctx).ID, in.ID, func(w *webhook.Webhook) {
			in.Body.URL.to(&w.URL)
			in.Body.IsActive.to(&w.Active)
			if in.Body.Events.Set {
				w.Events = eventsOf(in.Body.Events.Value)
			}
		})
	})
	return shown(w, err, toWebhook)
}

func (a *API) deleteWebhook(ctx context.Context, in *WebhookPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return webhook.Delete(ctx, tx, shop(ctx).ID, in.ID) })
}

func (a *API) testWebhook(ctx context.Context, in *WebhookPath) (*answer[FullDelivery], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[FullDelivery], error) {
		d, err := webhook.SendTest(ctx, tx, shop(ctx).ID, in.ID)
		return queued(d, err, toFullDelivery)
	})
}

func (a *API) listDeliveries(ctx context.Context, in *listDeliveriesInput) (*listed[Delivery], error) {
	if _, err := webhook.Get(ctx, a.DB, shop(ctx).ID, in.ID); err != nil {
		return nil, err
	}
	found, more, err := webhook.ListDeliveries(ctx, a.DB, shop(ctx).ID, in.ID, webhook.Status(in.Status), in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, found, more, toDelivery, func(d webhook.Delivery) id.UUID { return d.ID.UUID }), nil
}

func (a *API) getDelivery(ctx context.Context, in *DeliveryPath) (*answer[FullDelivery], error) {
	if _, err := webhook.Get(ctx, a.DB, shop(ctx).ID, in.ID); err != nil {
		return nil, err
	}
	d, err := webhook.GetDelivery(ctx, a.DB, shop(ctx).ID, in.ID, in.DeliveryID)
	return shown(d, err, toFullDelivery)
}

func (a *API) redeliver(ctx context.Context, in *DeliveryPath) (*answer[FullDelivery], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[FullDelivery], error) {
		d, err := webhook.Redeliver(ctx, tx, shop(ctx).ID, in.ID, in.DeliveryID)
		return queued(d, err, toFullDelivery)
	})
}
