package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"vitrine/internal/config"
)

// parts are what runs beside the server, by the process's role.
func (a *App) parts() (all []func(context.Context) error) {
	if a.config.Does(config.RoleWorker) {
		all = append(
			all,
			func(ctx context.Context) error { return doing("run the jobs", a.Jobs.Run(ctx)) },
			func(ctx context.Context) error { return doing("send webhooks", a.Webhooks.Run(ctx)) },
		)
	}
	if a.config.Does(config.RoleDNS) && a.dns != nil {
		all = append(all, func(ctx context.Context) error { return doing("run the name server", a.dns.Run(ctx)) })
	}
	if a.config.Does(config.RoleWeb) && a.replica != nil {
		all = append(all, func(ctx context.Context) error { return doing("look after the replica", a.replica.Run(ctx)) })
	}
	return all
}

func doing(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// public is what the listeners answer: all requests, or only whether the process is well.
func (a *App) public() http.Handler {
	if a.config.Does(config.RoleWeb) {
		return a.handler
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", a.handler)
	mux.Handle("GET /readyz", a.handler)
	return mux
}

// needNone refuses a role that has nothing to do without a name server.
func needNone(c *config.Config) error {
	if c.Role == config.RoleDNS {
		return errors.New("the setting role is dns, and there is no name server to run: dns_provider_mode must be builtin")
	}
	return nil
}
