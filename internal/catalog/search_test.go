package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
)

// unindexed makes products as a bulk writer leaves them.
func (s *shop) unindex() {
	s.t.Helper()
	s.must(s.tx(func(tx *db.Tx) error {
		if _, err := db.Exec(s.t.Context(), tx, `DELETE FROM product_search`); err != nil {
			return err
		}
		_, err := db.Exec(s.t.Context(), tx, `UPDATE product SET indexed = FALSE`)
		return err
	}))
}

func TestSearch_findsPartsOfTitleSKUAndVendorInAnyCase(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := catalog.NewProduct("Große TASSE")
		p.Vendor = to("Ökotopia & Söhne")
		p.Variants = []catalog.Variant{sold("T-100%_x"), sold("T-200")}
		_, err := s.tryCreate(p)
		s.must(err)
		s.create("Teller", "P-1")
		newShop(t, s.db).create("Tasse woanders")
		checkAll := func(state string) {
			for q, want := range map[string]string{
				"tasse": "Große TASSE", "GROSSE t": "Große TASSE", "ökotopia": "Große TASSE", "SÖHNE": "Große TASSE", "-100%_X": "Große TASSE",
				"100%": "Große TASSE", "t-200": "Große TASSE", "p-1": "Teller", "ß": "Große TASSE", "te": "Teller", "%": "Große TASSE", "_": "Große TASSE",
				"": "Teller,Große TASSE", "t": "Teller,Große TASSE", "1__": "", "t%2": "", `"`: "", `a" OR "b`: "", "tassen": "", "woanders": "", `\`: "",
				"große tasse ": "",
			} {
				if got := strings.Join(s.titles(catalog.Filter{Query: q}.LookingAt(1)), ","); got != want {
					t.Errorf("%s, %q: got %q, want %q", state, q, got, want)
				}
			}
		}
		checkAll("indexed")
		s.unindex()
		checkAll("not indexed")
		s.must(catalog.IndexSearch(t.Context(), s.db, s.id))
		checkAll("indexed by the job")
		if n := s.count(`SELECT count(*) FROM product WHERE store_id = $1 AND NOT indexed`, s.id); n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}

func TestSearch_seesEveryChange(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Alpha", "SKU-ONE", "SKU-TWO")
		finds := func(q string, want bool) {
			t.Helper()
			// By the index alone: what it holds, not what the newest products hold.
			if got := len(s.titles(catalog.Filter{Query: q})) == 1; got != want {
				t.Errorf("%q is found: %v", q, got)
			}
			if got := s.inIndex(q); got != want {
				t.Errorf("%q is in the index: %v", q, got)
			}
		}
		finds("alpha", true)
		_, err := s.update(p.ID, func(p *catalog.Product) { p.Title, p.Vendor = "Beta", to("Gamma") })
		s.must(err)
		finds("alpha", false)
		finds("beta", true)
		finds("gamma", true)
		_, err = s.updateVariant(p.ID, p.Variants[0].ID, func(v *catalog.Variant) { v.SKU = to("SKU-THREE") })
		s.must(err)
		finds("sku-one", false)
		finds("sku-three", true)
		s.must(s.deleteVariant(p.ID, p.Variants[1].ID))
		finds("sku-two", false)
		_, err = s.createVariant(p.ID, sold("SKU-FOUR"))
		s.must(err)
		finds("sku-four", true)
		s.unindex()
		_, err = s.update(p.ID, func(p *catalog.Product) { p.Title = "Delta" })
		s.must(err)
		finds("delta", true)
		s.delete(p.ID)
		finds("delta", false)
	})
}

// inIndex tells whether product_search names a product for a folded query.
func (s *shop) inIndex(q string) bool {
	if s.db.Engine() == db.Postgres {
		return s.count(`SELECT count(*) FROM product_search WHERE store_id = $1 AND text LIKE '%'||$2::text||'%'`, s.id, q) == 1
	}
	return s.count(`SELECT count(*) FROM product_search WHERE product_search MATCH $1`, db.MatchGrams(s.id.UUID, q)) == 1
}

func TestSearch_pagesThroughIndexedAndOthersBehindTheRecentOnes(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var want []string
		for i := range 12 {
			title := fmt.Sprintf("Rare %d", i)
			if i%3 != 0 {
				title = fmt.Sprintf("Plain %d", i)
			} else {
				want = append(want, title)
			}
			s.create(title)
			if i == 5 {
				s.unindex()
			}
		}
		slices.Reverse(want)
		archived := catalog.Filter{Query: "rare", Status: catalog.Archived}.LookingAt(3)
		for range 2 {
			if got := s.titles(catalog.Filter{Query: "rare"}.LookingAt(3)); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if got := s.titles(archived); len(got) != 0 {
				t.Errorf("archived: %v", got)
			}
			s.must(catalog.IndexSearch(t.Context(), s.db, s.id))
		}
	})
}

func TestList_filtersByStatusAndCategory(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var c catalog.Category
		s.must(s.tx(func(tx *db.Tx) (err error) {
			c, err = catalog.CreateCategory(t.Context(), tx, s.id, catalog.Category{Name: "A"})
			return err
		}))
		for i := range 6 {
			p := catalog.NewProduct(fmt.Sprintf("Mug %d", i))
			if i%2 == 0 {
				p.Categories = []catalog.CategoryID{c.ID}
			}
			if i >= 3 {
				p.Status = catalog.Draft
			}
			_, err := s.tryCreate(p)
			s.must(err)
		}
		for want, f := range map[string]catalog.Filter{
			"Mug 5,Mug 4,Mug 3,Mug 2,Mug 1,Mug 0": {},
			"Mug 2,Mug 1,Mug 0":                   {Status: catalog.Active},
			"Mug 4,Mug 2,Mug 0":                   {Category: &c.ID},
			"Mug 4":                               {Category: &c.ID, Status: catalog.Draft},
			"Mug 2,Mug 0":                         {Category: &c.ID, Status: catalog.Active, Query: "mug"},
			"Mug 0":                               {Category: &c.ID, Query: "0"},
			"":                                    {Category: &catalog.CategoryID{UUID: s.id.UUID}},
		} {
			if got := strings.Join(s.titles(f.LookingAt(1)), ","); got != want {
				t.Errorf("%+v: got %q, want %q", f, got, want)
			}
		}
	})
}

func TestSearch_passesOverWhatTheIndexHoldsOfAnOlderText(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for i := range 5 {
			s.create(fmt.Sprintf("Mug %d", i))
		}
		s.create("Newest")
		s.must(s.tx(func(tx *db.Tx) error { // as a bulk writer changes products
			_, err := db.Exec(t.Context(), tx, `UPDATE product SET title = 'Mug', search_text = 'mug, fine', indexed = FALSE WHERE store_id = $1 AND title LIKE 'Mug%'`, s.id)
			return err
		}))
		for range 2 {
			if got := s.titles(catalog.Filter{Query: "mug"}.LookingAt(1)); len(got) != 5 {
				t.Errorf("got %v", got)
			}
			if got := s.titles(catalog.Filter{Query: "mug 3"}.LookingAt(1)); len(got) != 0 {
				t.Errorf("the old text is found: %v", got)
			}
			s.must(catalog.IndexSearch(t.Context(), s.db, s.id))
		}
		if n := s.count(`SELECT count(*) FROM product_search`); n != 6 {
			t.Errorf("%d rows for 6 products", n)
		}
	})
}

func TestUnindexed_namesTheStoresWithWorkLeft(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.create("Mug")
		newShop(t, s.db).create("Cup")
		if got, err := catalog.Unindexed(t.Context(), s.db); err != nil || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
		s.unindex()
		s.must(catalog.IndexSearch(t.Context(), s.db, s.id))
		if got, err := catalog.Unindexed(t.Context(), s.db); err != nil || len(got) != 1 || got[0] == s.id {
			t.Errorf("%v, %v", got, err)
		}
		s.must(catalog.IndexAll(t.Context(), s.db))
		if got, err := catalog.Unindexed(t.Context(), s.db); err != nil || len(got) != 0 {
			t.Errorf("after indexing everything: %v, %v", got, err)
		}
		other := newShop(t, s.db)
		p := other.create("Bowl")
		other.unindex()
		other.delete(p.ID)
		s.must(catalog.IndexSearch(t.Context(), s.db, other.id))
		if n := s.count(`SELECT count(*) FROM product WHERE store_id = $1 AND NOT indexed`, other.id) + s.count(`SELECT count(*) FROM product_search`); n != 0 {
			t.Error("a deleted product was indexed")
		}
	})
}
