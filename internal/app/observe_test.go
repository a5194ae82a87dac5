package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"vitrine/internal/app"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
	"vitrine/internal/porttest"
)

// watched is an app with a port for operators, and somebody who has a store there.
type watched struct {
	*merchant
	site, admin, store, slug string
}

// eachWatched runs an app with a port for operators on each engine.
func eachWatched(t *testing.T, fn func(t *testing.T, w *watched)) {
	t.Helper()
	for _, engine := range dbtest.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			fn(t, watch(t, engine))
		})
	}
}

func watch(t *testing.T, engine db.Engine) *watched {
	t.Helper()
	w := &watched{site: "http://127.0.0.1:" + porttest.Free(t), admin: "http://127.0.0.1:" + porttest.Free(t)}
	settings := map[string]string{
		"CONFIG": os.DevNull, "DATABASE_URL": dbtest.NewURL(t, engine), "MEDIA_DIR": t.TempDir(),
		"LISTEN_ADDR": strings.TrimPrefix(w.site, "http://"), "ADMIN_ADDR": strings.TrimPrefix(w.admin, "http://"),
		"DNS_PROVIDER_MODE": "builtin", "NAMESERVER_LISTEN": "127.0.0.1:" + porttest.Free(t), "STOREFRONT_RATE_LIMIT": "0",
	}
	c, err := config.Load(func(name string) (string, bool) {
		value, set := settings[strings.TrimPrefix(name, "VITRINE_")]
		return value, set
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := app.OpenDatabase(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	run(t, d, settings)
	eventually(t, "operators are answered", func() bool { return get(t, w.admin+"/readyz", nil).status == http.StatusOK })
	w.merchant = &merchant{T: t, api: w.site}
	var login struct {
		Token string `json:"access_token"`
	}
	w.post("/auth/register", map[string]string{"email": "busy@example.com", "password": "a long password"}, &login)
	w.token = login.Token
	var shop struct{ ID, Slug string }
	w.post("/stores", map[string]string{"name": "Harbor Mugs", "store_type": "ecommerce"}, &shop)
	w.store, w.slug = shop.ID, shop.Slug
	return w
}

type answer struct {
	status int
	body   string
	header http.Header
}

// get gets an address. The status of no answer is 0.
func get(t *testing.T, address string, headers map[string]string) answer {
	t.Helper()
	return ask(t, http.MethodGet, address, "", headers)
}

func ask(t *testing.T, method, address, body string, headers map[string]string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		return answer{}
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, string(said), res.Header}
}

// figures are what an operator reads.
func (w *watched) figures() map[string]*dto.MetricFamily {
	w.Helper()
	said := get(w.T, w.admin+"/metrics", nil)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	all, err := parser.TextToMetricFamilies(strings.NewReader(said.body))
	if err != nil || said.status != http.StatusOK {
		w.Fatalf("metrics: %d, %v", said.status, err)
	}
	return all
}

// sell has a product made, stocked and ordered, more often than there is of it.
func (w *watched) sell() {
	w.Helper()
	at := "/stores/" + w.store
	var product struct{ Variants []struct{ ID string } }
	w.post(at+"/products", map[string]any{"title": "Mug", "status": "active", "variants": []any{map[string]any{"sku": "MUG-1", "price": "12.00"}}}, &product)
	var warehouse struct{ ID string }
	w.post(at+"/warehouses", map[string]any{"name": "Harbor"}, &warehouse)
	w.post(at+"/inventory", map[string]any{"variant_id": product.Variants[0].ID, "warehouse_id": warehouse.ID, "quantity": 3}, nil)
	order := fmt.Sprintf(`{"customer":{"email":"ada@example.com"},"items":[{"variant_id":%q,"quantity":2}]}`, product.Variants[0].ID)
	headers := map[string]string{"Authorization": "Bearer " + w.token, "Content-Type": "application/json"}
	for i, want := range []int{http.StatusCreated, http.StatusBadRequest} {
		if a := ask(w.T, http.MethodPost, w.site+"/api/v1"+at+"/orders", order, headers); a.status != want {
			w.Fatalf("order %d: %d %s", i, a.status, a.body)
		}
	}
}

// bustle asks for everything that the API's description names, and for pages, files and
// nonsense.
func (w *watched) bustle() {
	w.Helper()
	w.sell()
	w.post("/stores/"+w.store+"/domain/purchase", map[string]any{"domain": "harbor-mugs.com", "years": 1, "contact_info": map[string]string{
		"first_name": "Ada", "last_name": "Byron", "email": "ada@example.com", "phone": "+1.5551234567", "address": "1 Harbor Road",
		"city": "Springfield", "state": "IL", "zip_code": "62701", "country": "US",
	}}, nil)
	csv := map[string]string{"Authorization": "Bearer " + w.token, "Content-Type": "text/csv"}
	if a := ask(w.T, http.MethodPost, w.site+"/api/v1/stores/"+w.store+"/products/import", "Handle,Title\ntea,Tea\n", csv); a.status != http.StatusAccepted {
		w.Fatalf("import: %d %s", a.status, a.body)
	}
	get(w.T, w.site+"/api/v1/domains/search?q=harbor", csv)
	var described struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(get(w.T, w.site+"/openapi.json", nil).body), &described); err != nil {
		w.Fatal(err)
	}
	headers := map[string]string{"Authorization": "Bearer " + w.token, "Content-Type": "application/json"}
	for path, operations := range described.Paths {
		path = strings.ReplaceAll(path, "{store_id}", w.store)
		path = regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllStringFunc(path, func(string) string { return anyID() })
		for method := range operations {
			if method != "delete" && !strings.HasSuffix(path, "/events") {
				ask(w.T, strings.ToUpper(method), w.site+path, "", headers)
			}
		}
	}
	for _, path := range []string{"/s/" + w.slug, "/s/" + w.slug + "/products/mug", "/s/nobody", "/login", "/dashboard", "/dashboard/stores/" + w.store, "/assets/x.css", "/media/" + anyID(), "/" + anyID(), "/api/v1/" + anyID()} {
		get(w.T, w.site+path, nil)
		ask(w.T, "BREW"+strings.ToUpper(w.slug), w.site+path, "", nil)
	}
	get(w.T, w.site+"/", map[string]string{"Host": "harbor-mugs.com"})
	get(w.T, w.site+"/", map[string]string{"Host": anyID() + ".example"})
}

var ids = id.NewSource(clock.System{})

// anyID is an id that nothing has.
func anyID() string { return ids.New().String() }

// maxSeries is how many series a busy process may have: every pattern of a path, every
// table and kind of a job, with a few outcomes each.
const maxSeries = 12_000

var (
	anID      = regexp.MustCompile(`(?i)[0-9a-f]{8}-?[0-9a-f]{4}|[0-9]{5,}`)
	aHost     = regexp.MustCompile(`(?i)[a-z0-9-]+\.(example|test|com|net|org|localhost|app)\b|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+`)
	anAddress = regexp.MustCompile(`@`)
)

// What belongs to one merchant or shopper is in no label: neither an id nor a slug, a
// host or an address, after everything that the API has was asked for.
func TestFigures_nameNobody(t *testing.T) {
	t.Parallel()
	eachWatched(t, func(t *testing.T, w *watched) {
		w.bustle()
		series := 0
		for name, family := range w.figures() {
			for _, m := range family.GetMetric() {
				series += max(1, len(m.GetHistogram().GetBucket()))
				for _, l := range m.GetLabel() {
					if tells(l.GetValue(), w.slug) && name != "vitrine_build_info" && name != "go_info" {
						t.Errorf("%s: the label %s is %q", name, l.GetName(), l.GetValue())
					}
				}
			}
		}
		if series > maxSeries || series < 500 {
			t.Errorf("%d series, want at most %d, and some", series, maxSeries)
		}
	})
}

// tells tells whether a label's value is about somebody.
func tells(value, slug string) bool {
	return len(value) > 120 || strings.Contains(strings.ToLower(value), strings.ToLower(slug)) || anID.MatchString(value) || aHost.MatchString(value) || anAddress.MatchString(value)
}

func TestTells_findsWhatIsAboutSomebody(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"/s/harbor-mugs", anyID(), strings.ReplaceAll(anyID(), "-", ""), "shop.example", "127.0.0.1", "ada@shop", "1234567"} {
		if !tells(value, "harbor-mugs") {
			t.Errorf("%q is taken for nobody's", value)
		}
	}
	for _, value := range []string{"/api/v1/stores/{store_id}/orders", "GET", "2xx", "select order_item", "delete old logins"} {
		if tells(value, "harbor-mugs") {
			t.Errorf("%q is taken for somebody's", value)
		}
	}
}

