package catalog_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
)

func TestCreate_keepsEverythingThatWasSaid(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := catalog.NewProduct(" Mug ")
		p.Description, p.Vendor, p.Type = to("a\r\nb"), to(" Pottery "), to("Kitchen")
		p.Tags = []string{" blue ", "blue", "", "clay"}
		p.Images = []catalog.Image{{URL: "https://x.example/2.jpg", Alt: "back", Position: 2}, {URL: "https://x.example/1.jpg", Position: 1}}
		p.Options = []catalog.Option{{Name: "Size", Values: []string{"S", "M"}}}
		p.SEOTitle, p.SEODescription = to("Mugs"), to("Buy mugs")
		v := catalog.NewVariant()
		v.SKU, v.Price, v.CompareAtPrice, v.Cost, v.Barcode = to("MUG-S"), 1299, to(money.Amount(1500)), to(money.Amount(400)), to("0123")
		v.Weight, v.WeightUnit, v.OptionValues, v.AllowBackorder = to(0.25), "lb", map[string]string{"Size": "S"}, true
		p.Variants = []catalog.Variant{v, catalog.NewVariant()}
		made, err := s.tryCreate(p)
		s.must(err)
		got := s.get(made.ID)
		if a, b := fmt.Sprintf("%+v", deref(got)), fmt.Sprintf("%+v", deref(made)); a != b {
			t.Errorf("read\n%s\nmade\n%s", a, b)
		}
		if got.Title != "Mug" || got.Slug != "mug" || *got.Description != "a\nb" || *got.Vendor != "Pottery" || got.Status != catalog.Active ||
			!slices.Equal(got.Tags, []string{"blue", "clay"}) || got.Images[0].URL != "https://x.example/1.jpg" || got.RatingAverage() != nil {
			t.Errorf("product %+v", got)
		}
		first := got.Variants[0]
		if first.Title != "S" || *first.SKU != "MUG-S" || *first.Cost != 400 || *first.Weight != 0.25 || first.WeightUnit != "lb" || !first.TrackInventory || !first.AllowBackorder || first.Position != 1 {
			t.Errorf("variant %+v", first)
		}
		if second := got.Variants[1]; second.Title != "Default" || second.Position != 2 || second.WeightUnit != "kg" {
			t.Errorf("variant %+v", second)
		}
	})
}

// deref shows what a product's pointers point to, and not where.
func deref(p catalog.Product) []any {
	out := []any{p.ID, p.Title, p.Slug, *p.Description, p.Status, *p.Vendor, *p.Type, p.Tags, p.Images, p.Options, *p.SEOTitle, *p.SEODescription, p.CreatedAt, p.UpdatedAt, p.Categories, p.Suppliers}
	for _, v := range p.Variants {
		out = append(out, v.ID, v.Product, v.Title, v.Price, v.WeightUnit, v.OptionValues, v.TrackInventory, v.Position, v.CreatedAt)
	}
	return out
}

func TestCreate_withoutVariantsMakesTheDefaultOne(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.get(s.create("Mug").ID)
		if len(p.Variants) != 1 || p.Variants[0].Title != "Default" || p.Variants[0].Price != 0 {
			t.Errorf("variants %+v", p.Variants)
		}
	})
}

func TestCreate_tellsEverythingThatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := catalog.NewProduct(" ")
		p.Status, p.Tags, p.Slug, p.Vendor = "sold", []string{"a,b"}, "No Good", to(strings.Repeat("x", 201))
		p.Images = []catalog.Image{{URL: "javascript:alert(1)", Position: -1}}
		p.Options = []catalog.Option{{Name: "Size"}, {Name: " Size "}}
		bad := catalog.NewVariant()
		bad.WeightUnit, bad.Weight, bad.Price, bad.OptionValues = "stone", to(-1.0), -1, map[string]string{"Size": ""}
		p.Variants = []catalog.Variant{catalog.NewVariant(), bad}
		_, err := s.tryCreate(p)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Kind != fault.Invalid {
			t.Fatalf("error %v", err)
		}
		told := map[string]bool{}
		for _, f := range e.Fields {
			told[f.Path] = true
		}
		for _, want := range []string{"title", "status", "tags[0]", "slug", "vendor", "images[0].url", "images[0].position", "options[1].name", "variants[1].weight_unit", "variants[1].weight", "variants[1].price", "variants[1].option_values"} {
			if !told[want] {
				t.Errorf("%s is not among %v", want, told)
			}
		}
	})
}

