package main

import (
	"context"
	"os"

	"vitrine/internal/api"
)

func openapi(context.Context, args) error {
	text, err := api.New(api.Deps{}).OpenAPI()
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	return err
}
