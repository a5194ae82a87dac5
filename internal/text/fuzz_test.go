package text_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"vitrine/internal/fault"
	"vitrine/internal/text"
)

// awkward are texts that have broken such code elsewhere.
var awkward = []string{
	"", " ", "Tea House", "  trimmed\t", "Café crème", "Straße", "ΣΊΣΥΦΟΣ", "İstanbul", "日本語", "a\x00b", "\xff\xfe", "one\r\ntwo\rthree",
	"\u200bzero\ufeff", "e\u0301", "\u1fb3\u0345", "ﬁ ligature", "Ⅳ ℡ ™", "\u2028line", strings.Repeat("ß", 300), strings.Repeat("ab-", 60),
	"-- --", "'s-Gravenhage", "…", "\u0085next", "👩‍👩‍👧 family", "ᏖᎾ", "ꮦꮎ",
}

// FuzzFreeText: what is accepted fits, is clean, and is accepted again as it is. A
// cut is the beginning of what it cuts, and fits too.
func FuzzFreeText(f *testing.F) {
	for _, s := range awkward {
		f.Add(s, 50)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 1 + (limit&0xffff)%500
		for name, clean := range map[string]func(*fault.Form, string, string, int) string{"Line": text.Line, "Long": text.Long} {
			var form fault.Form
			once := clean(&form, "name", s, limit)
			if form.Err() != nil {
				continue
			}
			switch {
			case !utf8.ValidString(once):
				t.Errorf("%s lets %q through, which is not UTF-8", name, once)
			case utf8.RuneCountInString(once) > limit:
				t.Errorf("%s lets %d characters through, not %d", name, utf8.RuneCountInString(once), limit)
			case strings.TrimSpace(once) != once:
				t.Errorf("%s leaves white space around %q", name, once)
			case strings.ContainsFunc(once, func(r rune) bool { return unicode.IsControl(r) && (name == "Line" || r != '\n' && r != '\t') }):
				t.Errorf("%s lets a control character through in %q", name, once)
			}
			if twice := clean(&form, "name", once, limit); twice != once || form.Err() != nil {
				t.Errorf("%s makes %q of %q the second time", name, twice, once)
			}
		}
		short := text.Cut(s, limit)
		if utf8.RuneCountInString(short) > limit || utf8.ValidString(s) && !strings.HasPrefix(s, short) || text.Cut(short, limit) != short {
			t.Errorf("%q cut to %d is %q", s, limit, short)
		}
	})
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// FuzzSlug: a slug fits into an address whatever it is made from, stays what it is,
// and so do those that are numbered.
func FuzzSlug(f *testing.F) {
	for _, s := range awkward {
		f.Add(s, 1)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		slug := text.Slug(s, "shop")
		if !slugForm.MatchString(slug) || len(slug) > text.MaxSlug {
			t.Errorf("%q becomes the slug %q", s, slug)
		}
		if again := text.Slug(slug, "shop"); again != slug {
			t.Errorf("the slug %q becomes %q", slug, again)
		}
		n = 1 + (n&0xffffff)%1_000_000
		if numbered := text.Numbered(slug, n); !slugForm.MatchString(numbered) || len(numbered) > text.MaxSlug {
			t.Errorf("%q with the number %d becomes %q", slug, n, numbered)
		}
	})
}

// FuzzFold: folding twice is folding once, and does not see how a text is composed.
func FuzzFold(f *testing.F) {
	for _, s := range awkward {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := text.Fold(s)
		if again := text.Fold(folded); again != folded {
			t.Errorf("%q folds to %q and then to %q", s, folded, again)
		}
		if composed := text.Fold(norm.NFD.String(s)); composed != folded {
			t.Errorf("%q folds to %q, decomposed to %q", s, folded, composed)
		}
	})
}

// FuzzEmail: what is accepted is one address, as it is sent.
func FuzzEmail(f *testing.F) {
	for _, s := range append([]string{"ada@example.com", " ada@example.com ", "Ada <ada@example.com>", `"a b"@example.com`, "a@b", "a@b.", "a@.b", "a@[127.0.0.1]", "ä@ö.example", "a@b@c.d"}, awkward...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var form fault.Form
		once := text.Email(&form, "email", s)
		if form.Err() != nil {
			return
		}
		local, host, found := strings.Cut(once, "@")
		if !found || local == "" || strings.ContainsFunc(once, unicode.IsSpace) || strings.ContainsAny(once, "<>,") || len(once) > 4*254 {
			t.Errorf("%q is taken for an address", once)
		}
		for label := range strings.SplitSeq(host, ".") {
			if label == "" {
				t.Errorf("the host of %q has an empty label", once)
			}
		}
		if twice := text.Email(&form, "email", once); twice != once || form.Err() != nil {
			t.Errorf("%q becomes %q", once, twice)
		}
	})
}

// FuzzURL: what is accepted leads to a host over HTTP.
func FuzzURL(f *testing.F) {
	for _, s := range append([]string{"https://example.com/a.png", "http://[::1]:80/", "//example.com", "javascript:alert(1)", "https://", "https:///x", "http://a b/", "HTTP://EXAMPLE.COM"}, awkward...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var form fault.Form
		once := text.URL(&form, "url", s)
		if form.Err() != nil {
			return
		}
		lower := strings.ToLower(once)
		if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
			t.Errorf("%q is taken for an address of the web", once)
		}
		if twice := text.URL(&form, "url", once); twice != once || form.Err() != nil {
			t.Errorf("%q becomes %q", once, twice)
		}
	})
}
