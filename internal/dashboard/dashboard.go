// Package dashboard is what merchants see: one Go and one templ file a page. It
// holds no rule and no SQL; its pages call the same domain functions as the API.
package dashboard

import (
	"context"
	"net/http"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
	"vitrine/internal/mail"
	"vitrine/internal/media"
	"vitrine/internal/observe"
	"vitrine/internal/order"
	"vitrine/internal/payment"
	"vitrine/internal/purchase"
	"vitrine/internal/store"
	"vitrine/internal/till"
	"vitrine/internal/web"
	"vitrine/internal/webhook"
)

// Deps is what the dashboard stands on.
type Deps struct {
	DB        *db.DB
	Accounts  *account.Service
	Stock     *inventory.Writer
	Orders    *order.Service
	Jobs      *job.Runner
	Webhooks  *webhook.Service
	Domains   *domain.Service
	Purchases *purchase.Service
	Payments  payment.Provider
	Till      *till.Service
	Mails     *mail.Service // that the outbox shows; nil: there is none
	Silent    bool          // no mail leaves the platform
	Media     *media.Service

	Preview   Previewer
	OrderPage func(store.Store, order.Order) string // where an order's shopper sees it

	PlatformDomain string // where stores have their storefronts
	DevPages       bool   // whether the kit can be looked at
}

// Dashboard serves the merchants' pages.
type Dashboard struct {
	Deps
	mux      *http.ServeMux
	patterns []string // that pages are registered for, for tests that try each
}

// New returns the dashboard with every page registered.
func New(deps Deps) *Dashboard {
	d := &Dashboard{Deps: deps, mux: http.NewServeMux()}
	d.accountRoutes()
	d.storesRoutes()
	d.settingsRoutes()
	d.shippingRoutes()
	d.domainRoutes()
	d.recordRoutes()
	d.changeRoutes()
	d.purchaseRoutes()
	d.cloneRoutes()
	d.supplierRoutes()
	d.productRoutes()
	d.libraryRoutes()
	d.exchangeRoutes()
	d.categoryRoutes()
	d.discountRoutes()
	d.taxRuleRoutes()
	d.themeRoutes()
	d.lookRoutes()
	d.profileRoutes()
	d.passwordRoutes()
	d.activityRoutes()
	d.secondFactorRoutes()
	d.searchRoutes()
	d.kitRoutes()
	d.mailRoutes()
	d.warehouseRoutes()
	d.inventoryRoutes()
	d.stockRoutes()
	d.orderRoutes()
	d.customerRoutes()
	d.analyticsRoutes()
	d.reviewRoutes()
	d.memberRoutes()
	d.webhookRoutes()
	d.mux.Handle("/", web.Handler(func(http.ResponseWriter, *http.Request) error { return fault.Missing("page") }))
	return d
}

// Handler returns what serves the pages.
func (d *Dashboard) Handler() http.Handler {
	return web.Secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mux.ServeHTTP(w, r)
		observe.Route(r.Context(), r.Pattern)
	}))
}

// visit is one request of somebody who is signed in.
type visit struct {
	*http.Request
	user  account.User
	store store.Store // of the path; zero where it names none
	role  store.Role  // in it
}

// page answers a visit.
type page func(w http.ResponseWriter, v *visit) error

// signedIn registers a page for whoever is signed in. Others are led to the sign-in
// page, and from there back.
func (d *Dashboard) signedIn(pattern string, p page) {
	d.handle(pattern, p, func(r *http.Request, v *visit) (err error) {
		v.user, err = account.Authenticate(r.Context(), d.DB.Prepared(), web.Session(r), d.DB.Now())
		v.Request = r.WithContext(v.user.Acts(r.Context()))
		return err
	})
}

// inStore registers a page below a store that the visitor may see. rest is what
// follows the store in the path. As in the API, a viewer may look and staff may
// write; what takes more, or is a form to write with, is registered by forRole.
func (d *Dashboard) inStore(method, rest string, p page) {
	least := store.Staff
	if method == http.MethodGet {
		least = store.Viewer
	}
	d.forRole(least, method, rest, p)
}

// forRole is inStore for a page that takes a role. Whoever has a lower one is told so.
func (d *Dashboard) forRole(least store.Role, method, rest string, p page) {
	d.handle(method+" /dashboard/stores/{slug}"+rest, p, func(r *http.Request, v *visit) error {
		if err := d.enter(r, v, r.PathValue("slug")); err != nil {
			return err
		}
		return v.role.Allow(least)
	})
}

// enter finds who the visitor is and what they may do in a store.
func (d *Dashboard) enter(r *http.Request, v *visit, slug string) error {
	found, err := store.EnterBySlug(r.Context(), d.DB.Prepared(), web.Session(r), slug, d.DB.Now())
	if err != nil {
		return err
	}
	v.user, v.store, v.role = found.User, found.Store, found.Role
	v.Request = r.WithContext(found.User.Acts(web.WithRole(r.Context(), found.Role)))
	return nil
}

// handle registers a page that is shown to whom let lets in.
func (d *Dashboard) handle(pattern string, p page, let func(*http.Request, *visit) error) {
	d.patterns = append(d.patterns, pattern)
	d.mux.Handle(pattern, web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		v := &visit{Request: r}
		err := let(r, v)
		if fault.Is(err, fault.Unauthorized) {
			return web.Redirect(w, r, signInPath(r))
		}
		if err != nil {
			return err
		}
		return p(w, v)
	}))
}

// inStock is a page about stock, which not every store owns.
func inStock(p page) page {
	return func(w http.ResponseWriter, v *visit) error {
		if err := inventory.Require(v.store); err != nil {
			return err
		}
		return p(w, v)
	}
}

// switcherLimit is how many stores the switcher shows; the rest are on their page.
const switcherLimit = 12

// frame returns what is around a page.
func (d *Dashboard) frame(w http.ResponseWriter, v *visit, title, current string) (web.Frame, error) {
	f := web.Frame{Title: title, User: v.user, Current: current, Theme: web.Theme(v.Request), Flash: web.Flashed(w, v.Request)}
	if !v.store.ID.IsZero() {
		f.Store, f.Role = &v.store, v.role
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
