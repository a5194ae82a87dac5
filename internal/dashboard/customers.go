package dashboard

import (
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/order"
	"vitrine/internal/web"
)

func (d *Dashboard) customerRoutes() {
	d.inStore("GET", "/customers", d.listCustomers)
	d.inStore("GET", "/customers/{id}", d.showCustomer)
}

func (d *Dashboard) listCustomers(w http.ResponseWriter, v *visit) error {
	query := v.URL.Query().Get("q")
	l, err := listed(v.Request, func(p db.Page) ([]order.Customer, bool, error) {
		return order.ListCustomers(v.Context(), d.DB, v.store.ID, query, p)
	}, func(x order.Customer) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Customers", "customers")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, customersPage(frame, v.at(""), query, l.rows, l.first, l.next))
}

func (d *Dashboard) showCustomer(w http.ResponseWriter, v *visit) error {
	u, err := pathID(v.Request, "id", "customer")
	if err != nil {
		return err
	}
	c, err := order.GetCustomer(v.Context(), d.DB, v.store.ID, order.CustomerID{UUID: u})
	if err != nil {
		return err
	}
	orders, err := d.orderList(v, order.Filter{Customer: &c.ID})
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, buyer(c.Name, c.Email), "customers")
	if err != nil {
		return err
	}
	frame.Crumbs = []web.Crumb{{Label: "Customers", Href: v.at("/customers")}}
	return web.Render(w, v.Request, http.StatusOK, customerPage(frame, c, orders))
}
