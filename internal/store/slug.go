package store

import (
	"context"

	"vitrine/internal/db"
	"vitrine/internal/text"
)

// claimSlug gives insert the first free slug of base, base-2, base-3, …
func claimSlug(ctx context.Context, tx *db.Tx, base string, insert func(slug string) (bool, error)) error {
	return text.ClaimSlug(base, func(candidates []string) ([]string, error) {
		return db.All(ctx, tx, db.Value[string],
			`SELECT slug FROM store WHERE deleted_at IS NULL AND slug IN `+db.List(1, len(candidates)), db.Args(candidates)...)
	}, insert)
}
