package theme

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// Look is how a store's pages look, as its theme's settings say. Settings are any JSON
// object: what is missing or makes no sense in them is as the style has it.
type Look struct {
	Style   Style
	Colors  Colors
	Heading Face
	Body    Face
	Columns int // how many products stand side by side where there is room
	Header  Header
	LogoURL string // empty: the store's
}

// Style is one of the looks that every store can have.
type Style string

// The styles.
const (
	Atelier Style = "atelier" // quiet, with serifs and much room
	Market  Style = "market"  // friendly and round
	Studio  Style = "studio"  // a grid of hard lines
)

// Styles are all of them; the first is the one that a store has at first.
var Styles = []Style{Atelier, Market, Studio}

// Colors are those that a merchant chooses. All others are made from them.
type Colors struct{ Background, Text, Accent Color }

// Face is a typeface, or a row of them of which each system has one.
type Face string

// The typefaces. The first three are served; the others are those of the system.
const (
	Instrument Face = "instrument"
	Nunito     Face = "nunito"
	Grotesk    Face = "grotesk"
	Sans       Face = "sans"
	Humanist   Face = "humanist"
	Serif      Face = "serif"
	Mono       Face = "mono"
)

// Headings and Bodies are the faces that there are for each.
var (
	Headings = []Face{Instrument, Nunito, Grotesk, Sans, Humanist, Serif, Mono}
	Bodies   = []Face{Sans, Humanist, Serif, Mono}
)

// Header is how a page begins.
type Header string

// The headers.
const (
	Beside   Header = "beside"   // the name on the left, the search beside it
	Centered Header = "centered" // the name in the middle
)

// HeaderKinds are all headers.
var HeaderKinds = []Header{Beside, Centered}

// MinColumns and MaxColumns are how many products can stand side by side.
const (
	MinColumns = 2
	MaxColumns = 5
)

// defaults are the looks as they are before a merchant changes anything.
var defaults = map[Style]Look{
	Atelier: {
		Style: Atelier, Heading: Instrument, Body: Humanist, Columns: 3, Header: Centered,
		Colors: Colors{Background: Color{0xfb, 0xf9, 0xf4}, Text: Color{0x26, 0x21, 0x1c}, Accent: Color{0x33, 0x45, 0x3a}},
	},
	Market: {
		Style: Market, Heading: Nunito, Body: Sans, Columns: 4, Header: Beside,
		Colors: Colors{Background: Color{0xff, 0xfd, 0xf7}, Text: Color{0x1f, 0x2a, 0x37}, Accent: Color{0xc7, 0x3e, 0x1d}},
	},
	Studio: {
		Style: Studio, Heading: Grotesk, Body: Sans, Columns: 4, Header: Beside,
		Colors: Colors{Background: white, Text: Color{0x0a, 0x0a, 0x0a}, Accent: Color{0x1d, 0x2b, 0xe0}},
	},
}

// Default returns the look of a style that nobody has changed.
func Default(s Style) Look {
	if l, ok := defaults[s]; ok {
		return l
	}
	return defaults[Atelier]
}

// Look reads the settings.
func (t *Theme) Look() Look {
	s := reader(t.Settings)
	l := Default(Style(s.word("theme")))
	colors, faces, layout := s.inner("colors"), s.inner("type"), s.inner("layout")
	l.Colors.Background = colors.color("background", l.Colors.Background)
	l.Colors.Text = colors.color("text", l.Colors.Text)
	l.Colors.Accent = colors.color("accent", l.Colors.Accent)
	l.Heading = oneOf(Headings, faces.word("heading"), l.Heading)
	l.Body = oneOf(Bodies, faces.word("body"), l.Body)
	l.Header = oneOf(HeaderKinds, layout.word("header"), l.Header)
	if n, ok := layout["columns"].(float64); ok && n == float64(int(n)) && n >= MinColumns && n <= MaxColumns {
		l.Columns = int(n)
	}
	l.LogoURL = logo(s.word("logo_url"))
	return l
}

// Restyled returns the look as it is after its style was changed from old's: what was
// as that style has it is as the new one has it.
func (l Look) Restyled(old Style) Look {
	was, now := Default(old), Default(l.Style)
	swap(&l.Colors.Background, was.Colors.Background, now.Colors.Background)
	swap(&l.Colors.Text, was.Colors.Text, now.Colors.Text)
	swap(&l.Colors.Accent, was.Colors.Accent, now.Colors.Accent)
	swap(&l.Heading, was.Heading, now.Heading)
	swap(&l.Body, was.Body, now.Body)
	swap(&l.Columns, was.Columns, now.Columns)
	swap(&l.Header, was.Header, now.Header)
	return l
}

func swap[T comparable](field *T, was, now T) {
	if *field == was {
		*field = now
	}
}

// Settings returns the look as settings that read the same.
func (l Look) Settings() map[string]any {
	s := map[string]any{
		"theme":  string(l.Style),
		"colors": map[string]any{"background": l.Colors.Background.String(), "text": l.Colors.Text.String(), "accent": l.Colors.Accent.String()},
		"type":   map[string]any{"heading": string(l.Heading), "body": string(l.Body)},
		"layout": map[string]any{"columns": float64(l.Columns), "header": string(l.Header)},
	}
	if l.LogoURL != "" {
		s["logo_url"] = l.LogoURL
	}
	return s
}

// reader reads settings that may hold anything.
type reader map[string]any

func (r reader) inner(name string) reader {
	inner, _ := r[name].(map[string]any)
	return inner
}

func (r reader) word(name string) string {
	s, _ := r[name].(string)
	return strings.TrimSpace(s)
}

func (r reader) color(name string, fallback Color) Color {
	if c, ok := ParseColor(r.word(name)); ok {
		return c
	}
	return fallback
}

func oneOf[T ~string](all []T, s string, fallback T) T {
	if slices.Contains(all, T(s)) {
		return T(s)
	}
	return fallback
}

// maxAddress is how long the address of a picture can be.
const maxAddress = 2048

// logo returns an address where a page can load a picture from, or "": one of the
// platform's own, or one over TLS.
func logo(s string) string {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxAddress {
		return ""
	}
	own := u.Scheme == "" && u.Host == "" && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.Contains(s, `\`)
	if own || u.Scheme == "https" && u.Host != "" {
		return s
	}
	return ""
}

// NameOf is what a merchant calls a style, a face or a header.
func NameOf[T ~string](s T) string {
	return cmp.Or(names[string(s)], string(s))
}

var names = map[string]string{
	string(Atelier): "Atelier", string(Market): "Market", string(Studio): "Studio",
	string(Instrument): "Instrument Serif", string(Nunito): "Nunito", string(Grotesk): "Space Grotesk",
	string(Sans): "System sans", string(Humanist): "Humanist sans", string(Serif): "Book serif", string(Mono): "Monospace",
	string(Beside): "Name on the left", string(Centered): "Name in the middle",
}
