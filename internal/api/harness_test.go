package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/api"
	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/clone"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/exchange"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
	"vitrine/internal/order"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/payment/stripe/stripetest"
	"vitrine/internal/purchase"
	registrarmock "vitrine/internal/registrar/mock"
	"vitrine/internal/registrar/resellerclub/resellerclubtest"
	"vitrine/internal/seal"
	"vitrine/internal/till"
	"vitrine/internal/webhook"
)

// platform is a running API on a database of its own.
type platform struct {
	url    string
	db     *db.DB
	clock  *clock.Fixed
	api    *api.API
	jobs   *job.Runner
	orders *order.Service
	dns    *mock.Provider

	domains   *domain.Service
	names     *registrarmock.Provider
	purchases *purchase.Service
	till      *till.Service
	bank      *sandbox.Provider
}

// began is when every test's clock starts.
var began = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// each runs fn against a running API, once on every database.
func each(t *testing.T, fn func(t *testing.T, p *platform)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		fn(t, serve(t, address, api.Deps{}))
	})
}

// serve starts the API on a database.
func serve(t *testing.T, address string, deps api.Deps) *platform {
	t.Helper()
	return serveWith(t, address, deps, account.DefaultSettings)
}

// serveWith is serve with other settings for the accounts.
func serveWith(t *testing.T, address string, deps api.Deps, settings account.Settings) *platform {
	t.Helper()
	c := clock.At(began)
	deps.DB = dbtest.Open(t, address, c)
	settings.Hash = account.HashCost{Memory: 64, Passes: 1, Lanes: 1} // or the tests would mostly hash
	accounts, err := account.New(deps.DB, settings)
	if err != nil {
		t.Fatal(err)
	}
	deps.Accounts, deps.Stock = accounts, inventory.NewWriter(deps.DB, inventory.TellLowStock)
	deps.Sealer = sealer(t)
	if deps.Webhooks == nil {
		deps.Webhooks = webhook.NewService(deps.Sealer, false)
	}
	deps.Orders = order.New(deps.DB, deps.Stock, order.Settings{HoldFor: time.Hour})
	deps.Jobs = job.NewRunner(deps.DB, job.Options{Poll: 5 * time.Millisecond})
	catalog.HandleJobs(deps.Jobs, deps.DB)
	clone.HandleJobs(deps.Jobs, deps.DB, api.CloneResult)
	exchange.HandleJobs(deps.Jobs, deps.DB, deps.Stock, api.ImportResult)
	domains, records := fixture.Domains(deps.DB, c)
	if deps.Domains == nil {
		deps.Domains = domains
	}
	deps.Domains.HandleJobs(deps.Jobs)
	deps.Media = fixture.Media(t, deps.DB)
	purchases, names := fixture.Purchases(deps.DB, deps.Domains)
	if deps.Purchases == nil {
		deps.Purchases = purchases
	}
	deps.Purchases.HandleJobs(deps.Jobs)
	bank := sandbox.New(deps.DB)
	if deps.Till == nil {
		deps.Till = till.New(deps.DB, deps.Orders, bank, purchase.Noticed)
	}
	a := api.New(deps)
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	return &platform{url: server.URL, db: deps.DB, clock: c, api: a, jobs: deps.Jobs, orders: deps.Orders, dns: records, domains: deps.Domains, names: names, purchases: deps.Purchases, till: deps.Till, bank: bank}
}

// work runs the jobs that were enqueued, and those to come, until the test ends.
func (p *platform) work(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- p.jobs.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run the jobs: %v", err)
		}
	})
}

