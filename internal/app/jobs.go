package app

import (
	"context"
	"time"

	"vitrine/internal/analytics"
	"vitrine/internal/api"
	"vitrine/internal/audit"
	"vitrine/internal/catalog"
	"vitrine/internal/clone"
	"vitrine/internal/exchange"
	"vitrine/internal/webhook"
)

// handleJobs says who does which job, and what is done again and again: one line
// each.
func (a *App) handleJobs() {
	catalog.HandleJobs(a.Jobs, a.db)
	clone.HandleJobs(a.Jobs, a.db, api.CloneResult)
	exchange.HandleJobs(a.Jobs, a.db, a.stock, api.ImportResult)
	a.Orders.HandleJobs(a.Jobs)
	analytics.HandleJobs(a.Jobs, a.db)
	a.Domains.HandleJobs(a.Jobs)
	a.handleCertificates()
	a.Purchases.HandleJobs(a.Jobs)
	a.Till.HandleJobs(a.Jobs)
	a.deliverTests()
	a.Mails.HandleJobs(a.Jobs)
	a.Jobs.Every("delete old lines of audit logs", time.Hour, func(ctx context.Context) error {
		return audit.Clean(ctx, a.db, time.Duration(a.config.AuditDays)*24*time.Hour)
	})
	a.Jobs.Every("delete old logins", time.Hour, a.Accounts.Clean)
	a.Jobs.Every("cancel orders that were not paid", 10*time.Second, a.Orders.CancelExpired)
	a.Jobs.Every("delete pictures that no store has", time.Hour, a.Media.Clean)
	a.Jobs.Every("forget the forms that orders came with", time.Hour, a.Orders.Forget)
	a.Jobs.Every("delete kept answers", time.Hour, func(ctx context.Context) error { return api.CleanIdempotencyKeys(ctx, a.db) })
	a.Jobs.Every("delete old webhook deliveries", time.Hour, func(ctx context.Context) error { return webhook.Clean(ctx, a.db) })
}
