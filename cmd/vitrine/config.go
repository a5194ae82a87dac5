package main

import (
	"context"
	"os"

	"vitrine/internal/config"
)

func printConfig(context.Context, args) error {
	c, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	return c.Print(os.Stdout)
}
