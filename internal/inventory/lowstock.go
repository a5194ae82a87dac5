package inventory

import (
	"context"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/webhook"
)

// TellLowStock tells webhooks of the levels that have become low: once when they do,
// and again only after there was enough in between. It is a Notice.
func TellLowStock(ctx context.Context, tx *db.Tx, crossings []Crossing) error {
	var messages []webhook.Message
	for _, c := range crossings {
		if !c.BecameLow() {
			continue
		}
		l, err := GetLevel(ctx, tx, c.Store, c.Level)
		if fault.Is(err, fault.NotFound) {
			continue // its variant or warehouse is being deleted
		}
		if err != nil {
			return err
		}
		messages = append(messages, webhook.Message{Store: c.Store, Event: webhook.LowStock, Data: webhook.Data{
			"inventory_level_id": l.ID.String(), "store_id": c.Store.String(), "variant_id": l.Variant.String(), "warehouse_id": l.Warehouse.String(),
			"sku": l.SKU, "product_title": l.ProductTitle, "variant_title": l.VariantTitle, "warehouse_name": l.WarehouseName,
			"quantity": c.After.Quantity, "reserved_quantity": c.After.Reserved, "available_quantity": c.After.Available(),
			"reorder_point": c.After.ReorderPoint, "reorder_quantity": c.After.ReorderQuantity,
		}})
	}
	if len(messages) == 0 {
		return nil
	}
	return webhook.EmitAll(ctx, tx, messages)
}
