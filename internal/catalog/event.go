package catalog

import (
	"context"

	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// emit tells the store's webhooks what happened to a product, and its pages that it
// did.
func emit(ctx context.Context, tx *db.Tx, st store.ID, e webhook.Event, p *Product) error {
	content.Changed(tx, st.UUID)
	return webhook.EmitAll(ctx, tx, []webhook.Message{p.message(st, e)})
}

// message is an event as it is told: thin, since the product can be read by its id.
func (p *Product) message(st store.ID, e webhook.Event) webhook.Message {
	return webhook.Message{Store: st, Event: e, Data: webhook.Data{
		"id": p.ID.String(), "store_id": st.String(), "title": p.Title, "slug": p.Slug, "status": p.Status,
		"created_at": webhook.Time(p.CreatedAt), "updated_at": webhook.Time(p.UpdatedAt),
	}}
}
