package dashboard

import (
	"net/http"
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
	return d.Preview(w, v.Request, v.store, t)
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
	return d.Preview(w, v.Request, v.store, t)
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
	old := t.Look().Style
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
	t.Settings = l.Restyled(old).Settings()
	return f.Err()
}

// Previewer answers with a store's home page as it would be with a theme.
type Previewer func(http.ResponseWriter, *http.Request, store.Store, theme.Theme) error

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
