package mail

import (
	"context"

	"vitrine/internal/db"
)

// Waiting tells how many mails are still to be sent.
func Waiting(ctx context.Context, q db.Q) (int, error) {
	return db.One(ctx, q, db.Value[int], `SELECT count(*) FROM mail WHERE next_at IS NOT NULL`)
}
