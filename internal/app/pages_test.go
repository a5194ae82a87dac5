package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// fetch gets a path and returns the answer with its body read.
func (r *running) fetch(t *testing.T, path, accept string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func TestRoot_needsNoToken(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		r := serve(t, d)
		for path, kind := range map[string]string{
			"/": "text/html; charset=utf-8", "/docs": "text/html; charset=utf-8",
			"/openapi.json": "application/openapi+json", "/openapi.yaml": "application/openapi+yaml",
			"/healthz": "application/json", "/readyz": "application/json",
			"/demo/pictures/harbor-table-lamp.svg": "image/svg+xml",
		} {
			res, body := r.fetch(t, path, browser)
			if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != kind || body == "" || res.Header.Get("X-Request-Id") == "" {
				t.Errorf("%s: %d, %v", path, res.StatusCode, res.Header)
			}
		}
	})
}

func TestUnknownPath_isAPageForBrowsersAndAProblemForPrograms(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		r := serve(t, d)
		for _, c := range []struct{ path, accept, kind string }{
			{"/nothing", browser, "text/html; charset=utf-8"},
			{"/docs/", browser, "text/html; charset=utf-8"},
			{"/nothing", "*/*", "application/problem+json"},
			{"/nothing", "", "application/problem+json"},
			{"/api/v1/nothing", browser, "application/problem+json"},
			{"/api/v2/stores", browser, "application/problem+json"},
		} {
			res, body := r.fetch(t, c.path, c.accept)
			if res.StatusCode != http.StatusNotFound || res.Header.Get("Content-Type") != c.kind || strings.TrimSpace(body) == "" {
				t.Errorf("%s for %q: %d, %q", c.path, c.accept, res.StatusCode, res.Header.Get("Content-Type"))
			}
		}
	})
}
