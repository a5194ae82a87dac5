package catalog_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
)

func (s *shop) revise(p catalog.ProductID, edit func(*catalog.Product)) (e catalog.Edit, err error) {
	err = s.tx(func(tx *db.Tx) (err error) {
		e, err = catalog.Revise(s.t.Context(), tx, s.id, p, edit)
		return err
	})
	return e, err
}

func (s *shop) supplier(name string) catalog.SupplierID {
	s.t.Helper()
	var made catalog.Supplier
	s.must(s.tx(func(tx *db.Tx) (err error) {
		made, err = catalog.CreateSupplier(s.t.Context(), tx, s.id, catalog.NewSupplier(name))
		return err
	}))
	return made.ID
}

func (s *shop) category(name string, parent *catalog.CategoryID, position int) catalog.CategoryID {
	s.t.Helper()
	var made catalog.Category
	s.must(s.tx(func(tx *db.Tx) (err error) {
		made, err = catalog.CreateCategory(s.t.Context(), tx, s.id, catalog.Category{Name: name, Parent: parent, Position: position})
		return err
	}))
	return made.ID
}

// skus are the SKUs of a product's variants, in their order.
func skus(p catalog.Product) []string {
	var all []string
	for _, v := range p.Variants {
		all = append(all, *v.SKU)
	}
	return all
}

func TestRevise_makesAProductWhatTheEditLeaves(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug", "A", "B", "C")
		potter, shelf := s.supplier("Potter"), s.category("Cups", nil, 0)
		e, err := s.revise(p.ID, func(p *catalog.Product) {
			p.Title, p.Status, p.Categories = "Cup", catalog.Draft, []catalog.CategoryID{shelf}
			p.Suppliers = []catalog.SupplierLink{{Supplier: potter, Cost: to(money.Amount(400)), Primary: true}}
			p.Variants[0].Price = 900
			p.Variants = append(slices.Delete(p.Variants, 1, 2), sold("D"))
		})
		s.must(err)
		if removed := e.Removed(); len(removed) != 1 || removed[0] != p.Variants[1].ID || len(e.Added()) != 1 || len(e.Altered()) != 1 {
			t.Errorf("removed %v, added %v, altered %v", removed, e.Added(), e.Altered())
		}
		got := s.get(p.ID)
		if got.Title != "Cup" || got.Slug != "mug" || got.Status != catalog.Draft || !slices.Equal(got.Categories, []catalog.CategoryID{shelf}) {
			t.Errorf("product %+v", got)
		}
		if !slices.Equal(skus(got), []string{"A", "C", "D"}) || got.Variants[0].Price != 900 || got.Variants[0].ID != p.Variants[0].ID || got.Variants[2].Position != 4 {
			t.Errorf("variants %+v", got.Variants)
		}
		if len(got.Suppliers) != 1 || got.Suppliers[0].Supplier != potter || *got.Suppliers[0].Cost != 400 || !got.Suppliers[0].Primary {
			t.Errorf("suppliers %+v", got.Suppliers)
		}
		if found := s.titles(catalog.Filter{Query: "d"}); !slices.Equal(found, []string{"Cup"}) {
			t.Errorf("found by its new SKU: %v", found)
		}
		s.create("Other", "B") // free again
	})
}

func TestRevise_letsVariantsSwapTheirSKUs(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug", "A", "B")
		_, err := s.revise(p.ID, func(p *catalog.Product) { p.Variants[0].SKU, p.Variants[1].SKU = to("B"), to("A") })
		s.must(err)
		if got := skus(s.get(p.ID)); !slices.Equal(got, []string{"B", "A"}) {
			t.Errorf("SKUs %v", got)
		}
		_, err = s.revise(p.ID, func(p *catalog.Product) {
			added := sold("A")
			p.Variants = []catalog.Variant{p.Variants[0], added}
		})
		s.must(err)
	})
}

func TestRevise_refusesWhatARuleForbidsAndChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug", "A", "B")
		s.create("Other", "X")
		foreign := newShop(t, s.db)
		shelf, potter := foreign.category("Cups", nil, 0), foreign.supplier("Potter")
		for code, edit := range map[string]func(*catalog.Product){
			"last_variant":     func(p *catalog.Product) { p.Variants = nil },
			"slug_taken":       func(p *catalog.Product) { p.Slug = "other" },
			"category_unknown": func(p *catalog.Product) { p.Categories = []catalog.CategoryID{shelf} },
			"supplier_unknown": func(p *catalog.Product) { p.Suppliers = []catalog.SupplierLink{{Supplier: potter}} },
		} {
			_, err := s.revise(p.ID, func(p *catalog.Product) { p.Title = "Changed"; edit(p) })
			fault.AssertCode(t, err, code)
		}
		for sku, edit := range map[string]func(*catalog.Product){
			"B": func(p *catalog.Product) { p.Variants[0].SKU = to("B") },
			"X": func(p *catalog.Product) { p.Variants[1].SKU = to("X") },
			"Y": func(p *catalog.Product) { p.Variants = append(p.Variants, sold("Y"), sold("Y")) },
		} {
			_, err := s.revise(p.ID, edit)
			fault.AssertCode(t, err, "sku_taken")
			if err.Error() != fmt.Sprintf("SKU %q is already used.", sku) {
				t.Errorf("message %q", err)
			}
		}
		if got := s.get(p.ID); got.Title != "Mug" || !slices.Equal(skus(got), []string{"A", "B"}) {
			t.Errorf("product %+v", got)
		}
		if _, err := foreign.revise(p.ID, func(*catalog.Product) {}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another store's product: %v", err)
		}
	})
}

