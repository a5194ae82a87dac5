package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/api"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
	"vitrine/internal/order"
	"vitrine/internal/seal"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// client is a merchant who uses a running API.
type client struct {
	server *httptest.Server
	user   account.ID
	token  string
}

func newClient(ctx context.Context, d *db.DB) (*client, error) {
	accounts, err := account.New(d, account.DefaultSettings)
	if err != nil {
		return nil, err
	}
	session, err := accounts.Register(ctx, account.Credentials{Email: "merchant@example.com", Password: "correct horse"}, "Merchant")
	if err != nil {
		return nil, err
	}
	sealer, err := seal.New(seal.Key{})
	if err != nil {
		return nil, err
	}
	stock := inventory.NewWriter(d, inventory.TellLowStock)
	a := api.New(api.Deps{
		DB: d, Accounts: accounts, Stock: stock, Orders: order.New(d, stock, order.Settings{HoldFor: time.Hour}),
		Jobs: job.NewRunner(d, job.Options{}), Sealer: sealer, Webhooks: webhook.NewService(sealer, false),
	})
	return &client{httptest.NewServer(a.Handler()), session.User.ID, session.Secret}, nil
}

func (c *client) close() { c.server.Close() }

// products gets a page of products and reads it to its end.
func (c *client) products(ctx context.Context, st store.ID, query string, p db.Page) error {
	address := fmt.Sprintf("%s/api/v1/stores/%s/products?limit=%d&%s", c.server.URL, st, p.Limit, query)
	if !p.Before.IsZero() {
		address += "&cursor=" + base64.RawURLEncoding.EncodeToString(p.Before[:])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var products []json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&products); err != nil {
		return fmt.Errorf("status %d: %w", res.StatusCode, err)
	}
	if res.StatusCode != http.StatusOK || len(products) != p.Limit {
		return fmt.Errorf("status %d with %d products", res.StatusCode, len(products))
	}
	return nil
}
