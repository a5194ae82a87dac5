package app

import (
	"context"
	"errors"

	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/dns/lookup"
)

// ExplainName tells what the built-in name server says of a name, what the world sees
// of it, and what is wrong.
func ExplainName(ctx context.Context, c *config.Config, d *db.DB, name string) (builtin.Explanation, error) {
	n, err := newNameServer(ctx, c, d)
	if err != nil {
		return builtin.Explanation{}, err
	}
	if n == nil {
		return builtin.Explanation{}, errors.New("the built-in name server runs with dns_provider_mode=builtin alone")
	}
	client, err := lookup.New(words(c.DNSResolvers))
	if err != nil {
		return builtin.Explanation{}, err
	}
	return n.follower.Explain(ctx, client, name)
}
