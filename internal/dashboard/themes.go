package dashboard

import (
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/theme"
	"vitrine/internal/web"
)

func (d *Dashboard) themeRoutes() {
	d.inStore("GET", "/themes", d.listThemes)
	d.forRole(store.Staff, "GET", "/themes/new", d.showNewTheme)
	d.inStore("POST", "/themes", d.createTheme)
	d.inStore("GET", "/themes/{id}", d.showTheme)
	d.inStore("POST", "/themes/{id}", d.updateTheme)
	d.inStore("POST", "/themes/{id}/activate", d.activateTheme)
	d.forRole(store.Staff, "GET", "/themes/{id}/delete", d.askDeleteTheme)
	d.inStore("POST", "/themes/{id}/delete", d.deleteTheme)
}

func (d *Dashboard) listThemes(w http.ResponseWriter, v *visit) error {
	l, err := listed(v.Request, func(p db.Page) ([]theme.Theme, bool, error) {
		return theme.List(v.Context(), d.DB, v.store.ID, p)
	}, func(x theme.Theme) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Storefront theme", "themes")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, themesPage(frame, v.at("/themes"), l.rows, l.first, l.next))
}

func (d *Dashboard) showNewTheme(w http.ResponseWriter, v *visit) error {
	return d.themeForm(w, v, "Add theme", web.Form{}, theme.Theme{})
}

func (d *Dashboard) createTheme(w http.ResponseWriter, v *visit) error {
	t := theme.Theme{Settings: map[string]any{}}
	err := readTheme(v, &t)
	if err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (theme.Theme, error) { return theme.Create(v.Context(), tx, v.store.ID, t) })
	}
	if err != nil {
		return d.refuseTheme(w, v, "Add theme", err, t)
	}
	return done(w, v, v.at("/themes"), "The theme was added.")
}

func (d *Dashboard) showTheme(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	return d.themeForm(w, v, t.Name, web.Form{}, t)
}

func (d *Dashboard) updateTheme(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	title := t.Name
	if err = readTheme(v, &t); err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (theme.Theme, error) {
			return theme.Update(v.Context(), tx, v.store.ID, t.ID, func(stored *theme.Theme) { stored.Name, stored.CustomCSS = t.Name, t.CustomCSS })
		})
	}
	if err != nil {
		return d.refuseTheme(w, v, title, err, t)
	}
	return done(w, v, v.at("/themes"), "The theme was saved.")
}

func (d *Dashboard) activateTheme(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	_, err = write(v.Context(), d, func(tx *db.Tx) (theme.Theme, error) { return theme.Activate(v.Context(), tx, v.store.ID, t.ID) })
	if err != nil {
		return err
	}
	return done(w, v, v.at("/themes"), t.Name+" is the active theme now.")
}

func (d *Dashboard) askDeleteTheme(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	about := "Its settings and its CSS are lost."
	if t.Active {
		about += " It is the active one: without it the storefront has its plain look."
	}
	return d.confirmPage(w, v, "themes", web.Form{}, web.Confirmation{
		Title: "Delete " + t.Name + "?", About: about, Action: v.URL.Path, Button: "Delete theme", Back: v.at("/themes"),
	})
}

func (d *Dashboard) deleteTheme(w http.ResponseWriter, v *visit) error {
	t, err := d.theme(v)
	if err != nil {
		return err
	}
	if err := d.DB.InTx(v.Context(), func(tx *db.Tx) error { return theme.Delete(v.Context(), tx, v.store.ID, t.ID) }); err != nil {
		return err
	}
	return done(w, v, v.at("/themes"), "The theme was deleted.")
}

func (d *Dashboard) theme(v *visit) (theme.Theme, error) {
	t, err := pathID(v.Request, "id", "theme")
	if err != nil {
		return theme.Theme{}, err
	}
	return theme.Get(v.Context(), d.DB, v.store.ID, theme.ID{UUID: t})
}

// readTheme takes what the form says of a theme.
func readTheme(v *visit, t *theme.Theme) error {
	if err := form(v.Request); err != nil {
		return err
	}
	t.Name, t.CustomCSS = v.PostForm.Get("name"), optional(v.Request, "custom_css")
	return nil
}

func (d *Dashboard) refuseTheme(w http.ResponseWriter, v *visit, title string, err error, t theme.Theme) error {
	f, err := web.Refill(v.Request, err)
	if err != nil {
		return err
	}
	return d.themeForm(w, v, title, f, t)
}

func (d *Dashboard) themeForm(w http.ResponseWriter, v *visit, title string, f web.Form, t theme.Theme) error {
	action, back := v.at("/themes"), v.at("/themes")
	if !t.ID.IsZero() {
		action += "/" + t.ID.String()
	}
	return d.formPage(w, v, title, "themes", web.Crumb{Label: "Storefront theme", Href: back}, f.Values != nil, themeForm(f, action, back, t))
}
