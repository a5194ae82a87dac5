package text

import (
	"net/mail"
	"net/url"
	"strings"

	"vitrine/internal/fault"
)

const (
	// MaxEmail is how long an e-mail address can be (RFC 5321, section 4.5.3.1).
	MaxEmail = 254

	maxURL = 2048
)

// Email checks a bare e-mail address, without a name, and returns it trimmed.
func Email(f *fault.Form, path, s string) string {
	s = Line(f, path, s, MaxEmail)
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s || !strings.Contains(s[strings.LastIndex(s, "@"):], ".") {
		f.Addf(path, nil, "must be an e-mail address")
	}
	return s
}

// OptionalEmail is Email for a nullable field: blank becomes nil.
func OptionalEmail(f *fault.Form, path string, s *string) *string {
	return optional(s, func(s string) string { return Email(f, path, s) })
}

// URL checks an http or https address and returns it trimmed.
func URL(f *fault.Form, path, s string) string {
	s = Line(f, path, s, maxURL)
	if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		f.Addf(path, nil, "must be an http or https address")
	}
	return s
}

// OptionalURL is URL for a nullable field: blank becomes nil.
func OptionalURL(f *fault.Form, path string, s *string) *string {
	return optional(s, func(s string) string { return URL(f, path, s) })
}
