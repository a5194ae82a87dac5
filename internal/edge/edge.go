// Package edge is where requests come in: it gives each to the part that serves it.
package edge

import (
	"net"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"

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

	PlatformDomain string // stores have their hosts below it
}

// dashboardPaths are where merchants' pages begin.
var dashboardPaths = []string{"/dashboard", "/login", "/logout", "/register"}

// everywhere are paths whose files are the same on every host.
var everywhere = []string{"/assets/", "/demo/pictures/"}

// New returns what answers every request.
func New(proxies web.Proxies, parts Parts) http.Handler {
	dashboard := web.Observe(proxies, web.ErrorPage, gzhttp.GzipHandler(parts.Dashboard))
	shops := web.Observe(proxies, parts.Storefront.Fail, gzhttp.GzipHandler(parts.Storefront))
	media := web.Observe(proxies, web.ErrorPage, parts.Media)
	packed := gzhttp.GzipHandler(parts.API)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		slug, base := shopOf(r, parts.PlatformDomain)
		switch {
		case strings.HasPrefix(r.URL.Path, picture.Path): // on every host
			media.ServeHTTP(w, r)
		case below(r.URL.Path, everywhere):
			packed.ServeHTTP(w, r)
		case slug != "":
			shops.ServeHTTP(w, storefront.Open(r, slug, base))
		case below(r.URL.Path+"/", dashboardPaths):
			dashboard.ServeHTTP(w, r)
		default:
			parts.API.ServeHTTP(w, r)
		}
	})
}

func below(path string, beginnings []string) bool {
	for _, beginning := range beginnings {
		if strings.HasPrefix(path, strings.TrimSuffix(beginning, "/")+"/") {
			return true
		}
	}
	return false
}

// shopPath is what the paths of shops' pages on the platform's own host begin with.
const shopPath = "/s/"

// shopOf returns the slug of the store whose page a request is for, and what its
// pages are below: the host {slug}.{platform domain}, or a path of the platform. A
// slug of "" is no shop's.
func shopOf(r *http.Request, platform string) (slug, base string) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, domain := range []string{strings.ToLower(platform), "localhost"} {
		if label, is := strings.CutSuffix(host, "."+domain); is && !strings.Contains(label, ".") {
			return label, ""
		}
	}
	rest, is := strings.CutPrefix(r.URL.Path, shopPath)
	if !is {
		return "", ""
	}
	slug, _, _ = strings.Cut(rest, "/")
	return slug, shopPath + slug
}
