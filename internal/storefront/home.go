package storefront

import (
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/shelf"
)

func (s *Storefront) homeRoutes() {
	s.kept("GET /{$}", nil, s.showHome)
}

// newest is how many products the home page shows.
const newest = 8

func (s *Storefront) showHome(w http.ResponseWriter, v *visit) error {
	cards, more, err := shelf.List(v.Context(), s.reads(v), v.Store, shelf.Filter{}, catalog.Newest, db.Page{Limit: newest})
	if err != nil {
		return err
	}
	h := s.head(v, "/", v.Name)
	h.title = v.Name
	if v.Niche != nil {
		h.title += " · " + *v.Niche
	}
	if v.Description != nil {
		h.description = summary(*v.Description)
	}
	h.data = append(h.data, s.aboutShop(v))
	return s.show(w, v, http.StatusOK, homePage(v, h, cards, more))
}
