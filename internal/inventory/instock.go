package inventory

import (
	"context"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// variantsAtOnce is how many variants one query asks for. SQLite's driver takes time
// that grows with the square of the number of parameters.
const variantsAtOnce = 250

// InStock returns the variants of the products that can be had now: those that
// suppliers ship, those that may be sold beyond what is there, and those of which an
// active warehouse has a unit that nobody holds.
func InStock(ctx context.Context, q db.Q, s store.Store, products []catalog.Product) (map[catalog.VariantID]bool, error) {
	can := map[catalog.VariantID]bool{}
	var counted []id.UUID
	for _, p := range products {
		for _, v := range p.Variants {
			if s.Type.OwnsStock() && v.TrackInventory && !v.AllowBackorder {
				counted = append(counted, v.ID.UUID)
			} else {
				can[v.ID] = true
			}
		}
	}
	for some := range slices.Chunk(counted, variantsAtOnce) {
		found, err := db.All(ctx, q, db.Value[id.UUID], `
			SELECT DISTINCT l.variant_id
			FROM inventory_level l JOIN warehouse w ON w.store_id = l.store_id AND w.id = l.warehouse_id
			WHERE l.store_id = $1 AND NOT l.retired AND l.quantity > l.reserved AND w.is_active AND w.deleted_at IS NULL
				AND l.variant_id IN `+db.List(2, len(some)), append([]any{s.ID}, db.Args(some)...)...)
		if err != nil {
			return nil, err
		}
		for _, v := range found {
			can[catalog.VariantID{UUID: v}] = true
		}
	}
	return can, nil
}

// Sellable is the condition that a variant of the store can be had now, as InStock
// says it, on the table of variants with the alias.
func Sellable(s store.Store, alias string) string {
	if !s.Type.OwnsStock() {
		return "TRUE"
	}
	return `(NOT ` + alias + `.track_inventory OR ` + alias + `.allow_backorder OR EXISTS (
		SELECT 1 FROM inventory_level l JOIN warehouse w ON w.store_id = l.store_id AND w.id = l.warehouse_id
		WHERE l.store_id = ` + alias + `.store_id AND l.variant_id = ` + alias + `.id AND NOT l.retired AND l.quantity > l.reserved AND w.is_active AND w.deleted_at IS NULL LIMIT 1 OFFSET 0))`
}

// SellableProducts is the query for the products of the store $1 of which a variant may
// be Sellable, and one for as many rows or more that an index answers alone. They are ""
// where nothing is counted.
func SellableProducts(s store.Store) (products, rows string) {
	if !s.Type.OwnsStock() {
		return "", ""
	}
	unlimited := ` FROM variant v WHERE v.store_id = $1 AND v.deleted_at IS NULL AND (NOT v.track_inventory OR v.allow_backorder)`
	products = `
		SELECT v.product_id FROM inventory_level l CROSS JOIN variant v
			WHERE l.store_id = $1 AND l.available AND NOT l.retired AND v.store_id = $1 AND v.id = l.variant_id
		UNION ALL
		SELECT v.product_id` + unlimited
	rows = `SELECT 1 AS n FROM inventory_level l WHERE l.store_id = $1 AND l.available AND NOT l.retired UNION ALL SELECT 1` + unlimited
	return products, rows
}

// Spare names, for those of the variants that lie in no warehouse that is in use, the
// one where an order can hold them all the same: the default one. It is for variants
// that may be ordered back.
func Spare(ctx context.Context, q db.Q, st store.ID, variants []catalog.VariantID) (map[catalog.VariantID]WarehouseID, error) {
	spare := map[catalog.VariantID]WarehouseID{}
	err := db.Each(ctx, q, func(row db.Row) error {
		var v catalog.VariantID
		var w WarehouseID
		err := row.Scan(&v, &w)
		spare[v] = w
		return err
	}, `SELECT v.id, w.id
		FROM variant v JOIN warehouse w ON w.store_id = v.store_id AND w.is_default AND w.is_active AND w.deleted_at IS NULL
		WHERE v.store_id = $1 AND v.id IN `+db.List(2, len(variants))+` AND NOT EXISTS (
			SELECT 1 FROM inventory_level l JOIN warehouse o ON o.store_id = l.store_id AND o.id = l.warehouse_id
			WHERE l.store_id = v.store_id AND l.variant_id = v.id AND NOT l.retired AND o.is_active)`,
		append([]any{st}, db.Args(variants)...)...)
	return spare, err
}
