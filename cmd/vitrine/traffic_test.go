package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/db"
)

// traffic is a shop in use: shoppers look at pages and buy, the merchant reads products
// and adjusts stock, on connections that stay and on new ones. Every answer is noted.
type traffic struct {
	t                                  *testing.T
	url                                string
	token, store, slug, variant, level string
	id, product                        string // its slug

	number  atomic.Int64
	work    sync.WaitGroup
	enough  context.CancelFunc
	mu      sync.Mutex
	answers []reply
	bought  map[string]bool // orders that were answered with 201
	changed map[string]bool // references of adjustments that were answered with 200
}

// reply is what came of a request.
type reply struct {
	what     string
	from, to time.Time
	status   int // 0: none came
	again    bool
	body     string
}

func (r reply) String() string { return fmt.Sprintf("%s: %d %.200s", r.what, r.status, r.body) }

// newTraffic makes a merchant with a shop.
func newTraffic(t *testing.T, url string) *traffic {
	t.Helper()
	f := &traffic{t: t, url: url, bought: map[string]bool{}, changed: map[string]bool{}}
	var login struct {
		Token string `json:"access_token"`
	}
	f.make("/auth/register", map[string]string{"email": "busy@example.com", "password": "a long password"}, &login)
	f.token = login.Token
	var made struct{ ID, Slug string }
	f.make("/stores", map[string]string{"name": "Busy", "store_type": "ecommerce"}, &made)
	f.store, f.slug = made.ID, made.Slug
	var product struct {
		ID, Slug string
		Variants []struct{ ID string }
	}
	f.make("/stores/"+f.store+"/products", map[string]any{"title": "Mug", "status": "active", "variants": []any{map[string]string{"price": "12.50"}}}, &product)
	f.id, f.product, f.variant = product.ID, product.Slug, product.Variants[0].ID
	f.make("/stores/"+f.store+"/inventory", map[string]any{"variant_id": f.variant, "quantity": 1_000_000}, &made)
	f.level = made.ID
	return f
}

func (f *traffic) make(path string, body, into any) {
	f.t.Helper()
	r := f.send(http.DefaultClient, path, http.MethodPost, "/api/v1"+path, body)
	if r.status != http.StatusCreated && r.status != http.StatusOK || json.Unmarshal([]byte(r.body), into) != nil {
		f.t.Fatal(r)
	}
}

func (f *traffic) send(client *http.Client, what, method, path string, body any) (r reply) {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return reply{what: what, body: err.Error()}
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, f.url+path, content) //nolint:noctx // the client has a time-out
	if err != nil {
		return reply{what: what, body: err.Error()}
	}
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/api/v1/stores") {
		req.Header.Set("Authorization", "Bearer "+f.token)
	}
	r = reply{what: what, from: time.Now()}
	defer func() { r.to = time.Now() }()
	res, err := client.Do(req)
	if err != nil {
		r.body = err.Error()
		return r
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.body = err.Error()
		return r
	}
	r.status, r.body = res.StatusCode, string(raw)
	_, err = strconv.Atoi(res.Header.Get("Retry-After"))
	r.again = err == nil
	return r
}

// begin starts so many users.
func (f *traffic) begin(users int) {
	ctx, enough := context.WithCancel(context.WithoutCancel(f.t.Context()))
	f.enough = enough
	for i := range users {
		f.work.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: i%2 == 1}, Timeout: 30 * time.Second}
			defer client.CloseIdleConnections()
			for n := i / 2; ctx.Err() == nil; n++ {
				f.use(client, n)
			}
		})
	}
}

// end has the users go, and returns all that they were answered.
func (f *traffic) end() []reply {
	f.enough()
	f.work.Wait()
	return f.answers
}

// use does one of the things that people do.
func (f *traffic) use(client *http.Client, n int) {
	var r reply
	var acknowledged map[string]bool
	var key string
	switch n % 5 {
	case 0:
		r = f.send(client, "page", http.MethodGet, "/s/"+f.slug+"/products/"+f.product, nil)
	case 1:
		r = f.send(client, "list", http.MethodGet, "/api/v1/storefront/"+f.slug+"/products", nil)
	case 2:
		r = f.send(client, "read", http.MethodGet, "/api/v1/stores/"+f.store+"/products", nil)
	case 3:
		key = fmt.Sprintf("busy-%d", f.number.Add(1))
		r = f.send(client, "adjust", http.MethodPost, "/api/v1/stores/"+f.store+"/inventory/"+f.level+"/adjust", map[string]any{"quantity_change": 1, "reason": "received", "reference_id": key})
		acknowledged = f.changed
	case 4:
		r = f.send(client, "buy", http.MethodPost, "/api/v1/storefront/"+f.slug+"/checkout", map[string]any{
			"customer": map[string]string{"email": fmt.Sprintf("c%d@example.com", f.number.Add(1)%50)}, "items": []any{map[string]any{"variant_id": f.variant, "quantity": 1}},
		})
		var o struct{ ID string }
		_ = json.Unmarshal([]byte(r.body), &o)
		acknowledged, key = f.bought, o.ID
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers = append(f.answers, r)
	if acknowledged != nil && r.good() {
		acknowledged[key] = true
	}
}

func (r reply) good() bool { return r.status == http.StatusOK || r.status == http.StatusCreated }

// after waits until so many more requests are answered as they should be.
func (f *traffic) after(more int) {
	f.t.Helper()
	good := func() (n int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, r := range f.answers {
			if r.good() {
				n++
			}
		}
		return n
	}
	for want, tries := good()+more, 0; good() < want; tries++ {
		if tries > 3000 {
			f.t.Fatal("no answers any more")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// tell logs how many requests of each kind were answered, and with what.
func (f *traffic) tell() {
	f.t.Helper()
	counts := map[string]int{}
	for _, r := range f.answers {
		counts[fmt.Sprint(r.what, " ", r.status)]++
	}
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		f.t.Logf("%6d × %s", counts[key], key)
	}
}

// keeps wants everything in the database that was acknowledged.
func (f *traffic) keeps(d *db.DB) {
	f.t.Helper()
	look := func(acknowledged map[string]bool, query string) {
		found, err := db.All(f.t.Context(), d, db.Value[string], query)
		if err != nil {
			f.t.Fatal(err)
		}
		there := map[string]bool{}
		for _, key := range found {
			there[key] = true
		}
		if len(acknowledged) == 0 {
			f.t.Errorf("nothing was acknowledged of %s", query)
		}
		for key := range acknowledged {
			if !there[key] {
				f.t.Errorf("%s was acknowledged and is lost", key)
			}
		}
	}
	look(f.bought, map[db.Engine]string{db.Postgres: `SELECT CAST(id AS TEXT) FROM shop_order`, db.SQLite: `
		SELECT lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)) FROM shop_order`}[d.Engine()])
	look(f.changed, `SELECT reference_id FROM inventory_adjustment WHERE reference_id LIKE 'busy-%'`)
}
