package main

import (
	"context"
	"os"

	"vitrine/internal/api"
)

func openapi(context.Context, args) error {
	a, err := api.New(api.Deps{}, api.Key{})
	if err != nil {
		return err
	}
	text, err := a.OpenAPI()
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	return err
}
