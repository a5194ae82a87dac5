package app_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// Every page that can be reached, of the platform, of a merchant and of a shop, comes
// with its locks, and needs nothing that they forbid.
func TestHeaders_everyPageIsLocked(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{})
	v := serve(t, d).visitor(t, rand.New(rand.NewPCG(1, 1))) //nolint:gosec // nothing is drawn
	slug := v.settle()
	_, pages := v.explore(200, "/", "/docs", "/login", "/register", "/dashboard", "/dashboard/account", "/dashboard/account/two-factor", "/dashboard/stores/"+slug, "/dashboard/stores/"+slug+"/settings", "/s/"+slug, "/s/"+slug+"/products/mug", "/nothing", "/dashboard/nothing", "/s/"+slug+"/nothing", "/s/nothing")
	looked := 0
	for _, page := range pages {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.url+page, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", browser)
		res, err := v.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := html.Parse(res.Body)
		_ = res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && res.StatusCode != http.StatusSeeOther {
			looked++
			locked(t, page, res.Header)
			nothingInline(t, page, doc)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", page, res.Header)
		}
	}
	if looked < 80 {
		t.Errorf("only %d pages were looked at", looked)
	}
}

func locked(t *testing.T, page string, h http.Header) {
	t.Helper()
	policy := h.Get("Content-Security-Policy")
	for _, rule := range []string{"default-src", "frame-ancestors", "base-uri 'none'", "form-action"} {
		if !strings.Contains(policy, rule) {
			t.Errorf("%s: the policy %q says nothing of %s", page, policy, rule)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("%s: the policy %q lets too much in", page, policy)
	}
	if h.Get("Referrer-Policy") == "" {
		t.Errorf("%s says nothing of referrers", page)
	}
}

// nothingInline looks for scripts and styles that stand in the page itself.
func nothingInline(t *testing.T, page string, doc *html.Node) {
	t.Helper()
	for n := range doc.Descendants() {
		switch {
		case n.Data == "script" && attribute(n, "src") == "" && attribute(n, "type") != "application/ld+json", n.Type == html.ElementNode && n.Data == "style":
			t.Errorf("%s has a %s of its own", page, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("%s: %s has %s=%q", page, n.Data, a.Key, a.Val)
			}
		}
	}
}

func TestHeaders_aSessionIsKeptFromScriptsAndOtherSites(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{})
	r := serveWith(t, d, map[string]string{"CONFIG": "/dev/null", "TRUSTED_PROXIES": "127.0.0.1"})
	form := url.Values{"email": {"ann@example.com"}, "password": {"a long password"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/register", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Forwarded-Proto", "https")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == "vitrine_session" && c.HttpOnly && c.Secure && c.SameSite == http.SameSiteLaxMode && c.Path == "/" && c.Domain == "" {
			return
		}
	}
	t.Errorf("%d with the cookies %v", res.StatusCode, res.Cookies())
}
