package dashboard

import (
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) warehouseRoutes() {
	d.inStore("GET", "/warehouses", inStock(d.listWarehouses))
	d.forRole(store.Staff, "GET", "/warehouses/new", inStock(d.showNewWarehouse))
	d.inStore("POST", "/warehouses", inStock(d.createWarehouse))
	d.inStore("GET", "/warehouses/{id}", inStock(d.showWarehouse))
	d.inStore("POST", "/warehouses/{id}", inStock(d.updateWarehouse))
	d.inStore("POST", "/warehouses/{id}/default", inStock(d.makeDefault))
	d.forRole(store.Staff, "GET", "/warehouses/{id}/delete", inStock(d.askDeleteWarehouse))
	d.inStore("POST", "/warehouses/{id}/delete", inStock(d.deleteWarehouse))
}

func (d *Dashboard) listWarehouses(w http.ResponseWriter, v *visit) error {
	l, err := listed(v.Request, func(p db.Page) ([]inventory.Warehouse, bool, error) {
		return inventory.ListWarehouses(v.Context(), d.DB, v.store.ID, p)
	}, func(x inventory.Warehouse) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	contents, err := inventory.Contents(v.Context(), d.DB, v.store.ID)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Warehouses", "warehouses")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, warehousesPage(frame, v.at(""), l.rows, contents, l.first, l.next))
}

func (d *Dashboard) showNewWarehouse(w http.ResponseWriter, v *visit) error {
	return d.warehouseForm(w, v, "Add Warehouse", v.at("/warehouses"), web.Form{}, inventory.NewWarehouse(""))
}

func (d *Dashboard) createWarehouse(w http.ResponseWriter, v *visit) error {
	wanted := inventory.NewWarehouse("")
	err := readWarehouse(v, &wanted)
	if err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (inventory.Warehouse, error) {
			return inventory.CreateWarehouse(v.Context(), tx, v.store.ID, wanted)
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.warehouseForm(w, v, "Add Warehouse", v.at("/warehouses"), f, wanted)
	}
	return done(w, v, v.at("/warehouses"), "The warehouse was added.")
}

func (d *Dashboard) showWarehouse(w http.ResponseWriter, v *visit) error {
	found, err := d.warehouse(v)
	if err != nil {
		return err
	}
	return d.warehouseForm(w, v, found.Name, v.URL.Path, web.Form{}, found)
}

func (d *Dashboard) updateWarehouse(w http.ResponseWriter, v *visit) error {
	stored, err := d.warehouse(v)
	if err != nil {
		return err
	}
	if err = form(v.Request); err == nil {
		err = d.changeWarehouse(v, stored.ID, func(x *inventory.Warehouse) { fillWarehouse(v, x) })
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.warehouseForm(w, v, stored.Name, v.URL.Path, f, stored)
	}
	return done(w, v, v.at("/warehouses"), "The warehouse was saved.")
}

// makeDefault has new stock go to another warehouse than before.
func (d *Dashboard) makeDefault(w http.ResponseWriter, v *visit) error {
	stored, err := d.warehouse(v)
	if err != nil {
		return err
	}
	if err := d.changeWarehouse(v, stored.ID, func(x *inventory.Warehouse) { x.Default = true }); err != nil {
		return err
	}
	return done(w, v, v.at("/warehouses"), stored.Name+" is the default warehouse now.")
}

func (d *Dashboard) changeWarehouse(v *visit, which inventory.WarehouseID, edit func(*inventory.Warehouse)) error {
	_, err := write(v.Context(), d, func(tx *db.Tx) (inventory.Warehouse, error) {
		return inventory.UpdateWarehouse(v.Context(), tx, v.store.ID, which, edit)
	})
	return err
}

func (d *Dashboard) askDeleteWarehouse(w http.ResponseWriter, v *visit) error {
	found, err := d.warehouse(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "warehouses", web.Form{}, warehouseDeletion(v, found))
}

func warehouseDeletion(v *visit, x inventory.Warehouse) web.Confirmation {
	return web.Confirmation{
		Title: "Delete " + x.Name + "?", About: "Its empty stock levels leave your inventory. Their history stays readable.",
		Action: v.URL.Path, Button: "Delete warehouse", Back: v.at("/warehouses"),
	}
}

func (d *Dashboard) deleteWarehouse(w http.ResponseWriter, v *visit) error {
	found, err := d.warehouse(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	err = d.DB.InTx(v.Context(), func(tx *db.Tx) error { return inventory.DeleteWarehouse(v.Context(), tx, v.store.ID, found.ID) })
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.confirmPage(w, v, "warehouses", f, warehouseDeletion(v, found))
	}
	return done(w, v, v.at("/warehouses"), "The warehouse was deleted.")
}

func (d *Dashboard) warehouse(v *visit) (inventory.Warehouse, error) {
	u, err := pathID(v.Request, "id", "warehouse")
	if err != nil {
		return inventory.Warehouse{}, err
	}
	return inventory.GetWarehouse(v.Context(), d.DB, v.store.ID, inventory.WarehouseID{UUID: u})
}

// readWarehouse takes what the form says of a warehouse.
func readWarehouse(v *visit, x *inventory.Warehouse) error {
	if err := form(v.Request); err != nil {
		return err
	}
	fillWarehouse(v, x)
	return nil
}

func fillWarehouse(v *visit, x *inventory.Warehouse) {
	x.Name, x.Address, x.City = v.PostForm.Get("name"), optional(v.Request, "address"), optional(v.Request, "city")
	x.State, x.Country, x.ZipCode = optional(v.Request, "state"), optional(v.Request, "country"), optional(v.Request, "zip_code")
	x.Default, x.Active = v.PostForm.Get("is_default") != "", v.PostForm.Get("is_active") != ""
}

func (d *Dashboard) warehouseForm(w http.ResponseWriter, v *visit, title, action string, f web.Form, x inventory.Warehouse) error {
	back := v.at("/warehouses")
	return d.formPage(w, v, title, "warehouses", web.Crumb{Label: "Warehouses", Href: back}, f.Values != nil, warehouseForm(f, action, back, x))
}
