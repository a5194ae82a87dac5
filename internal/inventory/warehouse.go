// Package inventory knows where a store's own goods lie, how many there are and who
// holds them, and never lets more be sold than that.
package inventory

import (
	"context"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// Require refuses a store that owns no stock.
func Require(s store.Store) error {
	if s.Type.OwnsStock() {
		return nil
	}
	return fault.Refusedf("no_inventory", "As a dropshipping store, this store does not manage inventory.")
}

// mainWarehouse is what the first warehouse of a store is called.
const mainWarehouse = "Main Warehouse"

// EnsureDefaultWarehouse gives a store its default warehouse unless it has one,
// and tells whether it did.
func EnsureDefaultWarehouse(ctx context.Context, tx *db.Tx, st store.ID) (bool, error) {
	n, err := db.Exec(ctx, tx, `
		INSERT INTO warehouse (store_id, id, name, is_default, is_active, created_at, updated_at)
		VALUES ($1, $2, $3, TRUE, TRUE, $4, $4)
		ON CONFLICT (store_id) WHERE is_default AND deleted_at IS NULL DO NOTHING`,
		st, tx.NewID(), mainWarehouse, db.Time{Time: tx.Now()})
	return n == 1, err
}
