package dashboard

import (
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) storesRoutes() {
	d.signedIn("GET /dashboard", d.home)
	d.signedIn("GET /dashboard/stores", d.listStores)
	d.signedIn("GET /dashboard/stores/new", d.showNewStore)
	d.signedIn("POST /dashboard/stores", d.createStore)
	d.inStore("GET", "", d.showHome)
}

// home leads to the one store, or to the choice among several.
func (d *Dashboard) home(w http.ResponseWriter, v *visit) error {
	stores, _, err := store.List(v.Context(), d.DB, v.user.ID, db.Page{Limit: 2})
	if err != nil {
		return err
	}
	if len(stores) == 1 {
		return web.Redirect(w, v.Request, web.StorePath(stores[0]))
	}
	return web.Redirect(w, v.Request, "/dashboard/stores")
}

func (d *Dashboard) listStores(w http.ResponseWriter, v *visit) error {
	l, err := listed(v.Request, func(p db.Page) ([]store.Store, bool, error) {
		return store.List(v.Context(), d.DB, v.user.ID, p)
	}, func(x store.Store) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	shown := storeList{listing: l}
	stores := make([]store.ID, len(l.rows))
	for i, s := range l.rows {
		stores[i] = s.ID
	}
	if shown.last, err = order.Latest(v.Context(), d.DB, stores); err != nil {
		return err
	}
	if shown.domains, err = domain.Of(v.Context(), d.DB, stores); err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Stores", "stores")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, storesPage(frame, shown, d.PlatformDomain))
}

// storeList is a page of stores with what is known of each.
type storeList struct {
	listing[store.Store]
	last    map[store.ID]order.Last
	domains map[store.ID]domain.Domain
}

// address is the name that a store answers at, and whether it is one of its own.
func (l storeList) address(s store.Store, platform string) (name string, own bool) {
	if d, has := l.domains[s.ID]; has {
		return d.Name, true
	}
	return s.Slug + "." + platform, false
}

func (d *Dashboard) showNewStore(w http.ResponseWriter, v *visit) error {
	return d.renderNewStore(w, v, http.StatusOK, web.Form{})
}

func (d *Dashboard) renderNewStore(w http.ResponseWriter, v *visit, status int, f web.Form) error {
	frame, err := d.frame(w, v, "Create store", "stores")
	if err != nil {
		return err
	}
	frame.Narrow, frame.Crumbs = true, []web.Crumb{{Label: "Stores", Href: "/dashboard/stores"}}
	return web.Render(w, v.Request, status, newStorePage(frame, f))
}

func (d *Dashboard) createStore(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	wanted := store.New(v.PostForm.Get("name"))
	wanted.Type = store.Type(v.PostForm.Get("store_type"))
	wanted.Currency = money.Currency(v.PostForm.Get("currency"))
	if niche := v.PostForm.Get("niche"); niche != "" {
		wanted.Niche = &niche
	}
	made, err := write(v.Context(), d, func(tx *db.Tx) (store.Store, error) { return setup.Open(v.Context(), tx, v.user.ID, wanted) })
	if err != nil {
		f, err := web.Refill(v.Request, err, "name", "store_type", "currency", "niche")
		if err != nil {
			return err
		}
		return d.renderNewStore(w, v, http.StatusUnprocessableEntity, f)
	}
	return web.Redirect(w, v.Request, web.StorePath(made))
}
