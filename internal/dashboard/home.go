package dashboard

import (
	"net/http"
	"slices"
	"time"

	"vitrine/internal/analytics"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/purchase"
	"vitrine/internal/web"
)

// homeSize is how many orders and levels the first page names.
const homeSize = 5

// today is what a store's first page tells.
type today struct {
	at         string                 // where the store's pages begin
	sold       []analytics.DayFigures // yesterday and today
	toShip     []order.Order
	moreToShip bool
	stock      inventory.Summary // zero where the store owns none
	low        []inventory.Level
	pictures   map[catalog.ProductID]catalog.Image // of what is low
	setup      []task
	ending     []domain.Owning // bought names of the visitor that end, or have ended
	now        time.Time
}

// task is something that a new store needs.
type task struct {
	label, about, href string
	done               bool
}

func (d *Dashboard) showHome(w http.ResponseWriter, v *visit) error {
	t := today{at: v.at("")}
	r, err := d.lately(2)
	if err != nil {
		return err
	}
	if t.sold, err = analytics.Daily(v.Context(), d.DB, v.store.ID, r); err != nil {
		return err
	}
	t.toShip, t.moreToShip, err = order.List(v.Context(), d.DB, v.store.ID, order.Filter{Status: order.Paid}, db.Page{Limit: homeSize})
	if err != nil {
		return err
	}
	if v.store.Type.OwnsStock() {
		if err := d.readStock(v, &t); err != nil {
			return err
		}
	}
	if t.setup, err = d.setup(v, t.stock); err != nil {
		return err
	}
	owned, err := domain.Owned(v.Context(), d.DB, v.user.ID, true)
	if err != nil {
		return err
	}
	t.ending, t.now = ending(owned, d.DB.Now()), d.DB.Now()
	frame, err := d.frame(w, v, "Home", "home")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, homePage(frame, t))
}

// ending are the names that end soon or have ended, the most urgent first.
func ending(owned []domain.Owning, now time.Time) []domain.Owning {
	all := slices.DeleteFunc(owned, func(o domain.Owning) bool {
		return o.Purchase.Expires == nil || purchase.PhaseOf(*o.Purchase.Expires, now) == purchase.Running
	})
	slices.SortFunc(all, func(a, b domain.Owning) int { return a.Purchase.Expires.Compare(*b.Purchase.Expires) })
	return all
}

func (d *Dashboard) readStock(v *visit, t *today) (err error) {
	if t.stock, err = inventory.Summarize(v.Context(), d.DB, v.store.ID); err != nil {
		return err
	}
	if t.low, _, err = inventory.List(v.Context(), d.DB, v.store.ID, inventory.Filter{Low: true}, db.Page{Limit: homeSize}); err != nil {
		return err
	}
	t.pictures, err = d.pictures(v, t.low)
	return err
}

// setup is what there is to do in a new store, which it is until its first order.
func (d *Dashboard) setup(v *visit, stock inventory.Summary) ([]task, error) {
	one := db.Page{Limit: 1}
	orders, _, err := order.List(v.Context(), d.DB, v.store.ID, order.Filter{}, one)
	if err != nil || len(orders) > 0 {
		return nil, err
	}
	products, _, err := catalog.List(v.Context(), d.DB, v.store.ID, catalog.Filter{}, one)
	if err != nil {
		return nil, err
	}
	suppliers, _, err := catalog.ListSuppliers(v.Context(), d.DB, v.store.ID, one)
	if err != nil {
		return nil, err
	}
	tasks := []task{{"Add your first product", "Give it a title, a price and a picture.", v.at("/products"), len(products) > 0}}
	if v.store.Type.OwnsStock() {
		tasks = append(tasks, task{"Count your stock", "Set how many of each variant lie where.", v.at("/inventory"), stock.Variants > 0})
	} else {
		tasks = append(tasks, task{"Add a supplier", "Say who ships what you sell.", v.at("/suppliers"), len(suppliers) > 0})
	}
	return append(tasks,
		task{"Describe your store", "A sentence that shoppers and search engines read.", v.at("/settings"), v.store.Description != nil},
		task{"Take your first order", "It shows up here.", v.at("/orders"), false}), nil
}
