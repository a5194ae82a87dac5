package dashboard

import (
	"net/http"

	"github.com/a-h/templ"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) supplierRoutes() {
	d.inStore("GET", "/suppliers", d.listSuppliers)
	d.forRole(store.Staff, "GET", "/suppliers/new", d.showNewSupplier)
	d.inStore("POST", "/suppliers", d.createSupplier)
	d.inStore("GET", "/suppliers/{id}", d.showSupplier)
	d.inStore("POST", "/suppliers/{id}", d.updateSupplier)
	d.forRole(store.Staff, "GET", "/suppliers/{id}/delete", d.askDeleteSupplier)
	d.inStore("POST", "/suppliers/{id}/delete", d.deleteSupplier)
}

func (d *Dashboard) listSuppliers(w http.ResponseWriter, v *visit) error {
	l, err := listed(v.Request, func(p db.Page) ([]catalog.Supplier, bool, error) {
		return catalog.ListSuppliers(v.Context(), d.DB, v.store.ID, p)
	}, func(x catalog.Supplier) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Suppliers", "suppliers")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, suppliersPage(frame, v.at("/suppliers"), l.rows, l.first, l.next))
}

func (d *Dashboard) showNewSupplier(w http.ResponseWriter, v *visit) error {
	return d.supplierForm(w, v, "Add supplier", web.Form{}, supplierForm(web.Form{}, v.at("/suppliers"), v.at("/suppliers"), catalog.NewSupplier("")))
}

func (d *Dashboard) createSupplier(w http.ResponseWriter, v *visit) error {
	s := catalog.NewSupplier("")
	err := readSupplier(v, &s)
	if err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (catalog.Supplier, error) {
			return catalog.CreateSupplier(v.Context(), tx, v.store.ID, s)
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.supplierForm(w, v, "Add supplier", f, supplierForm(f, v.at("/suppliers"), v.at("/suppliers"), s))
	}
	return done(w, v, v.at("/suppliers"), "The supplier was added.")
}

func (d *Dashboard) showSupplier(w http.ResponseWriter, v *visit) error {
	s, err := d.supplier(v)
	if err != nil {
		return err
	}
	return d.supplierForm(w, v, s.Name, web.Form{}, supplierForm(web.Form{}, v.URL.Path, v.at("/suppliers"), s))
}

func (d *Dashboard) updateSupplier(w http.ResponseWriter, v *visit) error {
	s, err := d.supplier(v)
	if err != nil {
		return err
	}
	title := s.Name
	if err = readSupplier(v, &s); err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (catalog.Supplier, error) {
			return catalog.UpdateSupplier(v.Context(), tx, v.store.ID, s.ID, func(stored *catalog.Supplier) { *stored = s })
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.supplierForm(w, v, title, f, supplierForm(f, v.URL.Path, v.at("/suppliers"), s))
	}
	return done(w, v, v.at("/suppliers"), "The supplier was saved.")
}

func (d *Dashboard) askDeleteSupplier(w http.ResponseWriter, v *visit) error {
	s, err := d.supplier(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "suppliers", web.Form{}, web.Confirmation{
		Title: "Delete " + s.Name + "?", About: "Its links to products go with it. Orders that it has to ship stay as they are.",
		Action: v.URL.Path, Button: "Delete supplier", Back: v.at("/suppliers"),
	})
}

func (d *Dashboard) deleteSupplier(w http.ResponseWriter, v *visit) error {
	s, err := d.supplier(v)
	if err != nil {
		return err
	}
	if err := d.DB.InTx(v.Context(), func(tx *db.Tx) error { return catalog.DeleteSupplier(v.Context(), tx, v.store.ID, s.ID) }); err != nil {
		return err
	}
	return done(w, v, v.at("/suppliers"), "The supplier was deleted.")
}

func (d *Dashboard) supplier(v *visit) (catalog.Supplier, error) {
	s, err := pathID(v.Request, "id", "supplier")
	if err != nil {
		return catalog.Supplier{}, err
	}
	return catalog.GetSupplier(v.Context(), d.DB, v.store.ID, catalog.SupplierID{UUID: s})
}

// readSupplier takes what the form says of a supplier.
func readSupplier(v *visit, s *catalog.Supplier) error {
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form
	s.Name, s.Email, s.Phone = v.PostForm.Get("name"), optional(v.Request, "email"), optional(v.Request, "phone")
	s.Website, s.Country, s.Notes = optional(v.Request, "website"), optional(v.Request, "country"), optional(v.Request, "notes")
	s.LeadTimeDays, s.Active = optionalNumber(&f, v.Request, "lead_time_days"), v.PostForm.Get("is_active") != ""
	return f.Err()
}

func (d *Dashboard) supplierForm(w http.ResponseWriter, v *visit, title string, f web.Form, content templ.Component) error {
	return d.formPage(w, v, title, "suppliers", web.Crumb{Label: "Suppliers", Href: v.at("/suppliers")}, f.Values != nil, content)
}
