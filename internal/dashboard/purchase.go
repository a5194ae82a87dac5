package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/purchase"
	"vitrine/internal/registrar"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) purchaseRoutes() {
	d.inStore("GET", "/domain/search", d.searchDomains)
	d.forRole(store.Owner, "GET", "/domain/buy", d.showBuy)
	d.forRole(store.Owner, "POST", "/domain/buy", d.buyDomain)
	d.forRole(store.Owner, "GET", "/domain/renew", d.showRenew)
	d.forRole(store.Owner, "POST", "/domain/renew", d.renewDomain)
	d.forRole(store.Owner, "POST", "/domain/auto-renew", d.switchAutoRenew)
	d.signedIn("GET /dashboard/domains", d.ownedDomains)
}

// searchDomains shows what a name costs under several endings.
func (d *Dashboard) searchDomains(w http.ResponseWriter, v *visit) error {
	query := v.URL.Query().Get("q")
	view := offersView{at: v.at("/domain"), query: query, form: web.Form{Values: url.Values{"q": {query}}}}
	status := http.StatusOK
	if v.URL.Query().Has("q") {
		found, err := d.Purchases.Search(v.Context(), query, nil)
		if err != nil {
			f, unknown := web.Refill(v.Request, err, "q")
			if unknown != nil {
				return unknown
			}
			f.Values = view.form.Values
			status, view.form = http.StatusUnprocessableEntity, f
		}
		view.found, view.asked = found, err == nil
	}
	frame, err := d.domainFrame(w, v, "Search for a Domain")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, status, searchDomainsPage(frame, view))
}

// offersView is what a search found, as its page shows it.
type offersView struct {
	at    string // of the custom domain
	query string
	form  web.Form
	found purchase.Found
	asked bool
}

// buyView is the form that buys a name.
type buyView struct {
	at      string // of the custom domain
	offer   registrar.Offer
	most    int // years that can be bought at once
	contact registrar.Contact
	paidHow string
}

// paidHow says who takes the money for a name.
func (d *Dashboard) paidHow() string {
	if d.testPayments() {
		return "The payment is a test: no money moves."
	}
	return "The card of your account is charged once the name is yours."
}

func (d *Dashboard) showBuy(w http.ResponseWriter, v *visit) error {
	return d.buyPage(w, v, http.StatusOK, v.URL.Query().Get("domain"), web.Form{})
}

func (d *Dashboard) buyPage(w http.ResponseWriter, v *visit, status int, name string, f web.Form) error {
	offer, err := d.Purchases.Offer(v.Context(), name)
	if err != nil {
		return err
	}
	contact, err := purchase.LastContact(v.Context(), d.DB, v.user.ID)
	if err != nil {
		return err
	}
	if contact.Email == "" {
		contact.Email = v.user.Email
	}
	frame, err := d.domainFrame(w, v, "Buy "+offer.Domain)
	if err != nil {
		return err
	}
	view := buyView{at: v.at("/domain"), offer: offer, most: d.Purchases.MaxFirstTerm(), contact: contact, paidHow: d.paidHow()}
	return web.Render(w, v.Request, status, buyPage(frame, f, view))
}

// buyFields are those of the form that buys a name.
var buyFields = []string{"years", "first_name", "last_name", "email", "phone", "address", "city", "state", "zip_code", "country"}

// buyDomain buys a name at the price that the form showed.
func (d *Dashboard) buyDomain(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	o, err := d.readOrder(v.PostForm)
	if err == nil {
		_, err = d.Purchases.Buy(v.Context(), v.store, o, nil)
	}
	switch {
	case err == nil:
		return done(w, v, v.at("/domain"), o.Domain+" is yours.")
	case fault.Code(err) == "purchase_pending":
		return done(w, v, v.at("/domain"), err.Error())
	}
	f, unknown := web.Refill(v.Request, flat(err), buyFields...)
	if unknown != nil {
		return unknown
	}
	return d.buyPage(w, v, http.StatusUnprocessableEntity, v.PostForm.Get("domain"), f)
}

// flat names the fields of a contact as the form does.
func flat(err error) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != fault.Invalid {
		return err
	}
	var f fault.Form
	for _, field := range e.Fields {
		f.Addf(strings.TrimPrefix(field.Path, "contact_info."), field.Value, "%s", field.Message)
	}
	return f.Err()
}

func (d *Dashboard) readOrder(form url.Values) (purchase.Order, error) {
	var f fault.Form
	price, err := d.Purchases.Currency().Parse(form.Get("price"))
	if err != nil {
		f.Addf("price", form.Get("price"), "%s", err)
	}
	years, _ := strconv.Atoi(form.Get("years"))
	return purchase.Order{
		Domain: form.Get("domain"), Years: years, Price: price,
		Contact: registrar.Contact{
			FirstName: form.Get("first_name"), LastName: form.Get("last_name"), Email: form.Get("email"), Phone: form.Get("phone"),
			Address: form.Get("address"), City: form.Get("city"), State: form.Get("state"), Country: form.Get("country"), ZIP: form.Get("zip_code"),
		},
	}, f.Err()
}

func (d *Dashboard) showRenew(w http.ResponseWriter, v *visit) error {
	return d.renewPage(w, v, http.StatusOK, web.Form{})
}

func (d *Dashboard) renewPage(w http.ResponseWriter, v *visit, status int, f web.Form) error {
	now, err := domain.Get(v.Context(), d.DB, v.store.ID)
	if err != nil {
		return err
	}
	if !now.Purchase.Bought || now.Purchase.Expires == nil {
		return domain.ErrNotBought
	}
	offer, err := d.Purchases.Offer(v.Context(), now.Name)
	if err != nil {
		return err
	}
	frame, err := d.domainFrame(w, v, "Renew "+now.Name)
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, status, renewPage(frame, f, v.at("/domain"), now, offer, purchase.Terms(*now.Purchase.Expires, d.DB.Now()), d.paidHow()))
}

func (d *Dashboard) renewDomain(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	years, _ := strconv.Atoi(v.PostForm.Get("years"))
	bought, err := d.Purchases.Renew(v.Context(), v.store.ID, years, nil)
	if fault.Code(err) == "purchase_pending" {
		return done(w, v, v.at("/domain"), err.Error())
	}
	if err != nil {
		f, unknown := web.Refill(v.Request, err, "years")
		if unknown != nil {
			return unknown
		}
		return d.renewPage(w, v, http.StatusUnprocessableEntity, f)
	}
	return done(w, v, v.at("/domain"), bought.Domain.Name+" is yours until "+bought.Purchase.Expires.Format(time.DateOnly)+".")
}

func (d *Dashboard) switchAutoRenew(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	on := v.PostForm.Get("auto_renew") == "true"
	now, err := write(v.Context(), d, func(tx *db.Tx) (domain.Domain, error) {
		return domain.SetAutoRenew(v.Context(), tx, v.store.ID, on)
	})
	if err != nil {
		return err
	}
	message := now.Name + " is not renewed by itself any more."
	if on {
		message = now.Name + " is renewed by itself, 30 days before it ends."
	}
	return done(w, v, v.at("/domain"), message)
}

func (d *Dashboard) ownedDomains(w http.ResponseWriter, v *visit) error {
	all, err := domain.Owned(v.Context(), d.DB, v.user.ID, true)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Domains", "domains")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, ownedPage(frame, all, d.DB.Now()))
}
