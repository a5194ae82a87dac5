package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/store"
)

const aboutOrders = `
Whole orders over HTTP: 64 shoppers post orders to a server in this process, which quotes, holds, writes order, lines, allocations, customer
and outbox, and answers. The floor is the plain statement without all that, one commit each, at its best pool size, as above. There is no
mark: ` + "`go run ./bench -only orders -profile FILE`" + ` writes what the processor's time of server and shoppers goes to.`

// measureOrders compares whole orders over HTTP with the plain statement.
func measureOrders(ctx context.Context, d *db.DB, out *report) error {
	c, err := newClient(ctx, d)
	if err != nil {
		return err
	}
	defer c.close()
	s, err := newStockedOf(ctx, d, c.user, items)
	if err != nil {
		return err
	}
	pools, err := openPools(ctx, d)
	if err != nil {
		return err
	}
	out.printf("\n%s, %d shoppers, median of %d rounds of %s:\n\n", d.Engine(), callers, roundCount, roundTime)
	out.printf("| orders | floor, best of the pools | over HTTP | ratio | p50 | p99 |\n|---|---|---|---|---|---|\n")
	for _, l := range []load{
		{"one hot item", marks{}, func(p *db.DB) call { return s.plain(p, 1, 1) }, s.shop(c, 1, 1)},
		{fmt.Sprintf("of %d items", items), marks{}, func(p *db.DB) call { return s.plain(p, items, 1) }, s.shop(c, items, 1)},
		{fmt.Sprintf("of %d lines", linesEach), marks{}, func(p *db.DB) call { return s.plain(p, items, linesEach) }, s.shop(c, items, linesEach)},
	} {
		if err := s.compare(ctx, out, l, pools); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return s.check(ctx)
}

// shop orders a unit of each of some of the first n items.
func (s *stocked) shop(c *client, n, lines int) call {
	return func(ctx context.Context) error {
		bought := make([]catalog.VariantID, 0, lines)
		for _, i := range s.some(n, lines) {
			bought = append(bought, s.variants[i])
		}
		return c.order(ctx, s.store, bought)
	}
}

// order posts an order of one of each.
func (c *client) order(ctx context.Context, st store.ID, variants []catalog.VariantID) error {
	lines := make([]any, len(variants))
	for i, v := range variants {
		lines[i] = map[string]any{"variant_id": v.String(), "quantity": 1}
	}
	body, err := json.Marshal(map[string]any{"customer": map[string]any{"email": "shopper@example.com"}, "items": lines})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/api/v1/stores/%s/orders", c.server.URL, st), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := shoppers.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusCreated {
		err = fmt.Errorf("status %d: %s", res.StatusCode, answer)
	}
	return err
}

// shoppers keep their connections.
var shoppers = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
