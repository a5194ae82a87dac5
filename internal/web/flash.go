package web

import (
	"encoding/base64"
	"net/http"
)

// flashCookie carries a sentence over the redirect after a form.
const flashCookie = "flash"

// Flash has the next page say that something worked.
func Flash(w http.ResponseWriter, message string) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // no secret
		Name: flashCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(message)), Path: "/dashboard",
		MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Flashed returns what the page before left to be said, once.
func Flashed(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(flashCookie)
	if err != nil {
		return ""
	}
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/dashboard", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // holds nothing
	message, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return ""
	}
	return string(message)
}
