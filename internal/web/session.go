package web

import (
	"net/http"
	"time"

	"vitrine/internal/account"
)

// sessionCookie holds the secret of a session token. It is the same token that a
// login over the API gives.
const sessionCookie = "vitrine_session"

// SignIn keeps a fresh session in the browser. secure says that the page came over
// TLS; only then would the browser send it back over nothing else.
func SignIn(w http.ResponseWriter, s account.Session, secure bool) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever there is TLS
		Name: sessionCookie, Value: s.Secret, Path: "/", Expires: s.ExpiresAt,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
}

// SignOut makes the browser forget its session.
func SignOut(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", Expires: time.Unix(1, 0), HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // holds nothing
}

// Session returns the secret that the browser sent, or "".
func Session(r *http.Request) string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// Theme returns what the reader chose: "light", "dark", or "" for what their system
// has.
func Theme(r *http.Request) string {
	c, err := r.Cookie("theme")
	if err != nil || c.Value != "light" && c.Value != "dark" {
		return ""
	}
	return c.Value
}

// SwitchTheme keeps the other theme; without one before, the dark one.
func SwitchTheme(w http.ResponseWriter, r *http.Request) {
	next := "dark"
	if Theme(r) == "dark" {
		next = "light"
	}
	http.SetCookie(w, &http.Cookie{Name: "theme", Value: next, Path: "/", MaxAge: 365 * 24 * 60 * 60, SameSite: http.SameSiteLaxMode}) //nolint:gosec // our script reads it
}
