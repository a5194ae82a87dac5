package app_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// Who asks for a link is told when no mail leaves the platform, the same whether there is
// an account or not.
func TestForgot_saysWhereMailsAreWithoutAMailServer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const outbox, nowhere = `href="/dashboard/outbox"`, "no mail server yet"
		for _, c := range []struct {
			settings map[string]string
			has      []string
			lacks    []string
		}{
			{map[string]string{"DEV_PAGES": "true"}, []string{outbox}, []string{nowhere}},
			{map[string]string{"DEV_PAGES": "false"}, []string{nowhere}, []string{outbox}},
			{map[string]string{"DEV_PAGES": "true", "SMTP_URL": "smtp://127.0.0.1:1"}, nil, []string{outbox, nowhere}},
		} {
			c.settings["CONFIG"] = os.DevNull
			r := serveWith(t, d, c.settings)
			register(t, r.url, "ann@example.com")
			known, unknown := forgotten(t, r.url, "ann@example.com"), forgotten(t, r.url, "nobody@example.com")
			_, sends := c.settings["SMTP_URL"]
			if strings.Contains(known, "a link is on its way") != sends {
				t.Errorf("%v: it is wrong about what becomes of the link", c.settings)
			}
			if known != unknown {
				t.Errorf("%v: who has an account gets another page", c.settings)
			}
			for _, page := range []string{known, read(t, http.MethodGet, r.url+"/password", nil)} {
				for _, text := range c.has {
					if !strings.Contains(page, text) {
						t.Errorf("%v: %q is missing", c.settings, text)
					}
				}
				for _, text := range c.lacks {
					if strings.Contains(page, text) {
						t.Errorf("%v: it says %q", c.settings, text)
					}
				}
			}
		}
	})
}

// register opens an account, unless it is there already.
func register(t *testing.T, at, email string) {
	t.Helper()
	read(t, http.MethodPost, at+"/register", url.Values{"email": {email}, "password": {"a long and secret password"}})
}

func forgotten(t *testing.T, at, email string) string {
	t.Helper()
	return read(t, http.MethodPost, at+"/password", url.Values{"email": {email}})
}

// read returns the page that a form, or a look, is answered with.
func read(t *testing.T, method, address string, form url.Values) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= http.StatusInternalServerError {
		t.Fatalf("%s: %d, %v", address, res.StatusCode, err)
	}
	return string(page)
}
