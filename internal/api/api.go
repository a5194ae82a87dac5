// Package api is the REST interface: inputs and outputs of every operation, one
// file per resource. It holds no rule and no SQL.
package api

import (
	"context"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
	"vitrine/internal/media"
	"vitrine/internal/observe"
	"vitrine/internal/order"
	"vitrine/internal/purchase"
	"vitrine/internal/seal"
	"vitrine/internal/text"
	"vitrine/internal/till"
	"vitrine/internal/web"
	"vitrine/internal/webhook"
)

// base is the path of all operations.
const base = "/api/v1"

// maxBody bounds a request's body; imports have their own limit.
const maxBody = 1 << 20

// Deps is what the API stands on.
type Deps struct {
	DB             *db.DB
	Accounts       *account.Service
	Stock          *inventory.Writer
	Orders         *order.Service
	Jobs           *job.Runner
	Sealer         *seal.Sealer // of answers that are kept
	Webhooks       *webhook.Service
	Domains        *domain.Service
	Media          *media.Service
	Purchases      *purchase.Service
	Till           *till.Service
	Shoppers       *web.Limiter  // of requests to storefronts; nil: no limit
	Deadline       time.Duration // for the answer to a request; 0: a minute
	TrustedProxies web.Proxies
	Pages          *web.Pages // what browsers get outside of the API; nil: nothing
}

// API answers HTTP requests.
type API struct {
	Deps
	huma     huma.API
	mux      *http.ServeMux
	gate     *gate
	draining atomic.Bool
}

// setUpHuma makes huma tell its own errors as problems too, in our words, and take
// members in the right case only, and lists never null. It has one setting of each
// for the whole process.
var setUpHuma = sync.OnceFunc(func() {
	huma.NewErrorWithContext = problemFor
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
	useOurWords()
})

// New returns the API with every operation registered.
func New(deps Deps) *API {
	setUpHuma()
	a := &API{Deps: deps, mux: http.NewServeMux(), gate: newGate()}
	a.huma = humago.New(a.mux, config())
	a.routes()
	a.describe()
	return a
}

func config() huma.Config {
	c := huma.DefaultConfig("Vitrine", "1.0.0")
	c.CreateHooks = nil // no $schema in bodies
	c.SchemasPath = ""
	c.DocsPath = ""
	c.OpenAPIPath = "/openapi"
	c.Formats = map[string]huma.Format{"application/json": utf8JSON, "json": utf8JSON}
	c.RejectUnknownQueryParameters = true
	c.AllowAdditionalPropertiesByDefault = false
	return c
}

// routes registers every operation: one line per resource.
func (a *API) routes() {
	a.accountRoutes()
	a.passwordRoutes()
	a.tokenRoutes()
	a.auditRoutes()
	a.planRoutes()
	a.paymentRoutes()
	a.storeRoutes()
	a.shippingRoutes()
	a.cloneRoutes()
	a.taxRuleRoutes()
	a.productRoutes()
	a.variantRoutes()
	a.pictureRoutes()
	a.exchangeRoutes()
	a.linkRoutes()
	a.supplierRoutes()
	a.categoryRoutes()
	a.themeRoutes()
	a.discountRoutes()
	a.warehouseRoutes()
	a.inventoryRoutes()
	a.stockRoutes()
	a.ledgerRoutes()
	a.jobRoutes()
	a.orderRoutes()
	a.customerRoutes()
	a.supplierOrderRoutes()
	a.analyticsRoutes()
	a.memberRoutes()
	a.webhookRoutes()
	a.domainRoutes()
	a.dnsRoutes()
	a.dnsRecordRoutes()
	a.dnsJournalRoutes()
	a.purchaseRoutes()
	a.reviewRoutes()
	a.storefrontRoutes()
	a.storefrontProductRoutes()
	a.storefrontReviewRoutes()
	a.storefrontCheckoutRoutes()
}

// OpenAPI returns the description of the API as OpenAPI 3.1 in YAML.
func (a *API) OpenAPI() ([]byte, error) { return a.huma.OpenAPI().YAML() }

// Handler returns what serves the API and its description.
func (a *API) Handler() http.Handler {
	a.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeStatus(w, "ok") })
	a.mux.HandleFunc("GET /readyz", a.ready)
	if a.Pages != nil {
		a.Pages.Register(a.mux)
	}
	return web.Observe(a.TrustedProxies, writeProblem, http.HandlerFunc(a.serve))
}

// dispatch answers unknown paths and wrong methods as problems too, but a browser
// that is lost outside of the API gets a page.
func (a *API) dispatch(w http.ResponseWriter, r *http.Request) {
	if clean := path.Clean(r.URL.Path); strings.HasPrefix(clean, "/api/") && clean != r.URL.Path && clean+"/" != r.URL.Path {
		writeProblem(w, r, fault.Missing("path")) // the mux would redirect to another path
		return
	}
	if !text.Printable(r.URL.Path) { // no database takes it as text
		writeProblem(w, r, fault.Missing("path"))
		return
	}
	if _, pattern := a.mux.Handler(r); pattern != "" {
		r.Header.Set("Content-Type", mediaType(r.Method, r.Header.Get("Content-Type")))
		a.mux.ServeHTTP(w, r)
		observe.Route(r.Context(), r.Pattern)
		return
	}
	probe := &headerOnly{header: http.Header{}}
	a.mux.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		writeProblem(w, r, &Problem{
			Title: http.StatusText(probe.status), Status: probe.status, Code: "method_not_allowed",
			Detail: "This path does not take " + r.Method + ".",
		})
		return
	}
	if a.Pages != nil && web.WantsPage(r) && !strings.HasPrefix(r.URL.Path, "/api/") {
		a.Pages.NotFound(w, r)
		return
	}
	writeProblem(w, r, fault.Missing("path"))
}

// mediaType writes a media type as huma looks for it: in lower case, which does not
// count in one (RFC 9110, section 8.3.1), and a merge-patch as the JSON that it is.
// JSON of another kind, such as a JSON Patch, means something else than its members
// say: it loses the ending by which huma would take it.
func mediaType(method, contentType string) string {
	name, parameters, found := strings.Cut(contentType, ";")
	name = strings.ToLower(strings.TrimSpace(name))
	if method == http.MethodPatch && name == "application/merge-patch+json" {
		name = "application/json"
	}
	if name = strings.TrimSuffix(name, "+json"); found {
		return name + ";" + parameters
	}
	return name
}

// readyWithin is how soon the database answers when it is there.
const readyWithin = 2 * time.Second

func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	if !a.gate.open() || a.Draining() {
		writeProblem(w, r, errStopping)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if err := a.DB.Ping(ctx); err != nil {
		writeProblem(w, r, &fault.Error{Kind: fault.Unavailable, Code: "unavailable", Message: "The service is not ready.", RetryAfter: retryWhenAway})
		return
	}
	writeStatus(w, "ready")
}

func writeStatus(w http.ResponseWriter, status string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"status": status})
}

// headerOnly is a response that nobody reads: it keeps the status.
type headerOnly struct {
	header http.Header
	status int
}

func (h *headerOnly) Header() http.Header         { return h.header }
func (h *headerOnly) Write(b []byte) (int, error) { return len(b), nil }
func (h *headerOnly) WriteHeader(status int)      { h.status = status }
