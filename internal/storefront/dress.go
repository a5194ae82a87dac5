package storefront

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/shelf"
	"vitrine/internal/store"
	"vitrine/internal/theme"
	"vitrine/internal/web"
)

//go:embed looks/*.css
var looks embed.FS

// dress is what a shop's pages wear over the style sheet that all shops share.
type dress struct {
	theme.Look
	own              string // the merchant's rules
	sheetTag, ownTag string // name the content of the theme's rules, which are many shops', and of those
	inline           bool   // whether they stand in the page: nobody has saved them yet
}

// dressed returns what the pages of a store wear with a theme.
func dressed(s store.Store, t theme.Theme) dress {
	d := dress{Look: t.Look(), own: ownRules(s.CustomCSS, t.CustomCSS)}
	d.sheetTag, d.ownTag = digest(themeSheet(d.Look)), digest(d.own)
	return d
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// class gives the pages the marks that rules go by.
func (d dress) class() string { return "look-" + string(d.Style) + " header-" + string(d.Header) }

// inside is the page's own style element, of a preview.
func (d dress) inside() string {
	return strings.ReplaceAll(themeSheet(d.Look)+d.own, "</", `<\/`) // nothing ends it before its end
}

// preload is the file of the headings' typeface, or "" where the system has it.
func (d dress) preload() string {
	if f := faces[d.Heading]; f.file != "" {
		return web.Asset(f.file)
	}
	return ""
}

// face is a typeface as rules name it.
type face struct {
	family string
	weight int // of headings
	file   string
}

const sans = `system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif`

var faces = map[theme.Face]face{
	theme.Instrument: {`"Instrument Serif", "Iowan Old Style", Georgia, serif`, 400, "instrument-serif.woff2"},
	theme.Nunito:     {`Nunito, ` + sans, 800, "nunito.woff2"},
	theme.Grotesk:    {`"Space Grotesk", ` + sans, 600, "space-grotesk.woff2"},
	theme.Sans:       {sans, 700, ""},
	theme.Humanist:   {`Seravek, "Gill Sans Nova", Ubuntu, Calibri, "DejaVu Sans", source-sans-pro, sans-serif`, 600, ""},
	theme.Serif:      {`"Iowan Old Style", "Palatino Linotype", Palatino, P052, "URW Palladio L", Georgia, serif`, 500, ""},
	theme.Mono:       {`ui-monospace, "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace`, 600, ""},
}

// themeSheet are the rules of a look: its colors, faces and columns, and what its style
// does differently.
func themeSheet(l theme.Look) string {
	var b strings.Builder
	heading := faces[l.Heading]
	if heading.file != "" {
		family, _, _ := strings.Cut(heading.family, ",")
		fmt.Fprintf(&b, "@font-face{font-family:%s;font-weight:%d;font-display:swap;src:url(%s) format(\"woff2\")}\n", family, heading.weight, web.Asset(heading.file))
	}
	b.WriteString("@layer theme{:root{")
	light, dark := l.Colors.Light(), l.Colors.Dark()
	if light.Dark {
		b.WriteString("color-scheme:dark;")
	}
	for _, c := range []struct {
		name        string
		light, dark theme.Color
	}{
		{"bg", light.Background, dark.Background},
		{"surface", light.Surface, dark.Surface},
		{"fill", light.Fill, dark.Fill},
		{"fg", light.Text, dark.Text},
		{"muted", light.Muted, dark.Muted},
		{"link", light.Link, dark.Link},
		{"line", light.Line, dark.Line},
		{"field-line", light.FieldLine, dark.FieldLine},
		{"accent", light.Accent, dark.Accent},
		{"accent-hover", light.AccentHover, dark.AccentHover},
		{"on-accent", light.OnAccent, dark.OnAccent},
		{"sale", light.Sale, dark.Sale},
		{"on-sale", light.OnSale(), dark.OnSale()},
		{"ok", light.Good, dark.Good},
		{"bad", light.Bad, dark.Bad},
		{"star", light.Star, dark.Star},
	} {
		fmt.Fprintf(&b, "--%s:light-dark(%s,%s);", c.name, c.light, c.dark)
	}
	fmt.Fprintf(&b, "--heading:%s;--heading-weight:%d;--body:%s;--columns:%d}\n", heading.family, heading.weight, faces[l.Body].family, l.Columns)
	rules, _ := looks.ReadFile("looks/" + string(l.Style) + ".css") // every style has one
	b.Write(rules)
	b.WriteString("}\n")
	return b.String()
}

func (s *Storefront) dressRoutes() {
	s.page("GET /theme.css", func(w http.ResponseWriter, v *visit) error {
		return v.css(w, themeSheet(v.dress.Look), v.dress.sheetTag)
	})
	s.page("GET /custom.css", func(w http.ResponseWriter, v *visit) error { return v.css(w, v.dress.own, v.dress.ownTag) })
}

// css answers with rules. At the address that names them browsers keep them for ever.
func (v *visit) css(w http.ResponseWriter, rules, tag string) error {
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	if v.URL.Query().Get("v") == tag {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", `W/"`+tag+`"`)
	if strings.Contains(v.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, err := w.Write([]byte(rules)) //nolint:gosec // a style sheet, sent as one
	return err
}

// Preview answers with a page of a store as it would be with a theme, whether that is
// saved or not: "list", "product", which is the newest one, or else the home page. Its
// rules stand in the page, which nothing else is told of.
func (s *Storefront) Preview(w http.ResponseWriter, r *http.Request, st store.Store, t theme.Theme, page string) error {
	web.SecureShop(w)
	found, err := s.shops.find(r.Context(), st.Slug)
	if err != nil {
		return err
	}
	shown := *found
	shown.dress = dressed(st, t)
	shown.dress.inline = true
	sum := sha256.Sum256([]byte(shown.dress.inside()))
	h := w.Header()
	policy := strings.Replace(h.Get("Content-Security-Policy"), "style-src 'self'", "style-src 'self' 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", 1)
	h.Set("Content-Security-Policy", policy)
	v := &visit{place: place{st.Slug, ShopPath + st.Slug, ""}, shop: &shown, origin: web.Origin(r), Request: r.Clone(r.Context())}
	u := *r.URL
	u.Path, u.RawPath, u.RawQuery = "/", "", ""
	v.URL = &u
	switch page {
	case "list":
		return s.listProducts(w, v)
	case "product":
		return s.previewProduct(w, v)
	default:
		return s.showHome(w, v)
	}
}

func (s *Storefront) previewProduct(w http.ResponseWriter, v *visit) error {
	newest, _, err := shelf.List(v.Context(), s.DB, v.Store, shelf.Filter{}, catalog.Newest, db.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(newest) == 0 {
		return s.listProducts(w, v)
	}
	v.SetPathValue("slug", newest[0].Slug)
	return s.showProduct(w, v)
}
