package dashboard

import (
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) taxRuleRoutes() {
	d.inStore("GET", "/tax-rules", d.listTaxRules)
	d.forRole(store.Staff, "GET", "/tax-rules/new", d.showNewTaxRule)
	d.inStore("POST", "/tax-rules", d.createTaxRule)
	d.inStore("GET", "/tax-rules/{id}", d.showTaxRule)
	d.inStore("POST", "/tax-rules/{id}", d.updateTaxRule)
	d.forRole(store.Staff, "GET", "/tax-rules/{id}/delete", d.askDeleteTaxRule)
	d.inStore("POST", "/tax-rules/{id}/delete", d.deleteTaxRule)
}

func (d *Dashboard) listTaxRules(w http.ResponseWriter, v *visit) error {
	l, err := listed(v.Request, func(p db.Page) ([]pricing.TaxRule, bool, error) {
		return pricing.ListTaxRules(v.Context(), d.DB, v.store.ID, p)
	}, func(x pricing.TaxRule) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Tax rules", "taxes")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, taxRulesPage(frame, v.at("/tax-rules"), l.rows, l.first, l.next))
}

func (d *Dashboard) showNewTaxRule(w http.ResponseWriter, v *visit) error {
	return d.taxRuleForm(w, v, "Add tax rule", web.Form{}, pricing.NewTaxRule())
}

func (d *Dashboard) createTaxRule(w http.ResponseWriter, v *visit) error {
	r := pricing.NewTaxRule()
	err := readTaxRule(v, &r)
	if err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (pricing.TaxRule, error) {
			return pricing.CreateTaxRule(v.Context(), tx, v.store.ID, r)
		})
	}
	if err != nil {
		return d.refuseTaxRule(w, v, "Add tax rule", err, r)
	}
	return done(w, v, v.at("/tax-rules"), "The tax rule was added.")
}

func (d *Dashboard) showTaxRule(w http.ResponseWriter, v *visit) error {
	r, err := d.taxRule(v)
	if err != nil {
		return err
	}
	return d.taxRuleForm(w, v, r.Name, web.Form{}, r)
}

func (d *Dashboard) updateTaxRule(w http.ResponseWriter, v *visit) error {
	r, err := d.taxRule(v)
	if err != nil {
		return err
	}
	title := r.Name
	if err = readTaxRule(v, &r); err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (pricing.TaxRule, error) {
			return pricing.UpdateTaxRule(v.Context(), tx, v.store.ID, r.ID, func(stored *pricing.TaxRule) { *stored = r })
		})
	}
	if err != nil {
		return d.refuseTaxRule(w, v, title, err, r)
	}
	return done(w, v, v.at("/tax-rules"), "The tax rule was saved.")
}

func (d *Dashboard) askDeleteTaxRule(w http.ResponseWriter, v *visit) error {
	r, err := d.taxRule(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "taxes", web.Form{}, web.Confirmation{
		Title: "Delete " + r.Name + "?", About: "New orders are no longer taxed by it. Orders that were keep what they paid.",
		Action: v.URL.Path, Button: "Delete tax rule", Back: v.at("/tax-rules"),
	})
}

func (d *Dashboard) deleteTaxRule(w http.ResponseWriter, v *visit) error {
	r, err := d.taxRule(v)
	if err != nil {
		return err
	}
	if err := d.DB.InTx(v.Context(), func(tx *db.Tx) error { return pricing.DeleteTaxRule(v.Context(), tx, v.store.ID, r.ID) }); err != nil {
		return err
	}
	return done(w, v, v.at("/tax-rules"), "The tax rule was deleted.")
}

func (d *Dashboard) taxRule(v *visit) (pricing.TaxRule, error) {
	r, err := pathID(v.Request, "id", "tax rule")
	if err != nil {
		return pricing.TaxRule{}, err
	}
	return pricing.GetTaxRule(v.Context(), d.DB, v.store.ID, pricing.TaxRuleID{UUID: r})
}

// readTaxRule takes what the form says of a tax rule.
func readTaxRule(v *visit, r *pricing.TaxRule) error {
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form
	r.Name, r.Country = v.PostForm.Get("name"), v.PostForm.Get("country")
	r.State, r.ZipCode = optional(v.Request, "state"), optional(v.Request, "zip_code")
	rate, err := money.ParseRate(v.PostForm.Get("rate"))
	if err != nil {
		f.Addf("rate", nil, "%s", err)
	}
	r.Rate, r.Priority = rate, 0
	if n := optionalNumber(&f, v.Request, "priority"); n != nil {
		r.Priority = *n
	}
	r.Compound, r.AppliesToShipping, r.Active = v.PostForm.Get("is_compound") != "", v.PostForm.Get("applies_to_shipping") != "", v.PostForm.Get("is_active") != ""
	return f.Err()
}

func (d *Dashboard) refuseTaxRule(w http.ResponseWriter, v *visit, title string, err error, r pricing.TaxRule) error {
	f, err := web.Refill(v.Request, err)
	if err != nil {
		return err
	}
	return d.taxRuleForm(w, v, title, f, r)
}

func (d *Dashboard) taxRuleForm(w http.ResponseWriter, v *visit, title string, f web.Form, r pricing.TaxRule) error {
	action, back := v.at("/tax-rules"), v.at("/tax-rules")
	if !r.ID.IsZero() {
		action += "/" + r.ID.String()
	}
	return d.formPage(w, v, title, "taxes", web.Crumb{Label: "Tax rules", Href: back}, f.Values != nil, taxRuleForm(f, action, back, r))
}
