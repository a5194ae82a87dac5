package main

import (
	"context"

	"vitrine/internal/app"
)

func serve(ctx context.Context, _ args) error {
	c, d, err := open(ctx)
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
