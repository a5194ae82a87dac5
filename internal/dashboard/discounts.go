package dashboard

import (
	"net/http"
	"slices"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) discountRoutes() {
	d.inStore("GET", "/discounts", d.listDiscounts)
	d.forRole(store.Staff, "GET", "/discounts/new", d.showNewDiscount)
	d.inStore("POST", "/discounts", d.createDiscount)
	d.inStore("GET", "/discounts/{id}", d.showDiscount)
	d.inStore("POST", "/discounts/{id}", d.updateDiscount)
	d.forRole(store.Staff, "GET", "/discounts/{id}/delete", d.askDeleteDiscount)
	d.inStore("POST", "/discounts/{id}/delete", d.deleteDiscount)
}

func (d *Dashboard) listDiscounts(w http.ResponseWriter, v *visit) error {
	l, err := listed(v.Request, func(p db.Page) ([]pricing.Discount, bool, error) {
		return pricing.ListDiscounts(v.Context(), d.DB, v.store.ID, p)
	}, func(x pricing.Discount) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Discounts", "discounts")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, discountsPage(frame, v.at("/discounts"), v.store.Currency, d.DB.Now(), l.rows, l.first, l.next))
}

// discountEditor is what the page of one discount shows.
type discountEditor struct {
	discountDraft
	Form     web.Form
	Stored   *pricing.Discount // nil for a new one
	Action   string
	Back     string
	Currency money.Currency
	Zone     string // that its moments are in
	Tree     []catalog.Branch
	Picked   []choice // products that it counts for
	Found    []choice // products that a search found
	Dirty    bool
}

// choice is something to tick.
type choice struct{ ID, Label string }

func (d *Dashboard) showNewDiscount(w http.ResponseWriter, v *visit) error {
	e := discountEditor{discountDraft: discountDraftOf(pricing.NewDiscount("", pricing.Percentage), v.store.Currency, time.UTC), Action: v.at("/discounts"), Dirty: true}
	return d.editDiscount(w, v, http.StatusOK, e)
}

func (d *Dashboard) createDiscount(w http.ResponseWriter, v *visit) error {
	if err := formOf(v.Request, maxEditor); err != nil {
		return err
	}
	e := discountEditor{discountDraft: readDiscount(v.Request), Action: v.at("/discounts"), Dirty: true}
	if v.PostForm.Get("step") != "" {
		return d.findForDiscount(w, v, e)
	}
	var f fault.Form
	s := pricing.NewDiscount("", "")
	e.apply(&f, &s, v.store.Currency, web.Zone(v.Request))
	_, err := write(v.Context(), d, func(tx *db.Tx) (pricing.Discount, error) {
		made, err := pricing.CreateDiscount(v.Context(), tx, v.store.ID, s)
		return made, both(f, err)
	})
	if err != nil {
		return d.refuseDiscount(w, v, e, err)
	}
	return done(w, v, v.at("/discounts"), "The discount was added.")
}

func (d *Dashboard) showDiscount(w http.ResponseWriter, v *visit) error {
	s, err := d.discount(v)
	if err != nil {
		return err
	}
	e := discountEditor{discountDraft: discountDraftOf(s, v.store.Currency, web.Zone(v.Request)), Stored: &s, Action: v.URL.Path}
	return d.editDiscount(w, v, http.StatusOK, e)
}

func (d *Dashboard) updateDiscount(w http.ResponseWriter, v *visit) error {
	s, err := d.discount(v)
	if err != nil {
		return err
	}
	if err := formOf(v.Request, maxEditor); err != nil {
		return err
	}
	e := discountEditor{discountDraft: readDiscount(v.Request), Stored: &s, Action: v.URL.Path, Dirty: true}
	if v.PostForm.Get("step") != "" {
		return d.findForDiscount(w, v, e)
	}
	_, err = write(v.Context(), d, func(tx *db.Tx) (pricing.Discount, error) {
		var f fault.Form
		changed, err := pricing.UpdateDiscount(v.Context(), tx, v.store.ID, s.ID, func(stored *pricing.Discount) {
			f = fault.Form{}
			e.apply(&f, stored, v.store.Currency, web.Zone(v.Request))
		})
		return changed, both(f, err)
	})
	if err != nil {
		return d.refuseDiscount(w, v, e, err)
	}
	return done(w, v, v.at("/discounts"), "The discount was saved.")
}

func (d *Dashboard) discount(v *visit) (pricing.Discount, error) {
	s, err := pathID(v.Request, "id", "discount")
	if err != nil {
		return pricing.Discount{}, err
	}
	return pricing.GetDiscount(v.Context(), d.DB, v.store.ID, pricing.DiscountID{UUID: s})
}

func (d *Dashboard) refuseDiscount(w http.ResponseWriter, v *visit, e discountEditor, err error) error {
	f, err := web.Refill(v.Request, atField(err, map[string]string{"code_taken": "code"}))
	if err != nil {
		return err
	}
	e.Form = f
	return d.editDiscount(w, v, http.StatusUnprocessableEntity, e)
}

// foundShown is how many products a search offers to tick.
const foundShown = 20

// findForDiscount offers products that the discount can count for.
func (d *Dashboard) findForDiscount(w http.ResponseWriter, v *visit, e discountEditor) error {
	found, _, err := catalog.List(v.Context(), d.DB, v.store.ID, catalog.Filter{Query: e.Find}, db.Page{Limit: foundShown})
	if err != nil {
		return err
	}
	for _, p := range found {
		if !slices.Contains(e.Products, p.ID.String()) {
			e.Found = append(e.Found, choice{p.ID.String(), p.Title})
		}
	}
	if !web.Partial(v.Request) {
		return d.editDiscount(w, v, http.StatusOK, e)
	}
	if err := d.furnishDiscount(v, &e); err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, productPicker(e))
}

