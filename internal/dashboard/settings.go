package dashboard

import (
	"net/http"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) settingsRoutes() {
	d.inStore("GET", "/settings", d.showSettings)
	d.forRole(store.Admin, "POST", "/settings", d.saveSettings)
	d.forRole(store.Owner, "GET", "/delete", d.askDeleteStore)
	d.forRole(store.Owner, "POST", "/delete", d.deleteStore)
}

func (d *Dashboard) showSettings(w http.ResponseWriter, v *visit) error {
	return d.settings(w, v, http.StatusOK, web.Form{})
}

func (d *Dashboard) settings(w http.ResponseWriter, v *visit, status int, f web.Form) error {
	frame, err := d.frame(w, v, "Store Settings", "settings")
	if err != nil {
		return err
	}
	frame.Narrow = true
	return web.Render(w, v.Request, status, settingsPage(frame, settingsTabs(v, "General"), f))
}

func (d *Dashboard) saveSettings(w http.ResponseWriter, v *visit) error {
	sent, err := d.formWithPictures(w, v, 1<<20)
	if err != nil {
		return err
	}
	if err := takeLooks(v.Request, sent); err != nil {
		return d.refuseSettings(w, v, err)
	}
	_, err = write(v.Context(), d, func(tx *db.Tx) (store.Store, error) {
		return setup.Change(v.Context(), tx, v.store.ID, func(s *store.Store) { readSettings(v.Request, s) })
	})
	if err != nil {
		return d.refuseSettings(w, v, err)
	}
	return done(w, v, v.at("/settings"), "The settings were saved.")
}

func (d *Dashboard) refuseSettings(w http.ResponseWriter, v *visit, err error) error {
	f, err := web.Refill(v.Request, err, "name", "niche", "description", "store_type", "status", "currency", "logo_url", "favicon_url", "custom_css")
	if err != nil {
		return err
	}
	return d.settings(w, v, http.StatusUnprocessableEntity, f)
}

// takeLooks puts the addresses of uploaded pictures where others are typed: those of
// logo_file into logo_url.
func takeLooks(r *http.Request, sent []sentPicture) error {
	var f fault.Form
	for _, s := range sent {
		name, ends := strings.CutSuffix(s.Field, "_file")
		switch {
		case !ends || name != "logo" && name != "favicon":
		case s.Wrong != "":
			f.Addf(name+"_url", nil, "could not be taken from %s: %s", s.Name, s.Wrong)
		default:
			r.PostForm.Set(name+"_url", s.Address)
		}
	}
	return f.Err()
}

func readSettings(r *http.Request, s *store.Store) {
	s.Name, s.Niche, s.Description = r.PostForm.Get("name"), optional(r, "niche"), optional(r, "description")
	s.Type, s.Status = store.Type(r.PostForm.Get("store_type")), store.Status(r.PostForm.Get("status"))
	s.Currency = money.Currency(r.PostForm.Get("currency"))
	s.LogoURL, s.FaviconURL, s.CustomCSS = optional(r, "logo_url"), optional(r, "favicon_url"), optional(r, "custom_css")
}

func (d *Dashboard) askDeleteStore(w http.ResponseWriter, v *visit) error {
	return d.confirmPage(w, v, "settings", web.Form{}, deletion(v))
}

func deletion(v *visit) web.Confirmation {
	return web.Confirmation{
		Title: "Delete " + v.store.Name + "?", About: "Its storefront closes at once, and its products, orders and customers can no longer be reached. Its place in your plan is free again.",
		Action: v.at("/delete"), Button: "Delete store", Back: v.at("/settings"), Name: v.store.Name,
	}
}

func (d *Dashboard) deleteStore(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	if v.PostForm.Get("confirm") != v.store.Name {
		return d.refuseQuestion(w, v, "settings", fault.Invalidf("confirm", "must be the store's name, %s", v.store.Name), deletion(v))
	}
	err := d.DB.InTx(v.Context(), func(tx *db.Tx) error { return d.Domains.DeleteStore(v.Context(), tx, v.user.ID, v.store.ID) })
	if err != nil {
		return err
	}
	return done(w, v, "/dashboard/stores", v.store.Name+" was deleted.")
}

// settingsTabs are the parts of a store's settings that the visitor may see.
func settingsTabs(v *visit, current string) []web.Tab {
	tabs := []web.Tab{
		{Label: "General", Href: v.at("/settings")},
		{Label: "Shipping", Href: v.at("/shipping")},
		{Label: "Custom Domain", Href: v.at("/domain")},
		{Label: "Pictures", Href: v.at("/pictures")},
		{Label: "Members", Href: membersAt(v)},
	}
	if v.role.Includes(store.Admin) {
		tabs = append(tabs, web.Tab{Label: "Webhooks", Href: webhooksAt(v)})
	}
	if v.role.Includes(store.Owner) {
		tabs = append(tabs, web.Tab{Label: "Activity", Href: v.at("/settings/activity")})
	}
	tabs = append(tabs, web.Tab{Label: "API tokens", Href: profilePath + "#tokens"})
	for i := range tabs {
		tabs[i].Current = tabs[i].Label == current
	}
	return tabs
}
