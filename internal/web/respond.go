package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// Partial tells whether a request asks for a part of a page: htmx sends it, and will
// put the answer where it belongs.
func Partial(r *http.Request) bool { return r.Header.Get("Hx-Request-Type") == "partial" }

// Render answers with a component. It is drawn in memory first: a page that fails
// half way is an error, not half a page.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "HX-Request-Type")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// Redirect leads the browser on after a form was taken. htmx follows by loading the
// whole page.
func Redirect(w http.ResponseWriter, r *http.Request, to string) error {
	if r.Header.Get("Hx-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// LocalPath returns to when it is a path of this site, and otherwise fallback, so
// that an address can not lead a reader away.
func LocalPath(to, fallback string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		return fallback
	}
	return to
}