func (d *Dashboard) editDiscount(w http.ResponseWriter, v *visit, status int, e discountEditor) error {
	if err := d.furnishDiscount(v, &e); err != nil {
		return err
	}
	title := "Add discount"
	if e.Stored != nil {
		title = e.Stored.Code
	}
	frame, err := d.frame(w, v, title, "discounts")
	if err != nil {
		return err
	}
	frame.Narrow, frame.Crumbs = true, []web.Crumb{{Label: "Discounts", Href: v.at("/discounts")}}
	return web.Render(w, v.Request, status, discountPage(frame, e))
}

// furnishDiscount adds what there is to choose from.
func (d *Dashboard) furnishDiscount(v *visit, e *discountEditor) (err error) {
	e.Back, e.Currency, e.Zone = v.at("/discounts"), v.store.Currency, web.Zone(v.Request).String()
	if e.Tree, _, err = catalog.Branches(v.Context(), d.DB, v.store.ID, treeLimit); err != nil {
		return err
	}
	var products []catalog.ProductID
	for _, u := range ids(e.Products) {
		products = append(products, catalog.ProductID{UUID: u})
	}
	titles, err := catalog.Titles(v.Context(), d.DB, v.store.ID, products)
	if err != nil {
		return err
	}
	for _, p := range products {
		if title, ok := titles[p]; ok {
			e.Picked = append(e.Picked, choice{p.String(), title})
		}
	}
	return nil
}

func (d *Dashboard) askDeleteDiscount(w http.ResponseWriter, v *visit) error {
	s, err := d.discount(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "discounts", web.Form{}, web.Confirmation{
		Title: "Delete " + s.Code + "?", About: "Nobody can use the code from then on. Orders that used it keep what it took off. To take it back later, set it to Disabled instead.",
		Action: v.URL.Path, Button: "Delete discount", Back: v.at("/discounts"),
	})
}

func (d *Dashboard) deleteDiscount(w http.ResponseWriter, v *visit) error {
	s, err := d.discount(v)
	if err != nil {
		return err
	}
	if err := d.DB.InTx(v.Context(), func(tx *db.Tx) error { return pricing.DeleteDiscount(v.Context(), tx, v.store.ID, s.ID) }); err != nil {
		return err
	}
	return done(w, v, v.at("/discounts"), "The discount was deleted.")
}
