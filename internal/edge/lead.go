package edge

import (
	"net"
	"net/http"
	"strings"

	"vitrine/internal/web"
)

// leadFor is how long browsers keep where a request was led to: a store may leave its
// name again.
const leadFor = "public, max-age=3600"

// lead sends a request on to the same path under another name.
func (e *edge) lead(w http.ResponseWriter, r *http.Request, name string) {
	web.Observe(e.proxies, web.ErrorPage, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := *r.URL
		u.Scheme, u.Host = e.origin(r, name)
		if !strings.HasPrefix(u.Path, "/") { // OPTIONS *
			u.Path, u.RawPath = "/", ""
		}
		w.Header().Set("Cache-Control", leadFor)
		http.Redirect(w, r, u.String(), moved(r.Method)) //nolint:gosec // to a name that was looked up
	})).ServeHTTP(w, r)
}

// origin is where a name is reached: over TLS where there is a certificate for it, else
// as the request came.
func (e *edge) origin(r *http.Request, name string) (scheme, host string) {
	if e.Secure.Has(r.Context(), name) {
		if e.Secure.PublicPort == "443" {
			return "https", name
		}
		return "https", net.JoinHostPort(name, e.Secure.PublicPort)
	}
	scheme, host = "http", name
	if e.proxies.Secured(r) {
		scheme = "https"
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		host = net.JoinHostPort(name, port)
	}
	return scheme, host
}

// moved is the status that leads on: a form is sent again as it was.
func moved(method string) int {
	if method == http.MethodGet || method == http.MethodHead {
		return http.StatusMovedPermanently
	}
	return http.StatusPermanentRedirect
}
