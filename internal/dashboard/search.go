package dashboard

import (
	"net/http"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/order"
	"vitrine/internal/store"
	words "vitrine/internal/text"
	"vitrine/internal/web"
)

func (d *Dashboard) searchRoutes() {
	d.signedIn("GET /dashboard/search", d.search)
}

// hit is something that a search found.
type hit struct{ Label, About, Icon, Href string }

const (
	hitsShown     = 8   // of each kind
	storesLooked  = 200 // at, for their names
	longestSearch = 200 // characters
)

// search finds pages, products, orders and stores by a part of their names. It fills the
// palette, and is a page without JavaScript.
func (d *Dashboard) search(w http.ResponseWriter, v *visit) error {
	q := strings.TrimSpace(words.Cut(v.FormValue("q"), longestSearch))
	if slug := v.FormValue("store"); slug != "" {
		if err := d.enter(v.Request, v, slug); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	hits, err := d.hits(v, q)
	if err != nil {
		return err
	}
	if web.Partial(v.Request) {
		return web.Render(w, v.Request, http.StatusOK, searchHits(q, hits))
	}
	frame, err := d.frame(w, v, "Search", "")
	if err != nil {
		return err
	}
	frame.Narrow = true
	return web.Render(w, v.Request, http.StatusOK, searchPage(frame, q, hits))
}

func (d *Dashboard) hits(v *visit, q string) ([]hit, error) {
	var here *store.Store
	if !v.store.ID.IsZero() {
		here = &v.store
	}
	folded := words.Fold(q)
	var hits []hit
	for _, p := range web.Places(here, v.role) {
		if strings.Contains(words.Fold(p.Label), folded) && (len(hits) < hitsShown || q == "") {
			hits = append(hits, hit{p.Label, "Page", p.Icon, p.Href})
		}
	}
	if q == "" {
		return hits, nil
	}
	if here != nil {
		found, err := d.hitsInStore(v, q)
		if err != nil {
			return nil, err
		}
		hits = append(hits, found...)
	}
	stores, _, err := store.List(v.Context(), d.DB, v.user.ID, db.Page{Limit: storesLooked})
	if err != nil {
		return nil, err
	}
	found := 0
	for _, s := range stores {
		if strings.Contains(words.Fold(s.Name), folded) && found < hitsShown {
			found++
			hits = append(hits, hit{s.Name, "Store", "store", web.StorePath(s)})
		}
	}
	return hits, nil
}

// hitsInStore are the products and the orders of the visited store that q finds.
func (d *Dashboard) hitsInStore(v *visit, q string) ([]hit, error) {
	products, _, err := catalog.List(v.Context(), d.DB, v.store.ID, catalog.Filter{Query: q}, db.Page{Limit: hitsShown})
	if err != nil {
		return nil, err
	}
	orders, _, err := order.List(v.Context(), d.DB, v.store.ID, order.Filter{Query: q}, db.Page{Limit: hitsShown})
	if err != nil {
		return nil, err
	}
	var hits []hit
	for _, p := range products {
		hits = append(hits, hit{p.Title, "Product", "package", v.at("/products/" + p.ID.String())})
	}
	for _, o := range orders {
		hits = append(hits, hit{o.Label() + " · " + buyer(o.Name, o.Email), "Order", "shopping-cart", v.at("/orders/" + o.ID.String())})
	}
	return hits, nil
}
