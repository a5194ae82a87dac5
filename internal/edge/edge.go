// Package edge is where requests come in: it gives each to the part that serves it.
package edge

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"vitrine/internal/web"
)

// Parts are what a request can be for.
type Parts struct {
	API       http.Handler // and what is at the root: its description, the probes, the public pages
	Dashboard http.Handler
}

// dashboardPaths are where merchants' pages begin.
var dashboardPaths = []string{"/dashboard", "/login", "/logout", "/register"}

// New returns what answers every request.
func New(proxies web.Proxies, parts Parts) http.Handler {
	dashboard := web.Observe(proxies, web.ErrorPage, gzhttp.GzipHandler(parts.Dashboard))
	packed := gzhttp.GzipHandler(parts.API)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, path := range dashboardPaths {
			if r.URL.Path == path || strings.HasPrefix(r.URL.Path, path+"/") {
				dashboard.ServeHTTP(w, r)
				return
			}
		}
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			packed.ServeHTTP(w, r)
			return
		}
		parts.API.ServeHTTP(w, r)
	})
}
