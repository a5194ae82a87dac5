// Package theme knows how a store's pages look.
package theme

import (
	"context"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// ID names a theme.
type ID struct{ id.UUID }

// defaultName is what a new store's theme is called.
const defaultName = "Default"

// CreateDefault gives a new store its one active theme.
func CreateDefault(ctx context.Context, tx *db.Tx, st store.ID) (ID, error) {
	t := ID{tx.NewID()}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO theme (store_id, id, name, settings, is_active, created_at, updated_at)
		VALUES ($1, $2, $3, '{}', TRUE, $4, $4)`, st, t, defaultName, db.Time{Time: tx.Now()})
	return t, err
}
