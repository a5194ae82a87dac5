package webhook

import (
	"context"

	"vitrine/internal/db"
)

// Waiting tells how many deliveries are still to be made.
func Waiting(ctx context.Context, q db.Q) (int, error) {
	return db.One(ctx, q, db.Value[int], `SELECT count(*) FROM webhook_delivery WHERE next_at IS NOT NULL`)
}
