package main

import (
	"context"
	"flag"

	"vitrine/internal/app"
	"vitrine/internal/config"
)

func serveCommand() command {
	var given config.Given
	return command{
		name: "serve", summary: "serve the API (default database: vitrine.db in this folder)",
		declare: func(flags *flag.FlagSet) { given = config.Declare(flags) },
		run:     func(ctx context.Context, _ args) error { return serve(ctx, given) },
	}
}

func serve(ctx context.Context, given config.Given) error {
	c, d, err := openWith(ctx, given)
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
