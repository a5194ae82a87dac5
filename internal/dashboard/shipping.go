package dashboard

import (
	"net/http"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) shippingRoutes() {
	d.inStore("GET", "/shipping", d.showShipping)
	d.forRole(store.Admin, "POST", "/shipping", d.saveShipping)
}

func (d *Dashboard) showShipping(w http.ResponseWriter, v *visit) error {
	return d.shipping(w, v, http.StatusOK, web.Form{})
}

func (d *Dashboard) shipping(w http.ResponseWriter, v *visit, status int, f web.Form) error {
	frame, err := d.frame(w, v, "Shipping", "settings")
	if err != nil {
		return err
	}
	frame.Narrow, frame.Crumbs = true, []web.Crumb{{Label: "Settings", Href: v.at("/settings")}}
	return web.Render(w, v.Request, status, shippingPage(frame, settingsTabs(v, "Shipping"), f, v.at("/shipping")))
}

func (d *Dashboard) saveShipping(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form // amounts are read in the currency that the store has by then
	_, err := write(v.Context(), d, func(tx *db.Tx) (store.Store, error) {
		f = fault.Form{}
		s, err := setup.Change(v.Context(), tx, v.store.ID, func(s *store.Store) { readShipping(&f, v.Request, s) })
		return s, both(f, err)
	})
	if err != nil {
		f, err := web.Refill(v.Request, err, "rate", "free_over")
		if err != nil {
			return err
		}
		return d.shipping(w, v, http.StatusUnprocessableEntity, f)
	}
	return done(w, v, v.at("/shipping"), "Shipping was saved.")
}

// readShipping sets what a form says of shipping. What cannot be read goes to f.
func readShipping(f *fault.Form, r *http.Request, s *store.Store) {
	rate := strings.TrimSpace(r.PostForm.Get("rate"))
	n, err := s.Currency.Parse(rate)
	if err != nil {
		f.Addf("rate", rate, "%s", err)
	}
	s.Shipping, s.FreeOver = n, nil
	if over := optional(r, "free_over"); over != nil {
		n, err := s.Currency.Parse(*over)
		if err != nil {
			f.Addf("free_over", *over, "%s", err)
		}
		s.FreeOver = &n
	}
}