func TestCreate_numbersSlugsAndFreesThem(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		first := s.create("Mug!")
		if second, third := s.create("mug"), s.create("MUG"); first.Slug != "mug" || second.Slug != "mug-2" || third.Slug != "mug-3" {
			t.Errorf("slugs %q, %q, %q", first.Slug, second.Slug, third.Slug)
		}
		s.delete(first.ID)
		if again := s.create("Mug"); again.Slug != "mug" {
			t.Errorf("slug %q after the first was deleted", again.Slug)
		}
		if other := newShop(t, s.db).create("Mug"); other.Slug != "mug" {
			t.Errorf("slug %q in another store", other.Slug)
		}
		if p := s.create("杯"); p.Slug != "product" {
			t.Errorf("slug %q", p.Slug)
		}
		p := catalog.NewProduct("Cup")
		p.Slug = "mug-2"
		_, err := s.tryCreate(p)
		fault.AssertCode(t, err, "slug_taken")
		p.Slug = "tasse_für-tee"
		made, err := s.tryCreate(p)
		s.must(err)
		if made.Slug != p.Slug {
			t.Errorf("slug %q", made.Slug)
		}
		_, err = s.update(made.ID, func(p *catalog.Product) { p.Slug = "mug-3" })
		fault.AssertCode(t, err, "slug_taken")
		for _, slug := range []string{"", "-", "a b", "Mug", "a/b", strings.Repeat("x", 256)} {
			if _, err := s.update(made.ID, func(p *catalog.Product) { p.Slug = slug }); !fault.Is(err, fault.Invalid) {
				t.Errorf("slug %q: %v", slug, err)
			}
		}
	})
}

func TestCreate_atOnceGivesEachProductItsOwnSlug(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const n = 24
		slugs := make([]string, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				p, err := s.tryCreate(catalog.NewProduct("Mug"))
				if err != nil {
					t.Error(err)
				}
				slugs[i] = p.Slug
			})
		}
		wg.Wait()
		for i := range n {
			want := "mug"
			if i > 0 {
				want = fmt.Sprintf("mug-%d", i+1)
			}
			if !slices.Contains(slugs, want) {
				t.Errorf("nobody has %s: %v", want, slugs)
			}
		}
	})
}

func TestUpdate_changesWhatItIsToldAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		made := s.create("Mug", "M-1")
		got, err := s.update(made.ID, func(p *catalog.Product) {
			p.Title, p.Status, p.Vendor, p.Tags = "Cup", catalog.Archived, to("Pottery"), []string{"x"}
		})
		s.must(err)
		read := s.get(made.ID)
		for _, p := range []catalog.Product{got, read} {
			if p.Title != "Cup" || p.Slug != "mug" || p.Status != catalog.Archived || *p.Vendor != "Pottery" || len(p.Variants) != 1 || p.Tags[0] != "x" || !p.CreatedAt.Equal(made.CreatedAt) || !p.UpdatedAt.After(made.UpdatedAt) {
				t.Errorf("product %+v", p)
			}
		}
		if _, err = s.update(made.ID, func(p *catalog.Product) { p.Title = "" }); !fault.Is(err, fault.Invalid) {
			t.Errorf("a title was cleared: %v", err)
		}
		other := newShop(t, s.db)
		if _, err := other.update(made.ID, func(*catalog.Product) {}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another store changed it: %v", err)
		}
		if _, err := catalog.Get(t.Context(), s.db, other.id, made.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another store read it: %v", err)
		}
	})
}

func TestUpdate_replacesTheCategories(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		category := func(s *shop, name string) (c catalog.Category) {
			s.must(s.tx(func(tx *db.Tx) (err error) {
				c, err = catalog.CreateCategory(t.Context(), tx, s.id, catalog.Category{Name: name})
				return err
			}))
			return c
		}
		a, b, foreign := category(s, "A"), category(s, "B"), category(newShop(t, s.db), "C")
		p := catalog.NewProduct("Mug")
		p.Categories = []catalog.CategoryID{a.ID, a.ID}
		p, err := s.tryCreate(p)
		s.must(err)
		if got := s.get(p.ID).Categories; !slices.Equal(got, []catalog.CategoryID{a.ID}) {
			t.Errorf("categories %v", got)
		}
		for _, set := range [][]catalog.CategoryID{{b.ID, a.ID}, {b.ID}, {}} {
			got, err := s.update(p.ID, func(p *catalog.Product) { p.Categories = set })
			s.must(err)
			if read := s.get(p.ID).Categories; len(read) != len(set) || !slices.Equal(read, got.Categories) {
				t.Errorf("categories %v, want %v", read, set)
			}
		}
		_, err = s.update(p.ID, func(p *catalog.Product) { p.Categories = []catalog.CategoryID{b.ID, foreign.ID} })
		fault.AssertCode(t, err, "category_unknown")
		p = catalog.NewProduct("Cup")
		p.Categories = []catalog.CategoryID{foreign.ID}
		_, err = s.tryCreate(p)
		fault.AssertCode(t, err, "category_unknown")
		if n := s.count(`SELECT count(*) FROM product WHERE store_id = $1 AND title = 'Cup'`, s.id); n != 0 {
			t.Error("a refused product stayed")
		}
	})
}

