// Package setup opens and changes stores together with what a store of its type
// stands on: a theme, and a warehouse where it owns stock.
package setup

import (
	"context"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
	"vitrine/internal/theme"
)

// Open creates a store for the owner, with one active theme and, for a type that
// owns stock, the default warehouse.
func Open(ctx context.Context, tx *db.Tx, owner account.ID, s store.Store) (store.Store, error) {
	s, err := store.Create(ctx, tx, owner, s)
	if err != nil {
		return store.Store{}, err
	}
	if _, err := theme.CreateDefault(ctx, tx, s.ID); err != nil {
		return store.Store{}, err
	}
	return s, furnish(ctx, tx, s)
}

// Change edits a store's settings. A store that begins to own stock gets the
// default warehouse.
func Change(ctx context.Context, tx *db.Tx, st store.ID, edit func(*store.Store)) (store.Store, error) {
	s, err := store.Update(ctx, tx, st, edit)
	if err != nil {
		return store.Store{}, err
	}
	return s, furnish(ctx, tx, s)
}

func furnish(ctx context.Context, tx *db.Tx, s store.Store) error {
	if !s.Type.OwnsStock() {
		return nil
	}
	_, err := inventory.EnsureDefaultWarehouse(ctx, tx, s.ID)
	return err
}
