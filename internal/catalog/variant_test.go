package catalog_test

import (
	"sync"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
)

func (s *shop) createVariant(p catalog.ProductID, v catalog.Variant) (catalog.Variant, error) {
	err := s.tx(func(tx *db.Tx) (err error) {
		v, err = catalog.CreateVariant(s.t.Context(), tx, s.id, p, v)
		return err
	})
	return v, err
}

func (s *shop) updateVariant(p catalog.ProductID, id catalog.VariantID, edit func(*catalog.Variant)) (v catalog.Variant, err error) {
	err = s.tx(func(tx *db.Tx) (err error) {
		v, err = catalog.UpdateVariant(s.t.Context(), tx, s.id, p, id, edit)
		return err
	})
	return v, err
}

func (s *shop) deleteVariant(p catalog.ProductID, v catalog.VariantID) error {
	return s.tx(func(tx *db.Tx) error { return catalog.DeleteVariant(s.t.Context(), tx, s.id, p, v) })
}

func TestSKU_isTakenOnceInAStore(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := s.create("Mug", "A", "B")
		p := catalog.NewProduct("Cup")
		p.Variants = []catalog.Variant{sold("C"), sold("B")}
		_, err := s.tryCreate(p)
		fault.AssertCode(t, err, "sku_taken")
		if err.Error() != `SKU "B" is already used.` {
			t.Errorf("message %q", err)
		}
		p.Variants = []catalog.Variant{sold("D"), sold(" D ")}
		_, err = s.tryCreate(p)
		fault.AssertCode(t, err, "sku_taken")
		_, err = s.createVariant(mug.ID, sold("A"))
		fault.AssertCode(t, err, "sku_taken")
		_, err = s.updateVariant(mug.ID, mug.Variants[0].ID, func(v *catalog.Variant) { v.SKU = to("B") })
		fault.AssertCode(t, err, "sku_taken")
		s.must(s.deleteVariant(mug.ID, mug.Variants[1].ID))
		if _, err := s.createVariant(mug.ID, sold("B")); err != nil {
			t.Errorf("the SKU of a deleted variant: %v", err)
		}
		newShop(t, s.db).create("Mug", "A")
		s.create("Blank", " ", "")
	})
}

func TestVariants_areAddedBehindTheOthersAndMoved(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug", "A", "B")
		c, err := s.createVariant(p.ID, sold("C"))
		s.must(err)
		if c.Position != 3 || c.Title != "Default" {
			t.Errorf("variant %+v", c)
		}
		_, err = s.updateVariant(p.ID, p.Variants[0].ID, func(v *catalog.Variant) { v.Position, v.Price, v.Title = 9, 500, "Last" })
		s.must(err)
		got := s.get(p.ID).Variants
		if len(got) != 3 || *got[0].SKU != "B" || *got[1].SKU != "C" || got[2].Title != "Last" || got[2].Price != 500 || *got[2].SKU != "A" {
			t.Errorf("variants %+v", got)
		}
		page, more, err := catalog.Variants(t.Context(), s.db, s.id, p.ID, db.Page{Limit: 2})
		s.must(err)
		if len(page) != 2 || !more || page[0].ID != c.ID {
			t.Errorf("newest first: %+v", page)
		}
	})
}

func TestVariants_ofAnotherProductOrStoreAreNotThere(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug, cup, other := s.create("Mug", "A", "B"), s.create("Cup"), newShop(t, s.db)
		v := mug.Variants[0].ID
		for name, err := range map[string]error{
			"delete": s.deleteVariant(cup.ID, v),
			"store":  other.deleteVariant(mug.ID, v),
			"update": func() error {
				_, err := s.updateVariant(cup.ID, v, func(*catalog.Variant) {})
				return err
			}(),
			"get": func() error {
				_, err := catalog.GetVariant(t.Context(), s.db, s.id, cup.ID, v)
				return err
			}(),
			"list": func() error {
				_, _, err := catalog.Variants(t.Context(), s.db, other.id, mug.ID, db.Page{Limit: 1})
				return err
			}(),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestDeleteVariant_keepsTheLastOneAlsoWhenAllGoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug", "A", "B", "C", "D")
		var wg sync.WaitGroup
		refused := make([]error, 4)
		for i, v := range p.Variants {
			wg.Go(func() { refused[i] = s.deleteVariant(p.ID, v.ID) })
		}
		wg.Wait()
		n := 0
		for _, err := range refused {
			if err != nil {
				fault.AssertCode(t, err, "last_variant")
				n++
			}
		}
		if n != 1 || len(s.get(p.ID).Variants) != 1 {
			t.Errorf("%d were refused, %d are left", n, len(s.get(p.ID).Variants))
		}
	})
}

func TestLink_hasOnePrimaryAtMost(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := s.create("Mug")
		supplier := func(s *shop) (id catalog.SupplierID) {
			s.must(s.tx(func(tx *db.Tx) error {
				made, err := catalog.CreateSupplier(t.Context(), tx, s.id, catalog.NewSupplier("Potter"))
				id = made.ID
				return err
			}))
			return id
		}
		link := func(l catalog.SupplierLink) error {
			return s.tx(func(tx *db.Tx) error {
				_, err := catalog.Link(t.Context(), tx, s.id, p.ID, l)
				return err
			})
		}
		a, b, foreign := supplier(s), supplier(s), supplier(newShop(t, s.db))
		s.must(link(catalog.SupplierLink{Supplier: a, SupplierSKU: to(" P-1 "), Primary: true}))
		s.must(link(catalog.SupplierLink{Supplier: b, Primary: true}))
		got := s.get(p.ID).Suppliers
		if len(got) != 2 || got[0].Supplier != a || got[0].Primary || *got[0].SupplierSKU != "P-1" || !got[1].Primary {
			t.Errorf("links %+v", got)
		}
		s.must(link(catalog.SupplierLink{Supplier: a, Primary: true}))
		if got := s.get(p.ID).Suppliers; !got[0].Primary || got[0].SupplierSKU != nil || got[1].Primary {
			t.Errorf("links %+v", got)
		}
		if err := link(catalog.SupplierLink{Supplier: foreign}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another store's supplier: %v", err)
		}
		unlink := func() error {
			return s.tx(func(tx *db.Tx) error { return catalog.Unlink(t.Context(), tx, s.id, p.ID, a) })
		}
		s.must(unlink())
		if err := unlink(); !fault.Is(err, fault.NotFound) {
			t.Errorf("unlinked twice: %v", err)
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if err := link(catalog.SupplierLink{Supplier: []catalog.SupplierID{a, b}[i%2], Primary: true}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.count(`SELECT count(*) FROM product_supplier WHERE store_id = $1 AND is_primary`, s.id); n != 1 {
			t.Errorf("%d primary suppliers", n)
		}
	})
}