// sum adds up what a figure counts where its labels are as given.
func sum(family *dto.MetricFamily, labels map[string]string) (total float64) {
	for _, m := range family.GetMetric() {
		matched := 0
		for _, l := range m.GetLabel() {
			if labels[l.GetName()] == l.GetValue() {
				matched++
			}
		}
		if matched == len(labels) {
			total += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return total
}

func TestFigures_countWhatHappened(t *testing.T) {
	t.Parallel()
	eachWatched(t, func(t *testing.T, w *watched) {
		w.sell()
		w.post("/stores/"+w.store+"/domain", map[string]string{"domain": "harbor-mugs.example"}, nil)
		get(t, w.site+"/s/"+w.slug+"/products/mug", nil)
		get(t, w.site+"/api/v1/domains/search?q=harbor", map[string]string{"Authorization": "Bearer " + w.token})
		all := w.figures()
		for _, c := range []struct {
			name   string
			labels map[string]string
			least  float64
		}{
			{"vitrine_http_request_seconds", map[string]string{"part": "api", "route": "/api/v1/stores/{store_id}/orders", "method": "POST", "status": "2xx"}, 1},
			{"vitrine_http_request_seconds", map[string]string{"part": "api", "route": "/api/v1/stores/{store_id}/orders", "method": "POST", "status": "4xx"}, 1},
			{"vitrine_http_request_seconds", map[string]string{"part": "storefront", "route": "/products/{slug}", "status": "2xx"}, 1},
			{"vitrine_orders_total", map[string]string{"outcome": "placed"}, 1},
			{"vitrine_orders_total", map[string]string{"outcome": "refused"}, 1},
			{"vitrine_stock_requests_total", map[string]string{"outcome": "done"}, 1},
			{"vitrine_stock_requests_total", map[string]string{"outcome": "refused"}, 1},
			{"vitrine_stock_batch_requests", nil, 2},
			{"vitrine_sql_statements_total", map[string]string{"kind": "insert", "table": "store", "outcome": "ok"}, 1},
			{"vitrine_sql_seconds", map[string]string{"kind": "commit"}, 1},
			{"vitrine_sql_connections_max", map[string]string{"pool": "write"}, 1},
			{"vitrine_chore_seconds", map[string]string{"outcome": "ok"}, 1},
			{"vitrine_purchases", nil, 0},
			{"vitrine_certificates", nil, 0},
			{"vitrine_nameserver_answers_total", nil, 0},
			{"vitrine_build_info", nil, 1},
			{"process_resident_memory_bytes", nil, 1},
			{"go_goroutines", nil, 1},
		} {
			if got := sum(all[c.name], c.labels); all[c.name] == nil || got < c.least {
				t.Errorf("%s%v: %v, want at least %v", c.name, c.labels, got, c.least)
			}
		}
		if failed := sum(all["vitrine_figures_unread_total"], nil); failed != 0 {
			t.Errorf("%v figures could not be read", failed)
		}
	})
}

// Nothing that is for operators is on the port that everybody reaches.
func TestAdmin_isOnAPortOfItsOwn(t *testing.T) {
	t.Parallel()
	w := watch(t, db.SQLite)
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline"} {
		if a := get(t, w.site+path, nil); a.status != http.StatusNotFound {
			t.Errorf("%s at the public port: %d", path, a.status)
		}
		if a := get(t, w.admin+path, nil); a.status != http.StatusOK || a.body == "" {
			t.Errorf("%s at the operators' port: %d", path, a.status)
		}
	}
	for _, path := range []string{"/", "/api/v1/plans", "/dashboard"} {
		if a := get(t, w.admin+path, nil); a.status != http.StatusNotFound {
			t.Errorf("%s at the operators' port: %d", path, a.status)
		}
	}
	if a := get(t, w.admin+"/healthz", nil); a.status != http.StatusOK {
		t.Errorf("health at the operators' port: %d", a.status)
	}
}

func TestAdmin_saysWhereItCannotListen(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), nil)
	settings := map[string]string{"CONFIG": os.DevNull, "LISTEN_ADDR": "127.0.0.1:0", "ADMIN_ADDR": taken.Addr().String(), "MEDIA_DIR": t.TempDir()}
	c, err := config.Load(func(name string) (string, bool) {
		value, set := settings[strings.TrimPrefix(name, "VITRINE_")]
		return value, set
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), c, d)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := a.Run(ctx); err == nil || !strings.Contains(err.Error(), "admin_addr") {
		t.Errorf("it says %v", err)
	}
}
