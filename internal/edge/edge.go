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
	API       http.Handler // and its description, and the probes
	Dashboard http.Handler
}

// apiPaths are the paths outside of /api/ that are the API's.
var apiPaths = map[string]bool{
	"/api": true, "/openapi.json": true, "/openapi.yaml": true, "/healthz": true, "/readyz": true,
}

// New returns what answers every request.
func New(proxies web.Proxies, parts Parts) http.Handler {
	dashboard := gzhttp.GzipHandler(parts.Dashboard)
	return web.Observe(proxies, web.ErrorPage, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if apiPaths[r.URL.Path] || strings.HasPrefix(r.URL.Path, "/api/") {
			parts.API.ServeHTTP(w, r)
			return
		}
		dashboard.ServeHTTP(w, r)
	}))
}
