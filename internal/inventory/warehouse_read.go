package inventory

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// WarehouseID names a warehouse.
type WarehouseID struct{ id.UUID }

// Warehouse is a place where a store keeps goods.
type Warehouse struct {
	ID        WarehouseID
	Name      string
	Address   *string
	City      *string
	State     *string
	Country   *string // ISO 3166-1 alpha-2
	ZipCode   *string
	Default   bool // one of a store's is
	Active    bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

const warehouseColumns = `id, name, address, city, state, country, zip_code, is_default, is_active, created_at, updated_at`

func scanWarehouse(row db.Row) (Warehouse, error) {
	var w Warehouse
	var created, updated db.Time
	err := row.Scan(&w.ID, &w.Name, &w.Address, &w.City, &w.State, &w.Country, &w.ZipCode, &w.Default, &w.Active, &created, &updated)
	w.CreatedAt, w.UpdatedAt = created.Time, updated.Time
	return w, err
}

// GetWarehouse returns a warehouse of a store.
func GetWarehouse(ctx context.Context, q db.Q, st store.ID, w WarehouseID) (Warehouse, error) {
	found, err := db.One(ctx, q, scanWarehouse, `
		SELECT `+warehouseColumns+` FROM warehouse WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL`, st, w)
	return found, db.Missing(err, "warehouse")
}

// ListWarehouses returns a page of a store's warehouses: the default first, then
// by name. The next page begins after p.Before, also when that one was deleted
// meanwhile.
func ListWarehouses(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Warehouse, bool, error) {
	after, args := "", []any{st, p.Limit + 1}
	if !p.Before.IsZero() {
		after = `AND (NOT is_default, name, id) > (SELECT NOT b.is_default, b.name, b.id FROM warehouse b WHERE b.store_id = $1 AND b.id = $3)`
		args = append(args, p.Before)
	}
	warehouses, err := db.All(ctx, q, scanWarehouse, `
		SELECT `+warehouseColumns+` FROM warehouse WHERE store_id = $1 AND deleted_at IS NULL `+after+`
		ORDER BY NOT is_default, name, id LIMIT $2`, args...)
	warehouses, more := db.Cut(p, warehouses)
	return warehouses, more, err
}
