package main

import (
	"context"

	"vitrine/internal/app"
	"vitrine/internal/config"
)

func serve(ctx context.Context, _ args) error {
	c, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	d, err := app.OpenDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	a, err := app.New(ctx, c, d)
	if err != nil {
		return err
	}
	return a.Run(ctx)
}