func TestOptions_coverWhatTheVariantsChoose(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := catalog.NewProduct("Shirt")
		small := sold("S")
		small.OptionValues = map[string]string{"Size": "S", "Colour": "Red"}
		p.Variants = []catalog.Variant{small}
		p, err := s.tryCreate(p)
		s.must(err)
		show := func() string { return fmt.Sprint(s.get(p.ID).Options) }
		if got := show(); got != "[{Colour [Red]} {Size [S]}]" {
			t.Errorf("options %s", got)
		}
		s.must(s.tx(func(tx *db.Tx) error {
			v := sold("M")
			v.OptionValues = map[string]string{"Size": "M", "Colour": "Red"}
			v, err := catalog.CreateVariant(t.Context(), tx, s.id, p.ID, v)
			if v.Title != "Red / M" {
				t.Errorf("title %q", v.Title)
			}
			return err
		}))
		if got := show(); got != "[{Colour [Red]} {Size [S M]}]" {
			t.Errorf("options %s", got)
		}
		_, err = s.update(p.ID, func(p *catalog.Product) {
			p.Options = []catalog.Option{{Name: "Size", Values: []string{"L", "M"}}}
		})
		s.must(err)
		if got := show(); got != "[{Size [L M S]} {Colour [Red]}]" {
			t.Errorf("options %s", got)
		}
		_, err = s.update(p.ID, func(p *catalog.Product) {
			p.Options = []catalog.Option{{Name: "A"}, {Name: "B"}}
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("four options: %v", err)
		}
	})
}

func TestDelete_leavesNoLinkBehind(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug", "M-1")
		s.must(s.tx(func(tx *db.Tx) error {
			c, err := catalog.CreateCategory(t.Context(), tx, s.id, catalog.Category{Name: "A"})
			if err != nil {
				return err
			}
			supplier, err := catalog.CreateSupplier(t.Context(), tx, s.id, catalog.NewSupplier("Potter"))
			if err != nil {
				return err
			}
			if _, err := catalog.Update(t.Context(), tx, s.id, p.ID, func(p *catalog.Product) { p.Categories = []catalog.CategoryID{c.ID} }); err != nil {
				return err
			}
			if _, err := catalog.Link(t.Context(), tx, s.id, p.ID, catalog.SupplierLink{Supplier: supplier.ID}); err != nil {
				return err
			}
			discount := tx.NewID()
			if _, err := db.Exec(t.Context(), tx, `
				INSERT INTO discount (store_id, id, code, code_key, type, value, applies_to, times_used, status, created_at, updated_at)
				VALUES ($1, $2, 'X', 'x', 'percentage', 1, 'products', 0, 'active', $3, $3)`, s.id, discount, db.Time{Time: tx.Now()}); err != nil {
				return err
			}
			_, err = db.Exec(t.Context(), tx, `INSERT INTO discount_product (store_id, discount_id, product_id) VALUES ($1, $2, $3)`, s.id, discount, p.ID)
			return err
		}))
		s.delete(p.ID)
		for _, table := range []string{"product_category", "product_supplier", "discount_product"} {
			if n := s.count(`SELECT count(*) FROM `+table+` WHERE store_id = $1`, s.id); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
		if n := s.count(`SELECT count(*) FROM product_search`); n != 0 {
			t.Errorf("%d rows in product_search", n)
		}
		if _, err := catalog.Get(t.Context(), s.db, s.id, p.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("still there: %v", err)
		}
		if _, err := s.update(p.ID, func(*catalog.Product) {}); !fault.Is(err, fault.NotFound) {
			t.Errorf("still changed: %v", err)
		}
		if err := s.tx(func(tx *db.Tx) error { return catalog.Delete(t.Context(), tx, s.id, p.ID) }); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		s.create("Mug", "M-1")
	})
}

func TestDelete_ofACategoryOrSupplierThatIsBeingLinkedIsNeverAFailure(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mugs := []catalog.Product{s.create("A"), s.create("B"), s.create("C"), s.create("D")}
		for range 15 {
			var c catalog.Category
			var supplier catalog.Supplier
			s.must(s.tx(func(tx *db.Tx) (err error) {
				if c, err = catalog.CreateCategory(t.Context(), tx, s.id, catalog.Category{Name: "X"}); err != nil {
					return err
				}
				supplier, err = catalog.CreateSupplier(t.Context(), tx, s.id, catalog.NewSupplier("X"))
				return err
			}))
			var wg sync.WaitGroup
			for _, fn := range []func(tx *db.Tx) error{
				func(tx *db.Tx) error { return catalog.DeleteCategory(t.Context(), tx, s.id, c.ID) },
				func(tx *db.Tx) error { return catalog.DeleteSupplier(t.Context(), tx, s.id, supplier.ID) },
			} {
				wg.Go(func() {
					if err := s.tx(fn); err != nil && !fault.Is(err, fault.Conflict) {
						t.Error(err)
					}
				})
			}
			for _, p := range mugs {
				wg.Go(func() {
					_, err := s.update(p.ID, func(p *catalog.Product) { p.Categories = []catalog.CategoryID{c.ID} })
					if err != nil && !fault.Is(err, fault.Refused) {
						t.Error(err)
					}
				})
				wg.Go(func() {
					err := s.tx(func(tx *db.Tx) error {
						_, err := catalog.Link(t.Context(), tx, s.id, p.ID, catalog.SupplierLink{Supplier: supplier.ID})
						return err
					})
					if err != nil && !fault.Is(err, fault.NotFound) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
	})
}
