package dashboard_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/catalog"
)

func (m *merchant) products() []catalog.Product {
	m.t.Helper()
	found, err := catalog.Following(m.t.Context(), m.site.db, m.store.ID, catalog.ProductID{}, 100)
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

func (m *merchant) product(title string) catalog.Product {
	m.t.Helper()
	m.post(m.at+"/products", "title", title, "status", "active", "variants[0].price", "1", "variants[0].weight_unit", "kg").want(m.t, http.StatusSeeOther)
	all := m.products()
	return all[len(all)-1]
}

func TestProducts_areAddedChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		p := m.product("Mug")
		if p.Title != "Mug" || p.Variants[0].Price != 100 {
			t.Fatalf("product %+v", p)
		}
		page := m.at + "/products/" + p.ID.String()
		m.get(page).want(t, http.StatusOK, `value="Mug"`)
		m.post(page, "title", "", "slug", "mug", "status", "active", "variants[0].id", p.Variants[0].ID.String(), "variants[0].price", "x", "variants[0].weight_unit", "kg").
			want(t, http.StatusUnprocessableEntity, "Must not be empty.", "Must be a decimal number", "please look at the 2 fields marked below", `value="x"`)
		m.post(page, "title", "Cup", "slug", "cup", "status", "draft", "variants[0].id", p.Variants[0].ID.String(), "variants[0].price", "2.50", "variants[0].weight_unit", "g",
			"variants[1].title", "Large", "variants[1].price", "3", "variants[1].weight_unit", "g").want(t, http.StatusSeeOther)
		got := m.products()[0]
		if got.Title != "Cup" || got.Slug != "cup" || got.Status != catalog.Draft || len(got.Variants) != 2 || got.Variants[0].ID != p.Variants[0].ID || got.Variants[1].Title != "Large" {
			t.Errorf("product %+v", got)
		}
		m.post(page+"/delete", "confirm", "Mug").want(t, http.StatusUnprocessableEntity, "title, Cup")
		m.post(page+"/delete", "confirm", "Cup").want(t, http.StatusSeeOther)
		if all := m.products(); len(all) != 0 {
			t.Errorf("products %+v", all)
		}
		m.get(page).want(t, http.StatusNotFound)
	})
}

func TestSteps_storeNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		p := m.product("Mug")
		page := m.at + "/products/" + p.ID.String()
		form := []string{"title", "Changed", "options[0].name", "Size", "options[0].values", "S, M", "variants[0].id", p.Variants[0].ID.String(), "variants[0].price", "7"}
		m.post(page, append(form, "step", "generate")...).want(t, http.StatusOK, `value="Changed"`, `name="variants[1].price"`)
		partial := m.do("POST", page, "application/x-www-form-urlencoded", strings.NewReader("step=image-add&images[0].url=x"), "HX-Request", "true", "HX-Request-Type", "partial").
			want(t, http.StatusOK, `name="images[1].url"`)
		if strings.Contains(partial.body, "<html") {
			t.Error("a step with JavaScript answers with a whole page")
		}
		if got := m.products()[0]; got.Title != "Mug" || len(got.Variants) != 1 {
			t.Errorf("product %+v", got)
		}
	})
}

func TestBulk_touchesTheMerchantsOwnProductsAlone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mine, theirs := s.merchant(t), s.merchant(t)
		a, b := mine.product("A"), theirs.product("B")
		both := []string{"product", a.ID.String(), "product", b.ID.String(), "product", "nonsense"}
		mine.post(mine.at+"/products/bulk", append(both, "action", "archive")...).want(t, http.StatusSeeOther)
		mine.post(mine.at+"/products/bulk", append(both, "action", "sell")...).want(t, http.StatusNotFound)
		if got := theirs.products()[0].Status; got != catalog.Active || mine.products()[0].Status != catalog.Archived {
			t.Errorf("theirs is %s, mine %s", got, mine.products()[0].Status)
		}
		mine.post(mine.at+"/products/bulk", append(both, "action", "delete")...).want(t, http.StatusOK, "Delete 2 products?")
		mine.post(mine.at+"/products/bulk/delete", append(both, "confirm", "2 products", "back", "//evil.example")...).want(t, http.StatusSeeOther)
		if len(mine.products()) != 0 || len(theirs.products()) != 1 {
			t.Errorf("%d of mine, %d of theirs", len(mine.products()), len(theirs.products()))
		}
	})
}

func TestCreateProduct_manyAtOnceMakeOneEach(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				m.post(m.at+"/products", "title", "Mug", "status", "active", "variants[0].price", "1", "variants[0].weight_unit", "kg").want(t, http.StatusSeeOther)
			})
		}
		wg.Wait()
		slugs := map[string]bool{}
		for _, p := range m.products() {
			slugs[p.Slug] = true
		}
		if len(slugs) != 8 {
			t.Errorf("slugs %v", slugs)
		}
	})
}
