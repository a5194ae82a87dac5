package main

import (
	"context"
	"log/slog"

	"vitrine/internal/app"
	"vitrine/internal/config"
	"vitrine/internal/db"
)

// open reads the settings and opens the database that they name, its schema up to
// date.
func open(ctx context.Context) (*config.Config, *db.DB, error) { return openWith(ctx, nil) }

// openWith is open with settings that were given on the command line. A name of the
// environment that looks like a setting and is none is told of: it may be misspelt.
func openWith(ctx context.Context, given config.Given) (*config.Config, *db.DB, error) {
	c, err := config.FromCommandLine(given)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range c.Strange() {
		slog.WarnContext(ctx, "no setting has this name", "name", name)
	}
	d, err := app.OpenDatabase(ctx, c)
	return c, d, err
}
