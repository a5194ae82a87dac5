package dashboard

import (
	"context"
	"net/http"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) orderRoutes() {
	d.inStore("GET", "/orders", d.listOrders)
	d.inStore("GET", "/orders/{id}", d.showOrder)
	d.forRole(store.Staff, "GET", "/orders/{id}/{move}", d.askMove)
	d.inStore("POST", "/orders/{id}/{move}", d.moveOrder)
}

// orderTabs are the ways to look at orders, by what a merchant has to do.
var orderTabs = []struct {
	label  string
	status order.Status
}{
	{"All", ""},
	{"Unpaid", order.Pending},
	{"To ship", order.Paid},
	{"Fulfilled", order.Fulfilled},
	{"Cancelled", order.Cancelled},
	{"Returned", order.Returned},
}

func orderFilter(r *http.Request) order.Filter {
	f := order.Filter{Query: r.URL.Query().Get("q")}
	status := order.Status(r.URL.Query().Get("status"))
	for _, t := range orderTabs {
		if t.status == status {
			f.Status = status
		}
	}
	return f
}

func (d *Dashboard) listOrders(w http.ResponseWriter, v *visit) error {
	f := orderFilter(v.Request)
	l, err := d.orderList(v, f)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Orders", "orders")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, ordersPage(frame, v.Request, f, l))
}

// orderList is a list of orders as it is shown.
type orderList struct {
	at          string // where the store's pages begin
	orders      []order.Order
	first, next string
}

func (d *Dashboard) orderList(v *visit, f order.Filter) (orderList, error) {
	page, err := listed(v.Request, func(p db.Page) ([]order.Order, bool, error) {
		return order.List(v.Context(), d.DB, v.store.ID, f, p)
	}, func(x order.Order) id.UUID { return x.ID.UUID })
	return orderList{at: v.at(""), orders: page.rows, first: page.first, next: page.next}, err
}

// orderView is an order with what its ids stand for.
type orderView struct {
	order.Order
	warehouses map[inventory.WarehouseID]string
	suppliers  map[catalog.SupplierID]string
	shipments  []order.SupplierOrder
	public     string // where its shopper sees it, while the shop is open
}

func (d *Dashboard) showOrder(w http.ResponseWriter, v *visit) error {
	o, err := d.order(v)
	if err != nil {
		return err
	}
	view := orderView{Order: o, warehouses: map[inventory.WarehouseID]string{}, suppliers: map[catalog.SupplierID]string{}}
	warehouses, err := d.warehouses(v)
	if err != nil {
		return err
	}
	for _, x := range warehouses {
		view.warehouses[x.ID] = x.Name
	}
	if err := d.nameSuppliers(v, &view); err != nil {
		return err
	}
	if view.shipments, err = order.SupplierOrders(v.Context(), d.DB, v.store.ID, o.ID); err != nil {
		return err
	}
	if v.store.Status == store.Active {
		view.public = d.OrderPage(v.store, o)
	}
	frame, err := d.frame(w, v, "Order "+o.Label(), "orders")
	if err != nil {
		return err
	}
	frame.Crumbs = []web.Crumb{{Label: "Orders", Href: v.at("/orders")}}
	return web.Render(w, v.Request, http.StatusOK, orderPage(frame, v.at(""), view))
}

// nameSuppliers looks up who ships the lines that the store does not.
func (d *Dashboard) nameSuppliers(v *visit, view *orderView) error {
	for _, item := range view.Items {
		if item.Supplier == nil || view.suppliers[*item.Supplier] != "" {
			continue
		}
		s, err := catalog.GetSupplier(v.Context(), d.DB, v.store.ID, *item.Supplier)
		switch {
		case fault.Is(err, fault.NotFound):
			s.Name = "a former supplier"
		case err != nil:
			return err
		}
		view.suppliers[*item.Supplier] = s.Name
	}
	return nil
}

func (d *Dashboard) order(v *visit) (order.Order, error) {
	u, err := pathID(v.Request, "id", "order")
	if err != nil {
		return order.Order{}, err
	}
	return order.Get(v.Context(), d.DB, v.store.ID, order.ID{UUID: u})
}

// orderMove is a move as it is asked about.
type orderMove struct {
	move   order.Move
	label  string // of the button
	title  string // the order's label follows
	about  string
	done   string // what is said afterwards, behind the order's label
	gentle bool
	stay   string // the way out, where "Cancel" would be ambiguous
	run    func(*order.Service, context.Context, store.ID, order.ID, *string, order.Then) (order.Order, error)
}

var orderMoves = []orderMove{
	{
		move: order.ToPay, label: "Mark as paid", title: "Mark as paid:", done: "is paid.", gentle: true,
		about: "You have the money. Suppliers get to know what they have to ship.",
		run:   (*order.Service).Pay,
	},
	{
		move: order.ToFulfill, label: "Fulfill", title: "Fulfill", done: "is fulfilled.", gentle: true,
		about: "It is on its way. The reserved units leave your warehouses.",
		run:   (*order.Service).Fulfill,
	},
	{
		move: order.ToReturn, label: "Return", title: "Return", done: "was returned.",
		about: "Its units go back to the warehouses they came from, and what was paid goes back to the customer.",
		run:   (*order.Service).Return,
	},
	{
		move: order.ToCancel, label: "Cancel order", title: "Cancel", done: "was cancelled.", stay: "Keep order",
		about: "Its reserved units can be sold again, and what was paid goes back to the customer. A cancelled order stays cancelled.",
		run:   (*order.Service).Cancel,
	},
}

func moveOf(v *visit) (orderMove, error) {
	i := slices.IndexFunc(orderMoves, func(m orderMove) bool { return string(m.move) == v.PathValue("move") })
	if i < 0 {
		return orderMove{}, fault.Missing("page")
	}
	return orderMoves[i], nil
}

func (d *Dashboard) askMove(w http.ResponseWriter, v *visit) error {
	m, err := moveOf(v)
	if err != nil {
		return err
	}
	o, err := d.order(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "orders", web.Form{}, m.confirmation(v, o))
}

func (m orderMove) confirmation(v *visit, o order.Order) web.Confirmation {
	return web.Confirmation{
		Title: m.title + " order " + o.Label() + "?", About: m.about, Action: v.URL.Path, Button: m.label,
		Back: v.at("/orders/" + o.ID.String()), Gentle: m.gentle, Stay: m.stay,
	}
}

func (d *Dashboard) moveOrder(w http.ResponseWriter, v *visit) error {
	m, err := moveOf(v)
	if err != nil {
		return err
	}
	o, err := d.order(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	user := v.user.ID.String()
	if _, err := m.run(d.Orders, v.Context(), v.store.ID, o.ID, &user, nil); err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.confirmPage(w, v, "orders", f, m.confirmation(v, o))
	}
	return done(w, v, v.at("/orders/"+o.ID.String()), "Order "+o.Label()+" "+m.done)
}
