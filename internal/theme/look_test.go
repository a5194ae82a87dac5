package theme_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"vitrine/internal/theme"
)

func TestLook_isWhatTheSettingsSayAndElseTheStyles(t *testing.T) {
	t.Parallel()
	read := func(settings string) theme.Look {
		var x theme.Theme
		if err := json.Unmarshal([]byte(settings), &x.Settings); err != nil {
			t.Fatal(err)
		}
		return x.Look()
	}
	full := `{"theme":"studio","colors":{"background":"#FFF","text":"#102030","accent":"#0a7"},"type":{"heading":"serif","body":"mono"},
		"layout":{"columns":5,"header":"centered"},"logo_url":"https://cdn.example/logo.svg","mine":[1]}`
	want := theme.Look{
		Style: theme.Studio, Heading: theme.Serif, Body: theme.Mono, Columns: 5, Header: theme.Centered, LogoURL: "https://cdn.example/logo.svg",
		Colors: theme.Colors{Background: theme.Color{R: 255, G: 255, B: 255}, Text: theme.Color{R: 0x10, G: 0x20, B: 0x30}, Accent: theme.Color{G: 0xaa, B: 0x77}},
	}
	if got := read(full); got != want {
		t.Errorf("%+v", got)
	}
	for _, style := range theme.Styles {
		if got := read(`{"theme":"` + string(style) + `"}`); got != theme.Default(style) || got.Style != style {
			t.Errorf("%s: %+v", style, got)
		}
	}
	for _, odd := range []string{
		`{}`, `{"theme":"nope"}`, `{"theme":7}`, `{"colors":"red"}`, `{"colors":{"background":"red","text":"#12","accent":null}}`,
		`{"layout":{"columns":"3","header":1}}`, `{"layout":{"columns":2.5}}`, `{"layout":{"columns":1e300}}`, `{"layout":[]}`,
		`{"type":{"heading":"Comic Sans","body":"instrument"}}`,
		`{"logo_url":"http://plain.example/x.png"}`, `{"logo_url":"javascript:alert(1)"}`, `{"logo_url":"//evil.example/x"}`, `{"logo_url":"/\\evil.example/x"}`,
	} {
		if got := read(odd); got != theme.Default(theme.Atelier) {
			t.Errorf("%s: %+v", odd, got)
		}
	}
	if got := read(`{"logo_url":"/media/ab/320.webp"}`); got.LogoURL != "/media/ab/320.webp" {
		t.Errorf("%+v", got)
	}
}

func TestLook_readsItsOwnSettings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := theme.Look{
			Style: rapid.SampledFrom(theme.Styles).Draw(t, "style"), Colors: colors(t), Columns: rapid.IntRange(theme.MinColumns, theme.MaxColumns).Draw(t, "columns"),
			Heading: rapid.SampledFrom(theme.Headings).Draw(t, "heading"), Body: rapid.SampledFrom(theme.Bodies).Draw(t, "body"),
			Header: rapid.SampledFrom(theme.HeaderKinds).Draw(t, "header"), LogoURL: rapid.SampledFrom([]string{"", "/media/x/1.webp"}).Draw(t, "logo"),
		}
		x := theme.Theme{Settings: l.Settings()}
		if got := x.Look(); !reflect.DeepEqual(got, l) {
			t.Fatalf("%+v becomes %+v", l, got)
		}
	})
}

func TestLook_takesOverWhatANewStyleHasWhereNothingWasChosen(t *testing.T) {
	t.Parallel()
	l := theme.Default(theme.Atelier)
	l.Style, l.Columns = theme.Studio, 5
	want := theme.Default(theme.Studio)
	want.Columns = 5
	if got := l.Restyled(theme.Atelier); got != want {
		t.Errorf("%+v", got)
	}
}

func colors(t *rapid.T) theme.Colors {
	one := func(name string) theme.Color {
		return theme.Color{R: rapid.Byte().Draw(t, name+" R"), G: rapid.Byte().Draw(t, name+" G"), B: rapid.Byte().Draw(t, name+" B")}
	}
	return theme.Colors{Background: one("background"), Text: one("text"), Accent: one("accent")}
}

// TestScheme_canBeReadWhateverIsChosen is WCAG's level AA.
func TestScheme_canBeReadWhateverIsChosen(t *testing.T) {
	t.Parallel()
	check := func(t rapid.TB, c theme.Colors, s theme.Scheme) {
		for name, ink := range map[string]theme.Color{"text": s.Text, "muted": s.Muted, "link": s.Link, "sale": s.Sale, "good": s.Good, "bad": s.Bad} {
			for ground, g := range map[string]theme.Color{"background": s.Background, "surface": s.Surface, "fill": s.Fill} {
				if got := theme.Contrast(ink, g); got < 4.5 {
					t.Errorf("%v: %s %s on %s %s has %.2f", c, name, ink, ground, g, got)
				}
			}
		}
		for name, ground := range map[string]theme.Color{"accent": s.Accent, "hovered accent": s.AccentHover} {
			if got := theme.Contrast(s.OnAccent, ground); got < 4.5 {
				t.Errorf("%v: %s on the %s %s has %.2f", c, s.OnAccent, name, ground, got)
			}
		}
		if got := theme.Contrast(s.FieldLine, s.Background); got < 3 {
			t.Errorf("%v: fields' lines have %.2f", c, got)
		}
	}
	for _, style := range theme.Styles {
		c := theme.Default(style).Colors
		check(t, c, c.Light())
		check(t, c, c.Dark())
		if s := c.Light(); s.Background != c.Background || s.Text != c.Text || s.Accent != c.Accent || s.Dark || !c.Dark().Dark {
			t.Errorf("%s is not as it was made: %+v", style, s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := colors(t)
		check(t, c, c.Light())
		check(t, c, c.Dark())
	})
}

func TestContrast_isThatOfWCAG(t *testing.T) {
	t.Parallel()
	parse := func(s string) theme.Color {
		c, ok := theme.ParseColor(s)
		if !ok {
			t.Fatal(s)
		}
		return c
	}
	for _, x := range []struct {
		a, b string
		want float64
	}{{"#000", "#fff", 21}, {"#777", "#fff", 4.48}, {"#767676", "#ffffff", 4.54}, {"#123456", "#123456", 1}} {
		if got := theme.Contrast(parse(x.a), parse(x.b)); got < x.want-0.006 || got > x.want+0.006 {
			t.Errorf("%s on %s: %.3f", x.a, x.b, got)
		}
	}
}

func FuzzParseColor(f *testing.F) {
	for _, s := range []string{"#fff", "#FFAA00", "fff", "#ffff", "", "#", "#ggg", " #abc ", "#éé"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := theme.ParseColor(s)
		if !ok {
			return
		}
		if again, ok := theme.ParseColor(c.String()); !ok || again != c {
			t.Errorf("%q becomes %s and then %s", s, c, again)
		}
	})
}
