package storefront

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"vitrine/internal/web"
)

func or(s, fallback string) string { return cmp.Or(s, fallback) }

// look is the class that gives the shop's pages their looks.
func (s *shop) look() string { return "look-atelier" }

// favicon is the address of the shop's icon.
func (s *shop) favicon() string {
	if s.FaviconURL != nil {
		return *s.FaviconURL
	}
	return web.Asset("mark.svg")
}

// everywhere are paths whose files are served on every host.
var everywhere = []string{"/media/", "/demo/pictures/"}

// picture is the address of a picture as a page may load it: over TLS or, where this
// platform serves it without, from the page's own host.
func picture(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return address
	}
	for _, path := range everywhere {
		if strings.HasPrefix(u.Path, path) {
			return u.RequestURI()
		}
	}
	return address
}

// loading tells the browser what of a page's pictures is needed first.
func loading(first bool) templ.Attributes {
	if first {
		return templ.Attributes{"fetchpriority": "high"}
	}
	return templ.Attributes{"loading": "lazy"}
}
