package dashboard

import (
	"net/http"
	"slices"
	"strconv"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
	"vitrine/internal/theme"
	"vitrine/internal/web"
)

func (d *Dashboard) lookRoutes() {
	d.inStore("GET", "/themes/{id}/look", d.showLook)
	d.inStore("POST", "/themes/{id}/look", d.saveLook)
	d.inStore("POST", "/themes/{id}/look/style", d.restyle)
	d.inStore("GET", "/themes/{id}/preview", d.previewSaved)
	d.inStore("POST", "/themes/{id}/preview", d.previewTyped)
}

func (d *Dashboard) showLook(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	return d.lookEditor(w, v, http.StatusOK, web.Form{}, t)
}

func (d *Dashboard) lookEditor(w http.ResponseWriter, v *visit, status int, f web.Form, t theme.Theme) error {
	frame, err := d.frame(w, v, t.Name, "themes")
	if err != nil {
		return err
	}
	frame.Crumbs = []web.Crumb{{Label: "Storefront theme", Href: v.at("/themes")}}
	return web.Render(w, v.Request, status, lookPage(frame, f, v.at("/themes/"+t.ID.String()), t))
}

// saveLook keeps what was chosen beside what else the theme's settings hold.
func (d *Dashboard) saveLook(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	typed := t
	if err = readLook(v, &typed); err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (theme.Theme, error) {
			return theme.Update(v.Context(), tx, v.store.ID, t.ID, func(stored *theme.Theme) {
				stored.Merge(lookPatch(typed))
				stored.CustomCSS = typed.CustomCSS
			})
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.lookEditor(w, v, http.StatusUnprocessableEntity, f, t)
	}
	return done(w, v, v.at("/themes/"+t.ID.String()+"/look"), "The theme was saved.")
}

// lookPatch are the settings that the editor knows, as a change.
func lookPatch(t theme.Theme) map[string]any {
	patch := t.Look().Settings()
	if _, there := patch["logo_url"]; !there {
		patch["logo_url"] = nil // takes out the one that was
	}
	return patch
}

func (d *Dashboard) previewSaved(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	return d.Preview(w, v.Request, v.store, t, v.URL.Query().Get("page"))
}

// restyle answers with the form as it is after another style was chosen: what was as
// the one before has it is as the new one has it.
func (d *Dashboard) restyle(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	if err := readLook(v, &t); err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, lookForm(web.Form{}, v.at("/themes/"+t.ID.String()), t, t.Look()))
}

// previewTyped shows what the form says, without keeping it. What makes no sense in it
// shows as it does in a theme.
func (d *Dashboard) previewTyped(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	if err := readLook(v, &t); err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	return d.Preview(w, v.Request, v.store, t, v.PostForm.Get("page"))
}

// readLook takes what the form says of a theme's looks, and tells what is wrong in it.
func readLook(v *visit, t *theme.Theme) error {
	if err := form(v.Request); err != nil {
		return err
	}
	value := v.PostForm.Get
	var f fault.Form
	for _, name := range []string{"background", "text", "accent"} {
		if _, ok := theme.ParseColor(value(name)); !ok {
			f.Addf(name, nil, "must be a color such as #1a2b3c")
		}
	}
	columns, err := strconv.Atoi(value("columns"))
	if err != nil || columns < theme.MinColumns || columns > theme.MaxColumns {
		f.Addf("columns", nil, "must be from %d to %d", theme.MinColumns, theme.MaxColumns)
	}
	before := t.Look().Style
	if i := slices.Index(theme.Styles, theme.Style(value("styled"))); i >= 0 {
		before = theme.Styles[i]
	}
	t.CustomCSS = optional(v.Request, "custom_css")
	t.Settings = map[string]any{
		"theme":    value("style"),
		"colors":   map[string]any{"background": value("background"), "text": value("text"), "accent": value("accent")},
		"type":     map[string]any{"heading": value("heading"), "body": value("body")},
		"layout":   map[string]any{"columns": float64(columns), "header": value("header")},
		"logo_url": value("logo_url"),
	}
	l := t.Look()
	if value("logo_url") != "" && l.LogoURL == "" {
		f.Addf("logo_url", nil, "must be an https address")
	}
	t.Settings = l.Restyled(before).Settings()
	return f.Err()
}

// Previewer answers with one of a store's pages as it would be with a theme.
type Previewer func(w http.ResponseWriter, r *http.Request, st store.Store, t theme.Theme, page string) error

// previewed are the pages that can be looked at.
var previewed = []web.Option{{Value: "home", Label: "Home page"}, {Value: "list", Label: "All products"}, {Value: "product", Label: "A product"}}

// named are the choices of a field.
func named[T ~string](all []T) []web.Option {
	options := make([]web.Option, len(all))
	for i, one := range all {
		options[i] = web.Option{Value: string(one), Label: theme.NameOf(one)}
	}
	return options
}

func columnOptions() []web.Option {
	var options []web.Option
	for n := theme.MinColumns; n <= theme.MaxColumns; n++ {
		options = append(options, web.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
	return options
}

// colorAdvice tells where a color is not shown as it was chosen, since it could not be
// read.
func colorAdvice(l theme.Look) string {
	shown := l.Colors.Light()
	if shown.Text == l.Colors.Text {
		return ""
	}
	return l.Colors.Text.String() + " can hardly be read on this background: shoppers see " + shown.Text.String() + "."
}
