package storefront

import (
	"bytes"
	"net/http"

	"github.com/a-h/templ"

	"vitrine/internal/web"
)

// show answers with a page. It is drawn in memory first: a page that fails half way
// is an error, not half a page.
func (s *Storefront) show(w http.ResponseWriter, v *visit, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(v.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// showOwn is show for a page that is about the shopper, which nothing on its way may
// keep.
func (s *Storefront) showOwn(w http.ResponseWriter, v *visit, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(v.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// fail tells a shopper why there is no page, inside of the shop where it is known.
func (s *Storefront) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	f := web.Explain(w, r, err)
	var b bytes.Buffer
	var page templ.Component
	switch {
	case v == nil && f.Status == http.StatusNotFound:
		page = gonePage()
	case v == nil:
		page = brokenPage(f)
	default:
		page = failedPage(v, f)
	}
	if page.Render(r.Context(), &b) != nil {
		b.Reset()
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(f.Status)
	_, _ = w.Write(b.Bytes())
}

// Fail tells a shopper why there is no page, where nothing is known of the shop.
func (s *Storefront) Fail(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, nil, err) }
