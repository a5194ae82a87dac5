package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vitrine/internal/blob"
	"vitrine/internal/picture"
	"vitrine/internal/web"
)

var (
	mug    = "/media/" + strings.Repeat("0a", 32) + "/320.webp"
	broken = "/media/" + strings.Repeat("0b", 32) + "/320.webp"
)

func ask(t *testing.T, method, path string, headers ...string) *http.Response {
	t.Helper()
	handler := web.Media{Get: func(_ context.Context, a picture.Address) ([]byte, error) {
		switch a.String() {
		case mug:
			return []byte("a mug"), nil
		case broken:
			return nil, errors.New("the disk is full of secrets")
		default:
			return nil, blob.ErrNone
		}
	}}
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	res := w.Result()
	t.Cleanup(func() { _ = res.Body.Close() })
	if res.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(res.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%s %s: %v", method, path, res.Header)
	}
	if got := w.Body.String(); strings.Contains(got, "secrets") || method == http.MethodHead && got != "" {
		t.Errorf("%s %s tells %q", method, path, got)
	}
	return res
}

func TestMedia_isKeptForEverByBrowsers(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD"} {
		res := ask(t, method, mug)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != "image/webp" || res.Header.Get("Content-Length") != "5" ||
			res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || res.Header.Get("ETag") == "" {
			t.Errorf("%s: %d, %v", method, res.StatusCode, res.Header)
		}
	}
	if res := ask(t, "GET", mug, "If-None-Match", ask(t, "GET", mug).Header.Get("ETag")); res.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %d", res.StatusCode)
	}
}

func TestMedia_whatIsNoPictureIsNotFound(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		strings.Replace(mug, "320", "640", 1), strings.Replace(mug, "webp", "png", 1), "/media/", "/media/../../etc/passwd", "/media/..%2f..%2fetc/passwd",
		"/media/incoming/x", mug + "/", strings.ToUpper(mug), "/media/%00",
	} {
		if res := ask(t, "GET", path); res.StatusCode != http.StatusNotFound || strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %v", path, res.StatusCode, res.Header)
		}
	}
}

func TestMedia_canBeReadAlone(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if res := ask(t, method, mug); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, res.StatusCode)
		}
	}
}

func TestMedia_saysWhenItCannotBeReadAndKeepsThatFromCaches(t *testing.T) {
	t.Parallel()
	if res := ask(t, "GET", broken); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d, %v", res.StatusCode, res.Header)
	}
}