func TestRevise_tellsEverythingThatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p, potter := s.create("Mug", "A", "B"), s.supplier("Potter")
		_, err := s.revise(p.ID, func(p *catalog.Product) {
			p.Title, p.Slug = " ", " "
			p.Variants[1].Price, p.Variants[1].WeightUnit = -1, "stone"
			p.Suppliers = []catalog.SupplierLink{{Supplier: potter, Cost: to(money.Amount(-1)), Primary: true}, {Supplier: potter, Primary: true}}
		})
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Kind != fault.Invalid {
			t.Fatalf("error %v", err)
		}
		told := map[string]bool{}
		for _, f := range e.Fields {
			told[f.Path] = true
		}
		for _, want := range []string{"title", "slug", "variants[1].price", "variants[1].weight_unit", "suppliers[0].cost", "suppliers[1].supplier_id", "suppliers"} {
			if !told[want] {
				t.Errorf("%s is not among %v", want, told)
			}
		}
	})
}

func TestRevise_titlesAVariantAfterItsChoices(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug", "A")
		_, err := s.revise(p.ID, func(p *catalog.Product) {
			p.Options = []catalog.Option{{Name: "Size", Values: []string{"S"}}, {Name: "Colour", Values: []string{"Red"}}}
			p.Variants[0].Title, p.Variants[0].OptionValues = "", map[string]string{"Colour": "Red", "Size": "S"}
		})
		s.must(err)
		if got := s.get(p.ID); got.Variants[0].Title != "S / Red" || len(got.Options) != 2 {
			t.Errorf("product %+v", got)
		}
	})
}

func TestRevise_byManyAtOnceLosesNoVariant(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug", "A")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				_, err := s.revise(p.ID, func(p *catalog.Product) { p.Variants = append(p.Variants, sold(fmt.Sprintf("N-%d", i))) })
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := s.get(p.ID); len(got.Variants) != 9 {
			t.Errorf("%d variants", len(got.Variants))
		}
	})
}

func TestSetStatus_passesOverWhatIsGone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		a, b, gone := s.create("A"), s.create("B"), s.create("C")
		s.delete(gone.ID)
		var n int
		s.must(s.tx(func(tx *db.Tx) (err error) {
			n, err = catalog.SetStatus(t.Context(), tx, s.id, []catalog.ProductID{b.ID, gone.ID, a.ID, a.ID}, catalog.Archived)
			return err
		}))
		if n != 2 || s.get(a.ID).Status != catalog.Archived || s.get(b.ID).Status != catalog.Archived {
			t.Errorf("%d changed", n)
		}
		err := s.tx(func(tx *db.Tx) error {
			_, err := catalog.SetStatus(t.Context(), tx, s.id, []catalog.ProductID{a.ID}, "sold")
			return err
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a status that is none: %v", err)
		}
	})
}

func TestBranches_areATree(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		cups := s.category("Cups", nil, 2)
		s.category("Bowls", nil, 2)
		s.category("Tea", &cups, 1)
		espresso := s.category("Coffee", &cups, 0)
		s.category("Espresso", &espresso, 0)
		s.category("Sale", nil, 1)
		newShop(t, s.db).category("Foreign", nil, 0)
		tree, more, err := catalog.Branches(t.Context(), s.db, s.id, 100)
		s.must(err)
		var got []string
		for _, b := range tree {
			got = append(got, fmt.Sprintf("%d %s", b.Depth, b.Name))
		}
		if want := []string{"0 Sale", "0 Bowls", "0 Cups", "1 Coffee", "2 Espresso", "1 Tea"}; more || !slices.Equal(got, want) {
			t.Errorf("tree %v, more %v", got, more)
		}
		some, more, err := catalog.Branches(t.Context(), s.db, s.id, 3)
		s.must(err)
		if len(some) != 3 || !more {
			t.Errorf("%d of a tree, more %v", len(some), more)
		}
	})
}

func TestTitles_areOfTheProductsThatAreThere(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		a, gone, foreign := s.create("A"), s.create("B"), newShop(t, s.db).create("C")
		s.delete(gone.ID)
		titles, err := catalog.Titles(t.Context(), s.db, s.id, []catalog.ProductID{a.ID, gone.ID, foreign.ID})
		s.must(err)
		if len(titles) != 1 || titles[a.ID] != "A" {
			t.Errorf("titles %v", titles)
		}
	})
}
