package app

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/money"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/mock"
	"vitrine/internal/registrar/resellerclub"
	"vitrine/internal/registrar/squarespace"
)

// registrarModes are the modes in which names are bought at a real registrar.
var registrarModes = map[string]func(c *config.Config, in money.Currency) (registrar.Provider, error){
	"resellerclub": newResellerClub,
	"squarespace":  newSquarespace,
}

// newRegistrar returns who sells names, and what the mode is called. A mode that nobody
// knows is mock.
func newRegistrar(c *config.Config, d *db.DB) (registrar.Provider, string, error) {
	start, known := registrarModes[c.DomainProviderMode]
	if !known {
		return registrar.Observed(mock.New(d), "mock", d.Observer()), "mock", onlyMock(c, "domain_provider_mode", c.DomainProviderMode)
	}
	currency, ok := money.ParseCurrency(c.RegistrarCurrency)
	if !ok {
		return nil, "", fmt.Errorf("the setting registrar_currency must be a currency's code such as USD, not %q", c.RegistrarCurrency)
	}
	p, err := start(c, currency)
	return registrar.Observed(p, c.DomainProviderMode, d.Observer()), c.DomainProviderMode, err
}

// neededIn refuses a setting that is empty and a mode needs.
func neededIn(mode, name, value string) error {
	if value == "" {
		return fmt.Errorf("the setting %s is needed for %s", name, mode)
	}
	return nil
}

func newResellerClub(c *config.Config, in money.Currency) (registrar.Provider, error) {
	mode := "domain_provider_mode=resellerclub"
	return resellerclub.New(resellerclub.Settings{
		Endpoint: c.ResellerClubEndpoint, ResellerID: c.ResellerClubResellerID, Key: c.ResellerClubAPIKey, Currency: in, Clock: clock.System{},
	}), errors.Join(neededIn(mode, "resellerclub_api_key", c.ResellerClubAPIKey), neededIn(mode, "resellerclub_reseller_id", c.ResellerClubResellerID))
}

func newSquarespace(c *config.Config, in money.Currency) (registrar.Provider, error) {
	account := []byte(strings.TrimSpace(c.SquarespaceAPIKey))
	if err := neededIn("domain_provider_mode=squarespace", "squarespace_api_key", string(account)); err != nil {
		return nil, err
	}
	if account[0] != '{' {
		var err error
		if account, err = os.ReadFile(string(account)); err != nil {
			return nil, errors.New("the setting squarespace_api_key is neither JSON nor the path of a file that can be read")
		}
	}
	p, err := squarespace.New(squarespace.Settings{Endpoint: c.SquarespaceEndpoint, Account: account, Project: c.SquarespaceProject, Currency: in, Clock: clock.System{}})
	if err != nil {
		return nil, fmt.Errorf("the setting squarespace_api_key: %w", err)
	}
	return p, nil
}
