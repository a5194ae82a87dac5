package storefront

import (
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
)

func (s *Storefront) homeRoutes() {
	s.page("GET /{$}", s.showHome)
}

// newest is how many products the home page shows.
const newest = 8

func (s *Storefront) showHome(w http.ResponseWriter, v *visit) error {
	products, _, err := catalog.Shelf(v.Context(), s.DB, v.ID, catalog.Filter{}, catalog.Newest, db.Page{Limit: newest})
	if err != nil {
		return err
	}
	inStock, err := inventory.InStock(v.Context(), s.DB, v.Store, products)
	if err != nil {
		return err
	}
	h := head{title: v.Name, canonical: "/"}
	if v.Description != nil {
		h.description = *v.Description
	}
	return s.show(w, v, http.StatusOK, homePage(v, h, cards(products, inStock)))
}
