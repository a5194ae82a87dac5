package app

import (
	"context"
	"time"

	"vitrine/internal/api"
)

// handleJobs says who does which job, and what is done again and again: one line
// each.
func (a *App) handleJobs() {
	a.Jobs.Every("delete kept answers", time.Hour, func(ctx context.Context) error { return api.CleanIdempotencyKeys(ctx, a.db) })
}
