package storefront

import (
	"net/http"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/store"
	"vitrine/internal/theme"
	"vitrine/internal/web"
)

// shop is what every page of a store shows of it.
type shop struct {
	store.Store
	version    int64 // of all that its pages show
	theme      theme.Theme
	dress      dress
	categories []catalog.Branch
	truncated  bool // whether there are more
}

// maxCategories is how many categories a shop's pages know.
const maxCategories = 500

// enter finds the store that a request is for.
func (s *Storefront) enter(r *http.Request) (*visit, error) {
	at, _ := r.Context().Value(placeKey{}).(place)
	found, err := s.shops.find(r.Context(), at.slug)
	return &visit{place: at, shop: found, origin: web.Origin(r)}, err
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

// trail is the way to a category from the top of the tree.
func (s *shop) trail(c catalog.CategoryID) []catalog.Branch {
	at := slices.IndexFunc(s.categories, func(b catalog.Branch) bool { return b.ID == c })
	if at < 0 {
		return nil
	}
	way := []catalog.Branch{s.categories[at]}
	for depth := way[0].Depth; at >= 0 && depth > 0; at-- {
		if b := s.categories[at]; b.Depth < depth {
			way, depth = append(way, b), b.Depth
		}
	}
	slices.Reverse(way)
	return way
}

// deepest is the one of a product's categories that tells most of it.
func (s *shop) deepest(categories []catalog.CategoryID) catalog.CategoryID {
	var found catalog.CategoryID
	depth := -1
	for _, b := range s.categories {
		if b.Depth > depth && slices.Contains(categories, b.ID) {
			found, depth = b.ID, b.Depth
		}
	}
	return found
}

// below are the categories that are right below one, and family it and all that are
// below it.
func (s *shop) below(c catalog.CategoryID) (children []catalog.Branch, family []catalog.CategoryID) {
	family = []catalog.CategoryID{c}
	at := slices.IndexFunc(s.categories, func(b catalog.Branch) bool { return b.ID == c })
	if at < 0 {
		return nil, family
	}
	for _, b := range s.categories[at+1:] {
		if b.Depth <= s.categories[at].Depth {
			break
		}
		if family = append(family, b.ID); b.Depth == s.categories[at].Depth+1 {
			children = append(children, b)
		}
	}
	return children, family
}
