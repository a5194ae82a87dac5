// Package text holds the rules for free text: what is trimmed, what is refused,
// how slugs are made and how text is folded for search.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"vitrine/internal/fault"
)

// Lengths in characters.
const (
	MaxName = 200
	MaxLong = 100_000
	MaxSlug = 80
)

// Name checks a required single line of 1–200 characters and returns it trimmed.
func Name(f *fault.Form, path, s string) string {
	s = Line(f, path, s, MaxName)
	if s == "" {
		f.Addf(path, s, "must not be empty")
	}
	return s
}

// Line checks a single line of at most limit characters and returns it trimmed.
func Line(f *fault.Form, path, s string, limit int) string {
	s = strings.TrimSpace(s)
	check(f, path, s, limit, unicode.IsControl)
	return s
}

// Long checks a text of several lines and returns it trimmed, with \n as the only
// line end.
func Long(f *fault.Form, path, s string, limit int) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	check(f, path, s, limit, Forbidden)
	return s
}

// Forbidden tells whether a rune may not stand in a text of several lines: control
// characters but newline and tab.
func Forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// Printable tells whether s is a line of text: in UTF-8, without control characters.
// No database takes anything else as text.
func Printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// OptionalLine is Line for a nullable field: blank becomes nil.
func OptionalLine(f *fault.Form, path string, s *string, limit int) *string {
	return optional(s, func(s string) string { return Line(f, path, s, limit) })
}

// OptionalLong is Long for a nullable field: blank becomes nil.
func OptionalLong(f *fault.Form, path string, s *string, limit int) *string {
	return optional(s, func(s string) string { return Long(f, path, s, limit) })
}

func optional(s *string, clean func(string) string) *string {
	if s == nil || strings.TrimSpace(*s) == "" {
		return nil
	}
	cleaned := clean(*s)
	return &cleaned
}

func check(f *fault.Form, path, s string, limit int, forbidden func(rune) bool) {
	switch {
	case !utf8.ValidString(s):
		f.Addf(path, nil, "must be valid UTF-8")
	case strings.ContainsFunc(s, forbidden):
		f.Addf(path, short(s), "must not contain control characters")
	case utf8.RuneCountInString(s) > limit:
		f.Addf(path, nil, "must have at most %d characters", limit)
	}
}

// short is what is told of a refused text: all of it, or nothing of a long one.
func short(s string) any {
	if utf8.RuneCountInString(s) > MaxName {
		return nil
	}
	return s
}

// Cut shortens s to at most limit characters and trims what the cut leaves.
func Cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return strings.TrimRightFunc(string([]rune(s)[:limit]), unicode.IsSpace)
}

// Fold makes s comparable without regard to case, for all of Unicode.
func Fold(s string) string {
	return norm.NFC.String(cases.Fold().String(strings.Map(oneCherokee, norm.NFC.String(s))))
}

// oneCherokee maps Cherokee letters to capitals: package cases folds the capitals
// to small letters and the small letters to capitals.
func oneCherokee(r rune) rune {
	if r >= 0x13a0 && unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r)
	}
	return r
}

// Slug turns a title into what stands in an address: lower-case letters a–z,
// digits and single hyphens, at most MaxSlug long. Accents are dropped
// ("Café" → "cafe"). Where nothing is left it returns fallback.
func Slug(s, fallback string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case r == 'ß':
			b.WriteString("ss")
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
		default:
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
		if b.Len() >= MaxSlug {
			break
		}
	}
	slug := strings.Trim(Cut(b.String(), MaxSlug), "-")
	if slug == "" {
		return fallback
	}
	return slug
}

// IsCountry tells whether s is a country's code by ISO 3166-1 alpha-2, in upper
// case.
func IsCountry(s string) bool {
	region, err := language.ParseRegion(s)
	return err == nil && len(s) == 2 && region.IsCountry() && region.String() == s
}
