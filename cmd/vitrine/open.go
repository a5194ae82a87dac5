package main

import (
	"context"
	"log/slog"

	"vitrine/internal/app"
	"vitrine/internal/config"
	"vitrine/internal/db"
)

// open reads the settings and opens the database that they name, its schema up to
// date. A name of the environment that looks like a setting and is none is told of:
// it may be misspelt.
func open(ctx context.Context) (*config.Config, *db.DB, error) {
	c, err := config.FromEnvironment()
	if err != nil {
		return nil, nil, err
	}
	for _, name := range c.Strange() {
		slog.WarnContext(ctx, "no setting has this name", "name", name)
	}
	d, err := app.OpenDatabase(ctx, c)
	return c, d, err
}
