// Package edge is where requests come in: it gives each to the part that serves it,
// and each connection over TLS the certificate of the name that it is for.
package edge

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"vitrine/internal/certificate/acme"
	"vitrine/internal/dns"
	"vitrine/internal/domain"
	"vitrine/internal/observe"
	"vitrine/internal/picture"
	"vitrine/internal/storefront"
	"vitrine/internal/web"
)

// Parts are what a request can be for.
type Parts struct {
	API        http.Handler // and what is at the root: its description, the probes, the public pages
	Dashboard  http.Handler
	Storefront *storefront.Storefront
	Media      http.Handler // pictures
	Names      *domain.Names
	Secure     *Secure // nil where TLS ends before us

	// Answer returns what to answer to an authority that looks for a token under a name.
	// It is nil where none is to look.
	Answer func(ctx context.Context, name, token string) (answer string, ok bool, err error)

	PlatformDomain string // stores have their hosts below it

	Observer *observe.Observer // is told of every request; may be nil
}

// edge gives requests to parts.
type edge struct {
	Parts
	proxies web.Proxies

	dashboard, shops, media, packed, lost http.Handler
}

// New returns what answers every request.
func New(proxies web.Proxies, parts Parts) http.Handler {
	parts.PlatformDomain = strings.ToLower(parts.PlatformDomain)
	parts.API = part("api", parts.API)
	e := &edge{
		Parts:     parts,
		proxies:   proxies,
		dashboard: part("dashboard", web.Observe(proxies, web.ErrorPage, gzhttp.GzipHandler(parts.Dashboard))),
		shops:     part("storefront", web.Observe(proxies, parts.Storefront.Fail, gzhttp.GzipHandler(parts.Storefront))),
		media:     part("media", web.Observe(proxies, web.ErrorPage, parts.Media)),
		packed:    part("assets", gzhttp.GzipHandler(parts.API)),
		lost:      part("lost", web.Observe(proxies, web.ErrorPage, http.HandlerFunc(lost))),
	}
	if parts.Observer == nil {
		return e
	}
	return counted{e, parts.Observer}
}

// lost answers where nothing stands.
func lost(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "There is nothing at this name.", http.StatusNotFound)
}

// ServeHTTP implements http.Handler.
func (e *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := hostOf(r)
	secured := e.proxies.Secured(r)
	label, ours := e.labelOf(host)
	switch {
	case e.Answer != nil && strings.HasPrefix(r.URL.Path, acme.ChallengePath):
		observe.Part(r.Context(), "acme")
		e.answer(w, r, host)
	case probe(r.URL.Path):
		e.servePlatform(w, r)
	case !secured && e.Secure.Has(r.Context(), host):
		e.lead(w, r, host)
	case secured && e.Secure.Has(r.Context(), host):
		w.Header().Set("Strict-Transport-Security", strict)
		fallthrough
	default:
		e.serve(w, r, host, label, ours)
	}
}

// strict has browsers come over TLS alone from then on. It says nothing of other names
// below this one: they are the merchant's.
const strict = "max-age=31536000"

// serve answers by the host.
func (e *edge) serve(w http.ResponseWriter, r *http.Request, host, label string, ours bool) {
	switch {
	case label != "":
		e.serveShop(w, r, label, host)
	case ours:
		e.servePlatform(w, r)
	default:
		e.serveNamed(w, r, host)
	}
}

// hostOf is the host that a request is for, in lower case.
func hostOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// labelOf tells whether a host is the platform's: its own name, or one that has a
// meaning only where it is (an address, a name without a dot, a private one). Of the
// host of a store below the platform's name it returns the label.
func (e *edge) labelOf(host string) (label string, ours bool) {
	for _, domain := range []string{e.PlatformDomain, "localhost"} {
		if host == domain {
			return "", true
		}
		if label, is := strings.CutSuffix(host, "."+domain); is && !strings.Contains(label, ".") {
			return label, true
		}
	}
	_, notAddress := netip.ParseAddr(host)
	return "", notAddress == nil || !strings.Contains(host, ".") || dns.Within(host, "internal") || dns.Within(host, "local")
}

// probe tells whether a path is one that asks whether the process is well. It is
// answered under every name.
func probe(path string) bool { return path == "/healthz" || path == "/readyz" }

// dashboardPaths are where merchants' pages begin.
var dashboardPaths = []string{"/dashboard", "/login", "/logout", "/register", "/verify", "/password"}

// everywhere are paths whose files are the same on every host.
var everywhere = []string{"/assets/", "/demo/pictures/"}

// shared answers requests for files that are the same on every host.
func (e *edge) shared(w http.ResponseWriter, r *http.Request) (done bool) {
	switch {
	case strings.HasPrefix(r.URL.Path, picture.Path):
		e.media.ServeHTTP(w, r)
	case below(r.URL.Path, everywhere):
		e.packed.ServeHTTP(w, r)
	default:
		return false
	}
	return true
}

func (e *edge) servePlatform(w http.ResponseWriter, r *http.Request) {
	if e.shared(w, r) {
		return
	}
	rest, isShop := strings.CutPrefix(r.URL.Path, storefront.ShopPath)
	slug, _, _ := strings.Cut(rest, "/")
	switch {
	case isShop && slug != "":
		e.shops.ServeHTTP(w, storefront.Open(r, slug, storefront.ShopPath+slug, e.Names.Primary(slug)))
	case below(r.URL.Path+"/", dashboardPaths):
		e.dashboard.ServeHTTP(w, r)
	default:
		e.API.ServeHTTP(w, r)
	}
}

func below(path string, beginnings []string) bool {
	for _, beginning := range beginnings {
		if strings.HasPrefix(path, strings.TrimSuffix(beginning, "/")+"/") {
			return true
		}
	}
	return false
}

// serveShop answers below the platform's name. Where the world finds that, it leads on
// to the store's own name, if the store answers under one.
func (e *edge) serveShop(w http.ResponseWriter, r *http.Request, slug, host string) {
	if e.shared(w, r) {
		return
	}
	primary := e.Names.Primary(slug)
	if primary != "" && strings.Contains(e.PlatformDomain, ".") && !dns.Within(host, "localhost") {
		e.lead(w, r, primary)
		return
	}
	e.shops.ServeHTTP(w, storefront.Open(r, slug, "", primary))
}

// serveNamed answers under the names of stores, and says of others that nothing
// stands there.
func (e *edge) serveNamed(w http.ResponseWriter, r *http.Request, host string) {
	p, known := e.Names.Find(host)
	switch {
	case !known || !p.Active:
		e.lost.ServeHTTP(w, r)
		return
	case e.proxies.Secured(r):
		w.Header().Set("Strict-Transport-Security", strict)
	}
	switch {
	case host != p.Primary:
		e.lead(w, r, p.Primary)
	case !e.shared(w, r):
		e.shops.ServeHTTP(w, storefront.Open(r, p.Slug, "", p.Primary))
	}
}
