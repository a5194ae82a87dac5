// Package storefront is what shoppers see of a store: one Go and one templ file a
// page. It holds no rule and no SQL. A store has its pages on a host of its own and
// below a path of the platform; every address goes through visit.at, which knows
// where they are.
package storefront

import (
	"context"
	"net/http"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/observe"
	"vitrine/internal/order"
	"vitrine/internal/text"
	"vitrine/internal/till"
	"vitrine/internal/web"
)

// Deps is what the storefronts stand on.
type Deps struct {
	DB       *db.DB
	Replica  *db.Replica // nil: there is none
	Orders   *order.Service
	Links    order.Links
	Shoppers *web.Limiter // nil: as many requests as come

	PlatformDomain string // stores have their hosts below it
	Till           *till.Service
	Bank           Bank // of test payments; nil: payments are real
}

// Storefront serves the pages of all stores.
type Storefront struct {
	Deps
	mux   *http.ServeMux
	guard *http.CrossOriginProtection
	shops *directory
	pages *keeper

	sitemapSize int // of a file; 0: maxEntries
}

// New returns the storefronts with every page registered.
func New(deps Deps) *Storefront {
	s := &Storefront{Deps: deps, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection(), shops: newDirectory(deps.DB), pages: newKeeper()}
	s.homeRoutes()
	s.listRoutes()
	s.productRoutes()
	s.reviewRoutes()
	s.indexRoutes()
	s.dressRoutes()
	s.cartRoutes()
	s.checkoutRoutes()
	s.orderRoutes()
	s.page("/", func(http.ResponseWriter, *visit) error { return fault.Missing("page") })
	return s
}

// place is where a request found a store.
type place struct {
	slug    string
	base    string // the path that its pages are below: "" or "/s/mugs"
	primary string // the store's own name, if it answers under one
}

type placeKey struct{}

// Open returns the request as one for a page of the store with the slug, whose pages
// are below base. primary is the name that the world is to know it by, or "".
func Open(r *http.Request, slug, base, primary string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), placeKey{}, place{slug, base, primary}))
}

// visit is one request of a shopper.
type visit struct {
	*http.Request // its path is the page's, without the base
	*shop
	place
	origin string // scheme and host, as the browser calls them
	from   db.Q   // what a page that is kept is read from
}

// reads is what a page is read from.
func (s *Storefront) reads(v *visit) db.Q {
	if v.from != nil {
		return v.from
	}
	return s.DB
}

type visitKey struct{}

// at is the address of a page of the store.
func (v *visit) at(path string) string {
	if path == "/" && v.base != "" {
		return v.base
	}
	return v.base + path
}

// page answers a visit.
type page func(w http.ResponseWriter, v *visit) error

// page registers a page by its method and its path below the store's base.
func (s *Storefront) page(pattern string, p page) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := r.Context().Value(visitKey{}).(*visit)
		v.Request = r
		if err := p(w, v); err != nil {
			s.fail(w, r, v, err)
		}
	})
}

// ServeHTTP answers a request that Open has seen.
func (s *Storefront) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	web.SecureShop(w)
	if err := s.admit(r); err != nil {
		s.fail(w, r, nil, err)
		return
	}
	if !text.Printable(r.URL.Path) { // no database takes it as text
		s.fail(w, r, nil, fault.Missing("page"))
		return
	}
	v, err := s.enter(r)
	if err != nil {
		s.fail(w, r, nil, err)
		return
	}
	v.Request = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
	u := *r.URL
	u.Path, u.RawPath = below(u.Path, v.base), ""
	v.URL = &u
	if strings.Contains(u.Path, "//") || strings.Contains(u.Path, "/.") {
		s.fail(w, r, v, fault.Missing("page")) // the mux would lead to the clean path, without the base
		return
	}
	s.mux.ServeHTTP(w, v.Request)
	observe.Route(r.Context(), v.Pattern)
}

// below is what of a path is below base.
func below(path, base string) string {
	rest := strings.TrimPrefix(path, base)
	if rest == "" && path != "" {
		return "/"
	}
	return rest
}

// admit refuses who asks too often, and forms that another site sends.
func (s *Storefront) admit(r *http.Request) error {
	if !s.Shoppers.Allow(web.ClientAddress(r.Context()), s.DB.Now()) {
		return errTooFast
	}
	if s.guard.Check(r) != nil {
		return errForeignForm
	}
	return nil
}

var (
	errTooFast     = &fault.Error{Kind: fault.TooMany, Code: "too_many_requests", RetryAfter: time.Second, Message: "Too many requests come from your address. Wait a second and try again."}
	errForeignForm = fault.Forbiddenf("cross_origin", "This form was sent from another site.")
)
