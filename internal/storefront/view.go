package storefront

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"vitrine/internal/catalog"
	"vitrine/internal/web"
)

func or(s, fallback string) string { return cmp.Or(s, fallback) }

// logo is the address of the shop's picture of its name: the theme's or the store's.
func (s *shop) logo() string {
	if s.dress.LogoURL == "" && s.LogoURL != nil {
		return *s.LogoURL
	}
	return s.dress.LogoURL
}

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

// How wide pictures are shown: as one of a grid, on the page of their product, and in
// a line of the cart.
const (
	inLine = "96px"
	inGrid = "(min-width: 1280px) 300px, (min-width: 1024px) 25vw, (min-width: 768px) 33vw, 50vw"
	onPage = "(min-width: 1280px) 680px, (min-width: 768px) 58vw, 100vw"
)

// shown is where an image is in which widths, and its shape, by which its place is
// kept free; a square where nobody knows it.
func shown(image *catalog.Image, sizes string) templ.Attributes {
	p := web.Picture{URL: picture(image.URL), Width: image.Width, Height: image.Height, Sizes: sizes, Pixels: 640}
	if p.Width == 0 {
		p.Width, p.Height = 600, 600
	}
	return p.Attrs()
}

// loading tells the browser what of a page's pictures is needed first.
func loading(first bool) templ.Attributes {
	if first {
		return templ.Attributes{"fetchpriority": "high"}
	}
	return templ.Attributes{"loading": "lazy"}
}

// plural is the word for a number of things.
func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// indented is a category's name at its depth in the tree, for where nothing else shows
// it.
func indented(b catalog.Branch) string {
	return strings.Repeat("\u2003", b.Depth) + b.Name
}

// wrong ties a field to what is wrong with it.
func wrong(f web.Form, name string) templ.Attributes {
	if f.Error(name) == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": name + "-error"}
}
