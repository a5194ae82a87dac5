package storefront_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
)

var titles = regexp.MustCompile(`card-title">([^<]*)<`)

// shown are the titles of the products on a page.
func (a answer) shown() []string {
	var all []string
	for _, m := range titles.FindAllStringSubmatch(a.body, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestList_isNarrowedAndSorted(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t, owned)
		var cups, tea catalog.Category
		sh.write(func(tx *db.Tx) (err error) {
			if cups, err = catalog.CreateCategory(t.Context(), tx, sh.store.ID, catalog.Category{Name: "Cups"}); err != nil {
				return err
			}
			tea, err = catalog.CreateCategory(t.Context(), tx, sh.store.ID, catalog.Category{Name: "Tea cups", Parent: &cups.ID})
			return err
		})
		in := func(c catalog.CategoryID) func(*catalog.Product) {
			return func(p *catalog.Product) { p.Categories = []catalog.CategoryID{c} }
		}
		sh.stocked(sh.product("Ash cup", in(cups.ID), 3000).Variants[0].ID, 1)
		sh.product("Birch cup", in(tea.ID), 1000)
		sh.stocked(sh.product("Cedar bowl", nil, 2000).Variants[0].ID, 1)
		for query, want := range map[string][]string{
			"/products":                                        {"Cedar bowl", "Birch cup", "Ash cup"},
			"/products?sort=price_asc":                         {"Birch cup", "Cedar bowl", "Ash cup"},
			"/products?sort=price_desc":                        {"Ash cup", "Cedar bowl", "Birch cup"},
			"/products?sort=title_asc":                         {"Ash cup", "Birch cup", "Cedar bowl"},
			"/products?sort=nonsense":                          {"Cedar bowl", "Birch cup", "Ash cup"},
			"/products?q=CUP":                                  {"Birch cup", "Ash cup"},
			"/products?q=cup&sort=title_asc":                   {"Ash cup", "Birch cup"},
			"/products?q=c":                                    {"Cedar bowl", "Birch cup", "Ash cup"},
			"/products?q=%00":                                  nil,
			"/products?q=%25":                                  nil,
			"/products?min=15":                                 {"Cedar bowl", "Ash cup"},
			"/products?min=15&max=20":                          {"Cedar bowl"},
			"/products?in_stock=1":                             {"Cedar bowl", "Ash cup"},
			"/products?category=cups":                          {"Birch cup", "Ash cup"},
			"/products?category=tea-cups":                      {"Birch cup"},
			"/products?category=nothing":                       nil,
			"/categories/cups":                                 {"Birch cup", "Ash cup"},
			"/categories/cups?sort=price_desc":                 {"Ash cup", "Birch cup"},
			"/categories/tea-cups":                             {"Birch cup"},
			"/categories/cups?in_stock=1&q=cup&sort=price_asc": {"Ash cup"},
		} {
			if got := sh.get(query).want(t, http.StatusOK).shown(); !slices.Equal(got, want) {
				t.Errorf("%s shows %q, want %q", query, got, want)
			}
		}
		sh.get("/categories/nothing").want(t, http.StatusNotFound)
		sh.get("/products?after=nonsense").want(t, http.StatusNotFound)
		sh.get("/products?q=nothing").want(t, http.StatusOK, "Nothing found", "noindex")
		sh.get("/products?min=cheap").want(t, http.StatusUnprocessableEntity, "Must be an amount such as 25.00.", `value="cheap"`)
		sh.get("/products?min=5&max=4").want(t, http.StatusUnprocessableEntity, "Must not be less")
	})
}

func TestList_pagesThroughAllOfIt(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		for i := range 50 {
			sh.product(fmt.Sprintf("Cup %02d", i), nil, 1000+i%7)
		}
		next := regexp.MustCompile(`href="([^"]*)" rel="next"`)
		for _, sort := range []string{"newest", "price_asc", "title_desc"} {
			var all []string
			for path := "/products?sort=" + sort; path != ""; {
				got := sh.get(path).want(t, http.StatusOK)
				all, path = append(all, got.shown()...), ""
				if m := next.FindStringSubmatch(got.body); m != nil {
					path = strings.TrimPrefix(strings.ReplaceAll(m[1], "&amp;", "&"), sh.at)
				}
			}
			slices.Sort(all)
			if len(all) != 50 || len(slices.Compact(all)) != 50 {
				t.Errorf("%s: %d products on all pages", sort, len(all))
			}
		}
	})
}