// sealer returns what every test's platform seals its secrets with.
func sealer(t *testing.T) *seal.Sealer {
	t.Helper()
	s, err := seal.New(seal.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// client makes requests as one user; the zero token is nobody.
type client struct {
	t     testing.TB
	url   string
	token string
	user  map[string]any
}

var users atomic.Int64

// nobody is a client without a token.
func (p *platform) nobody(t testing.TB) *client { return &client{t: t, url: p.url} }

// merchant registers a fresh user.
func (p *platform) merchant(t testing.TB) *client {
	t.Helper()
	c := p.nobody(t)
	email := fmt.Sprintf("merchant-%d@example.com", users.Add(1))
	r := c.post("/auth/register", object{"email": email, "password": "correct horse", "name": "Merchant"}).want(http.StatusCreated)
	body := r.object()
	c.token = body["access_token"].(string)
	c.user = body["user"].(map[string]any)
	return c
}

// onPlan moves the client to a plan.
func (c *client) onPlan(plan string) *client {
	c.t.Helper()
	c.put("/billing/plan", object{"plan": plan}).want(http.StatusOK)
	return c
}

// store makes a store and returns its path.
func (c *client) store(fields object) string {
	c.t.Helper()
	if fields["name"] == nil {
		fields["name"] = "Shop"
	}
	return "/stores/" + c.post("/stores", fields).want(http.StatusCreated).object()["id"].(string)
}

type (
	object = map[string]any
	array  = []any
)

func (c *client) get(path string) *response         { return c.do("GET", path, nil, nil) }
func (c *client) post(path string, b any) *response { return c.do("POST", path, b, nil) }
func (c *client) put(path string, b any) *response  { return c.do("PUT", path, b, nil) }
func (c *client) delete(path string) *response      { return c.do("DELETE", path, nil, nil) }

func (c *client) patch(path string, b any) *response { return c.do("PATCH", path, b, nil) }

// postKeyed posts with an Idempotency-Key.
func (c *client) postKeyed(key, path string, b any) *response {
	return c.do("POST", path, b, http.Header{"Idempotency-Key": {key}})
}

// patchKeyed patches with an Idempotency-Key.
func (c *client) patchKeyed(key, path string, b any) *response {
	return c.do("PATCH", path, b, http.Header{"Idempotency-Key": {key}})
}

// do sends a request. A string body is sent as it is, others as JSON; a path with
// a scheme is a whole address.
func (c *client) do(method, path string, body any, header http.Header) *response {
	c.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	address := c.url + "/api/v1" + path
	if strings.Contains(path, "://") {
		address = path
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, address, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	r := &response{t: c.t, what: method + " " + path, status: res.StatusCode, header: res.Header, raw: raw}
	r.conforms(method, req.URL)
	r.keepsSecrets()
	return r
}

// secrets are what the platform has of others, which no answer may hold.
var secrets = []string{resellerclubtest.Key, url.QueryEscape(resellerclubtest.Key), "PRIVATE KEY", stripetest.Key, "whsec_platform"}

func (r *response) keepsSecrets() {
	r.t.Helper()
	said := fmt.Sprint(r.header) + string(r.raw)
	for _, secret := range secrets {
		if strings.Contains(said, secret) {
			r.t.Errorf("%s: the secret %.4s… is in the answer", r.what, secret)
		}
	}
}

// response is an answer that was read to its end.
type response struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	raw    []byte
}

// want checks the status, and that an error is a problem.
func (r *response) want(status int) *response {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.status, status, r.raw)
	}
	if status >= 400 {
		if got := r.header.Get("Content-Type"); got != "application/problem+json" {
			r.t.Fatalf("%s: a problem of type %q: %s", r.what, got, r.raw)
		}
		if p := r.object(); p["status"] != float64(status) || p["title"] == "" || p["detail"] == "" || p["detail"] == nil {
			r.t.Fatalf("%s: not a whole problem: %s", r.what, r.raw)
		}
	}
	return r
}

// object reads the body as a JSON object.
func (r *response) object() object {
	r.t.Helper()
	var v object
	if err := json.Unmarshal(r.raw, &v); err != nil {
		r.t.Fatalf("%s: not an object: %s", r.what, r.raw)
	}
	return v
}

// array reads the body as a JSON array of objects.
func (r *response) array() []object {
	r.t.Helper()
	var v []object
	if err := json.Unmarshal(r.raw, &v); err != nil || v == nil {
		r.t.Fatalf("%s: not an array: %s", r.what, r.raw)
	}
	return v
}

// detail checks that the problem's sentence contains what is given.
func (r *response) detail(contains string) *response {
	r.t.Helper()
	if d, _ := r.object()["detail"].(string); !strings.Contains(d, contains) {
		r.t.Fatalf("%s: detail %q does not contain %q", r.what, d, contains)
	}
	return r
}

// invalid checks for a 422 that names each of the locations.
func (r *response) invalid(locations ...string) *response {
	r.t.Helper()
	r.want(http.StatusUnprocessableEntity)
	for _, location := range locations {
		if !strings.Contains(string(r.raw), `"location":"`+location+`"`) {
			r.t.Fatalf("%s: %s is not named in %s", r.what, location, r.raw)
		}
	}
	return r
}

var nextLink = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

// next returns the address of the next page, or "".
func (r *response) next() string {
	r.t.Helper()
	link := r.header.Get("Link")
	if link == "" {
		return ""
	}
	m := nextLink.FindStringSubmatch(link)
	if m == nil {
		r.t.Fatalf("%s: Link %q", r.what, link)
	}
	return m[1]
}

// all follows a list to its end, checking that no page is larger than limit.
func (c *client) all(path string, limit int) []object {
	c.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	var items []object
	for next := fmt.Sprintf("%s%slimit=%d", path, separator, limit); next != ""; {
		r := c.get(next).want(http.StatusOK)
		page := r.array()
		if len(page) > limit {
			c.t.Fatalf("%s: a page of %d", next, len(page))
		}
		items = append(items, page...)
		next = r.next()
	}
	return items
}

// column returns one member of every object.
func column(items []object, member string) []any {
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = item[member]
	}
	return values
}
