package main

import (
	"context"

	"vitrine/internal/app"
	"vitrine/internal/config"
)

func migrate(ctx context.Context, _ args) error {
	c, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	d, err := app.OpenDatabase(ctx, c)
	if err != nil {
		return err
	}
	return d.Close()
}
