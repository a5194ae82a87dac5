package app

import (
	"fmt"
	"strings"

	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/domain"
	"vitrine/internal/payment"
	"vitrine/internal/purchase"
	"vitrine/internal/registrar"
)

func newPurchases(c *config.Config, d *db.DB, domains *domain.Service, payments payment.Provider) (*purchase.Service, error) {
	var servers []string
	for given := range strings.SplitSeq(c.PlatformNameservers, ",") {
		host, ok := dns.Host(strings.TrimSpace(given))
		if !ok {
			return nil, fmt.Errorf("the setting platform_nameservers must be host names separated by commas, not %q", c.PlatformNameservers)
		}
		servers = append(servers, host)
	}
	names, mode, err := newRegistrar(c, d)
	if err != nil {
		return nil, err
	}
	return purchase.New(d, domains, names, payments, purchase.Settings{Mode: mode, Nameservers: servers}), nil
}

// Outside returns those who are asked about purchases: the registrar with the mode that
// it is called by, and the payment provider.
func Outside(c *config.Config, d *db.DB) (registrar.Provider, string, payment.Provider, error) {
	payments, err := newPayments(c, d)
	if err != nil {
		return nil, "", nil, err
	}
	names, mode, err := newRegistrar(c, d)
	return names, mode, payments, err
}
