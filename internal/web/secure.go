package web

import (
	"net/http"
	"slices"
	"strings"

	"vitrine/internal/fault"
	"vitrine/internal/text"
)

// policy lets a page load only what this binary serves, and pictures from anywhere:
// merchants' catalogs name them by address.
const policy = "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Secure puts the usual locks on a site's pages: a content security policy, no
// framing, no type guessing, no address given away, and no form sent from another
// site.
func Secure(next http.Handler) http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if err := legible(r); err != nil {
			ErrorPage(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// legible refuses an address that is no text: nothing is found by it, and no database
// looks for it.
func legible(r *http.Request) error {
	if !text.Printable(r.URL.Path) {
		return fault.Missing("page")
	}
	if !strings.Contains(r.URL.RawQuery, "%") {
		return nil
	}
	for name, values := range r.URL.Query() {
		if !text.Printable(name) || slices.ContainsFunc(values, func(s string) bool { return !text.Printable(s) }) {
			return fault.Invalidf("address", "must not contain control characters")
		}
	}
	return nil
}

// shopPolicy is the same for a shop's pages, which load no more than they need and
// may be framed by the dashboard, where a merchant sees what a change does.
const shopPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

// SecureShop puts the same locks on a shop's page.
func SecureShop(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", shopPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
