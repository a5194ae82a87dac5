package web

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"vitrine/internal/picture"
)

// shows tells whether our pages may show a picture: the policy of Secure takes those
// from here, and others only over TLS.
func shows(ctx context.Context, address string) bool {
	if _, ours := picture.ParseAddress(address); ours {
		return true
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	here, _ := ctx.Value(hostKey{}).(string)
	return u.Scheme == "https" || u.Scheme == "http" && u.Host == here && !Secured(ctx)
}

// Picture is a picture as a page shows it.
type Picture struct {
	URL           string // its own address
	Width, Height int    // of the picture itself; 0 where nobody knows
	Sizes         string // how wide it is shown, as CSS tells it: "(min-width: 60rem) 25vw, 50vw"
	Pixels        int    // how wide it is shown about, for browsers that choose nothing
}

// Src is the address of the version for the place.
func (p Picture) Src() string {
	if a, ours := picture.ParseAddress(p.URL); ours && p.Pixels > 0 {
		return a.For(p.Pixels).String()
	}
	return p.URL
}

// Srcset names all versions with their widths. It is "" for a picture that there is
// one version of, and for those from elsewhere.
func (p Picture) Srcset() string {
	a, ours := picture.ParseAddress(p.URL)
	all := a.Versions()
	if !ours || len(all) == 1 {
		return ""
	}
	named := make([]string, len(all))
	for i, v := range all {
		named[i] = fmt.Sprintf("%s %dw", v, v.Width)
	}
	return strings.Join(named, ", ")
}

// Attrs are what an <img> has from the picture: src, and where they are known srcset
// with sizes, width and height, by which the browser keeps its place free.
func (p Picture) Attrs() templ.Attributes {
	attrs := templ.Attributes{"src": p.Src()}
	if set := p.Srcset(); set != "" {
		attrs["srcset"] = set
		if p.Sizes != "" {
			attrs["sizes"] = p.Sizes
		}
	}
	if p.Width > 0 && p.Height > 0 {
		attrs["width"], attrs["height"] = fmt.Sprint(p.Width), fmt.Sprint(p.Height)
	}
	return attrs
}
