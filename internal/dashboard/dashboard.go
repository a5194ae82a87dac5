// Package dashboard is what merchants see: one Go and one templ file a page. It
// holds no rule and no SQL; its pages call the same domain functions as the API.
package dashboard

import (
	"context"
	"net/http"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/job"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

// Deps is what the dashboard stands on.
type Deps struct {
	DB       *db.DB
	Accounts *account.Service
	Jobs     *job.Runner

	PlatformDomain string // where stores have their storefronts
	DevPages       bool   // whether the kit can be looked at
}

// Dashboard serves the merchants' pages.
type Dashboard struct {
	Deps
	mux *http.ServeMux
}

// New returns the dashboard with every page registered.
func New(deps Deps) *Dashboard {
	d := &Dashboard{Deps: deps, mux: http.NewServeMux()}
	d.accountRoutes()
	d.storesRoutes()
	d.settingsRoutes()
	d.cloneRoutes()
	d.supplierRoutes()
	d.productRoutes()
	d.exchangeRoutes()
	d.categoryRoutes()
	d.discountRoutes()
	d.taxRuleRoutes()
	d.themeRoutes()
	d.profileRoutes()
	d.searchRoutes()
	d.kitRoutes()
	d.mux.Handle("/", web.Handler(func(http.ResponseWriter, *http.Request) error { return fault.Missing("page") }))
	return d
}

// Handler returns what serves the pages.
func (d *Dashboard) Handler() http.Handler { return web.Secure(d.mux) }

// visit is one request of somebody who is signed in.
type visit struct {
	*http.Request
	user  account.User
	store store.Store // of the path; zero where it names none
}

// page answers a visit.
type page func(w http.ResponseWriter, v *visit) error

// signedIn registers a page for whoever is signed in. Others are led to the sign-in
// page, and from there back.
func (d *Dashboard) signedIn(pattern string, p page) {
	d.mux.Handle(pattern, web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		user, err := account.Authenticate(r.Context(), d.DB, web.Session(r), d.DB.Now())
		if fault.Is(err, fault.Unauthorized) {
			return web.Redirect(w, r, signInPath(r))
		}
		if err != nil {
			return err
		}
		return p(w, &visit{Request: r, user: user})
	}))
}

// inStore registers a page below a store of the visitor's. rest is what follows the
// store in the path.
func (d *Dashboard) inStore(method, rest string, p page) {
	d.signedIn(method+" /dashboard/stores/{slug}"+rest, func(w http.ResponseWriter, v *visit) (err error) {
		if v.store, err = store.BySlug(v.Context(), d.DB, v.user.ID, v.PathValue("slug")); err != nil {
			return err
		}
		return p(w, v)
	})
}

// switcherLimit is how many stores the switcher shows; the rest are on their page.
const switcherLimit = 12

// frame returns what is around a page.
func (d *Dashboard) frame(w http.ResponseWriter, v *visit, title, current string) (web.Frame, error) {
	f := web.Frame{Title: title, User: v.user, Current: current, Theme: web.Theme(v.Request), Flash: web.Flashed(w, v.Request)}
	if !v.store.ID.IsZero() {
		f.Store = &v.store
	}
	var err error
	f.Stores, _, err = store.List(v.Context(), d.DB, v.user.ID, db.Page{Limit: switcherLimit})
	return f, err
}

// write runs a change in a transaction.
func write[T any](ctx context.Context, d *Dashboard, fn func(tx *db.Tx) (T, error), options ...db.Option) (T, error) {
	var done T
	err := d.DB.InTx(ctx, func(tx *db.Tx) (err error) {
		done, err = fn(tx)
		return err
	}, options...)
	return done, err
}
