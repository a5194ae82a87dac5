package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/web"
)

// site is all pages, behind a server's mux.
func site(t *testing.T) http.Handler {
	t.Helper()
	pages, err := web.NewPages()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	pages.Register(mux)
	mux.HandleFunc("/lost", pages.NotFound)
	return mux
}

// get asks a handler for a path; headers are names and values in turn.
func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// loaded finds what a page makes the browser fetch.
var loaded = regexp.MustCompile(`(?:<link[^>]* href|<script[^>]* src|<img[^>]* src)="([^"]*)"`)

func TestPages_loadOnlyWhatIsHere(t *testing.T) {
	t.Parallel()
	h := site(t)
	for path, status := range map[string]int{"/": http.StatusOK, "/docs": http.StatusOK, "/lost": http.StatusNotFound} {
		page := get(h, path)
		if page.Code != status || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d, %v", path, page.Code, page.Header())
		}
		found := loaded.FindAllStringSubmatch(page.Body.String(), -1)
		if len(found) < 2 {
			t.Errorf("%s loads next to nothing: %v", path, found)
		}
		for _, link := range found {
			if got := get(h, link[1]); got.Code != http.StatusOK || got.Body.Len() == 0 {
				t.Errorf("%s loads %s: %d", path, link[1], got.Code)
			}
		}
	}
}

func TestPages_runNothingInline(t *testing.T) {
	t.Parallel()
	h := site(t)
	inline := regexp.MustCompile(`<style|style=|<script>|<script [^>]*>[^<]| on[a-z]+=|javascript:`)
	for _, path := range []string{"/", "/docs", "/lost"} {
		page := get(h, path)
		if policy := page.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s has the policy %q", path, policy)
		}
		if bad := inline.FindString(page.Body.String()); bad != "" {
			t.Errorf("%s has %q, which its policy forbids", path, bad)
		}
	}
}

func TestStart_leadsToTheDashboardAndTheReference(t *testing.T) {
	t.Parallel()
	h := site(t)
	if body := get(h, "/").Body.String(); !strings.Contains(body, `<a class="button primary" href="/register">`) || !strings.Contains(body, `href="/docs"`) {
		t.Errorf("no way on in %s", body)
	}
	if body := get(h, "/docs").Body.String(); !strings.Contains(body, `href="/openapi.yaml"`) || !strings.Contains(body, "<noscript>") {
		t.Errorf("no way on without JavaScript in %s", body)
	}
}

func TestStart_tellsNoHostThatIsMarkup(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = `<b onclick="x">`
	w := httptest.NewRecorder()
	site(t).ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "<b onclick") {
		t.Error("the host stands in the page as it was sent")
	}
}

func TestAsset_comesPackedToThoseWhoCanUnpack(t *testing.T) {
	t.Parallel()
	h := site(t)
	const path = "/assets/swagger-ui.css"
	packed, plain := get(h, path, "Accept-Encoding", "br;q=1, gzip;q=0.8"), get(h, path, "Accept-Encoding", "gzip;q=0")
	if packed.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" {
		t.Fatalf("encodings: %q and %q", packed.Header().Get("Content-Encoding"), plain.Header().Get("Content-Encoding"))
	}
	if packed.Header().Get("ETag") == plain.Header().Get("ETag") || packed.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("a cache cannot tell them apart: %v and %v", packed.Header(), plain.Header())
	}
	reader, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(reader)
	if err != nil || string(unpacked) != plain.Body.String() {
		t.Errorf("%d bytes packed, %d plain, %v", len(unpacked), plain.Body.Len(), err)
	}
}

func TestAsset_isSentAgainOnlyWhenItChanged(t *testing.T) {
	t.Parallel()
	h := site(t)
	for _, path := range []string{"/assets/page.css", "/demo/pictures/harbor-table-lamp.svg"} {
		first := get(h, path)
		again := get(h, path, "If-None-Match", first.Header().Get("ETag"))
		if first.Code != http.StatusOK || again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s: %d, then %d with %d bytes", path, first.Code, again.Code, again.Body.Len())
		}
	}
}

func TestPicture_isAnImageAndNothingElse(t *testing.T) {
	t.Parallel()
	h := site(t)
	w := get(h, "/demo/pictures/harbor-table-lamp.svg")
	for name, want := range map[string]string{
		"Content-Type": "image/svg+xml", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Cache-Control": "public, max-age=86400", "Cross-Origin-Resource-Policy": "cross-origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
	for _, path := range []string{"/demo/pictures/nothing.svg", "/demo/pictures/harbor-table-lamp", "/assets/nothing.js", "/assets/swagger-ui.css.gz"} {
		if w := get(h, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
