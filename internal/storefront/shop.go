package storefront

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/store"
	"vitrine/internal/theme"
	"vitrine/internal/web"
)

// shop is what every page of a store shows of it.
type shop struct {
	store.Store
	theme      theme.Theme
	categories []catalog.Branch
}

// maxCategories is how many categories a shop's pages know.
const maxCategories = 500

// enter finds the store that a request is for.
func (s *Storefront) enter(r *http.Request) (*visit, error) {
	at, _ := r.Context().Value(placeKey{}).(place)
	v := &visit{place: at, origin: web.Origin(r)}
	var err error
	v.shop, err = s.find(r.Context(), at.slug)
	return v, err
}

func (s *Storefront) find(ctx context.Context, slug string) (shop, error) {
	var found shop
	var err error
	if found.Store, err = store.ForShoppers(ctx, s.DB.Prepared(), slug); err != nil {
		return shop{}, err
	}
	if found.theme, _, err = theme.FindActive(ctx, s.DB.Prepared(), found.ID); err != nil {
		return shop{}, err
	}
	found.categories, _, err = catalog.Branches(ctx, s.DB.Prepared(), found.ID, maxCategories)
	return found, err
}

// open tells whether the shop takes orders.
func (s *shop) open() bool { return s.Status == store.Active }

// maxShelves is how many categories the navigation has room for.
const maxShelves = 8

// shelves are the categories at the top of the tree, as far as the navigation has
// room.
func (s *shop) shelves() []catalog.Branch {
	var top []catalog.Branch
	for _, c := range s.categories {
		if c.Depth == 0 && len(top) < maxShelves {
			top = append(top, c)
		}
	}
	return top
}
