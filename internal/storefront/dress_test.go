package storefront_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/theme"
)

var sheetAddress = regexp.MustCompile(`href="/s/[^/]+(/(?:theme|custom)\.css\?v=[^"]+)"`)

// wear makes a theme the active one of the shop.
func (s *shop) wear(t theme.Theme) {
	s.t.Helper()
	t.Name, t.Active = "Worn", true
	s.write(func(tx *db.Tx) error {
		_, err := theme.Create(s.t.Context(), tx, s.store.ID, t)
		return err
	})
}

func TestTheme_isWhatPagesWearFromTheNextOneOn(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		sh.get("").want(t, http.StatusOK, `class="look-atelier header-centered"`).lacks(t, "custom.css")
		rules := `.hero { color: red; } } html { display: none; } @import url(https://evil.example/x.css); </style><script>alert(1)</script>`
		sh.wear(theme.Theme{Settings: map[string]any{"theme": "studio", "colors": map[string]any{"accent": "#ffee00"}, "layout": map[string]any{"columns": 5.0}}, CustomCSS: &rules})
		page := sh.get("").want(t, http.StatusOK, `class="look-studio header-beside"`).lacks(t, "evil", "alert(1)")
		sheets := sheetAddress.FindAllStringSubmatch(page.body, -1)
		if len(sheets) != 2 {
			t.Fatalf("%v", sheets)
		}
		worn := sh.get(sheets[0][1]).want(t, http.StatusOK, "--accent:light-dark(#ffee00,", "--on-accent:light-dark(#000000,", "--columns:5", "Space Grotesk")
		if kept := worn.Header.Get("Cache-Control"); !strings.Contains(kept, "immutable") || worn.Header.Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("%q", kept)
		}
		own := sh.get(sheets[1][1]).want(t, http.StatusOK, "@layer custom{.hero { color: red; }   html { display: none; }")
		if open, closed := strings.Count(own.body, "{"), strings.Count(own.body, "}"); open != closed {
			t.Errorf("%d braces open and %d close: %s", open, closed, own.body)
		}
		if again := sh.get("/theme.css", "If-None-Match", worn.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%d for rules that are known", again.StatusCode)
		}
		sh.wear(theme.Theme{Settings: map[string]any{"theme": 7, "colors": "none", "type": []any{}}})
		sh.get("").want(t, http.StatusOK, `class="look-atelier header-centered"`)
	})
}
