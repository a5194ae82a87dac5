package storefront

import (
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
)

func (s *Storefront) productRoutes() {
	s.page("GET /products/{slug}", s.showProduct)
}

// offer is a product as its page shows it.
type offer struct {
	catalog.Product
	inStock map[catalog.VariantID]bool
	chosen  catalog.Variant
}

func (s *Storefront) showProduct(w http.ResponseWriter, v *visit) error {
	p, err := catalog.ActiveBySlug(v.Context(), s.DB, v.ID, v.PathValue("slug"))
	if err != nil {
		return err
	}
	inStock, err := inventory.InStock(v.Context(), s.DB, v.Store, []catalog.Product{p})
	if err != nil {
		return err
	}
	o := offer{Product: p, inStock: inStock, chosen: choose(p.Variants, inStock, v.URL.Query().Get("variant"))}
	return s.show(w, v, http.StatusOK, productPage(v, head{title: p.Title + " · " + v.Name, canonical: "/products/" + p.Slug, product: true}, o))
}

// choose returns the variant with the id or, without one, the first that can be had.
func choose(variants []catalog.Variant, inStock map[catalog.VariantID]bool, id string) catalog.Variant {
	first := -1
	for i, v := range variants {
		if v.ID.String() == id {
			return v
		}
		if first < 0 && inStock[v.ID] {
			first = i
		}
	}
	return variants[max(first, 0)]
}

// before is what a variant cost before, or 0.
func before(v catalog.Variant) money.Amount {
	if v.CompareAtPrice == nil {
		return 0
	}
	return *v.CompareAtPrice
}
