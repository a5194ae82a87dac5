package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"

	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/domain"
	"vitrine/internal/seal"
)

// production is the environment in which nothing is pretended.
const production = "production"

func (a *App) newDomains(c *config.Config, d *db.DB, sealer *seal.Sealer) (*domain.Service, error) {
	target, ok := dns.Host(c.PlatformCNAMETarget)
	if !ok {
		return nil, fmt.Errorf("the setting platform_cname_target must be a host name, not %q", c.PlatformCNAMETarget)
	}
	address, err := netip.ParseAddr(c.PlatformIPAddress)
	if err != nil || !address.Is4() {
		return nil, fmt.Errorf("the setting platform_ip_address must be an IPv4 address, not %q", c.PlatformIPAddress)
	}
	settings := domain.Settings{PlatformDomain: c.PlatformDomain, Address: address.String(), Target: target}
	provider, resolver, err := newDNS(c, d, &settings)
	if err != nil {
		return nil, err
	}
	issuer, err := a.newCertifier(c, d, sealer, provider, settings.Mode)
	if err != nil {
		return nil, err
	}
	return domain.New(d, provider, resolver, issuer, settings), nil
}

// onlyMock warns that a mode which nobody knows is taken for mock, and refuses to
// pretend in production.
func onlyMock(c *config.Config, setting, mode string) error {
	switch {
	case mode == "mock":
		return nil
	case c.Environment == production:
		return fmt.Errorf("the setting %s names a mode that nobody knows: %q", setting, mode)
	}
	slog.Warn("a setting names a mode that nobody knows: NOTHING REAL IS DONE, as in the mode mock", "setting", setting, "mode", mode)
	return nil
}

// Domains returns the domains and what opens their keys, for commands that serve nothing.
func Domains(ctx context.Context, c *config.Config, d *db.DB) (*domain.Service, *seal.Sealer, error) {
	sealer, err := Sealer(ctx, c, d)
	if err != nil {
		return nil, nil, err
	}
	domains, err := new(App).newDomains(c, d, sealer)
	return domains, sealer, err
}
