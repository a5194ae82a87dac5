package inventory_test

import (
	"slices"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
)

// revise changes a product with its variants.
func (s *shop) revise(p catalog.ProductID, edit func(*catalog.Product)) (e catalog.Edit, err error) {
	err = s.db.InTx(s.t.Context(), func(tx *db.Tx) error {
		e, err = inventory.ReviseProduct(s.t.Context(), tx, s.id, p, edit)
		return err
	})
	return e, err
}

func TestReviseProduct_takesTheLevelsOfVariantsThatGoOutOfTheLists(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		p := s.product("Mug", false)
		e, err := s.revise(p.ID, func(p *catalog.Product) { p.Variants = append(p.Variants, catalog.NewVariant()) })
		if err != nil {
			t.Fatal(err)
		}
		stays, goes := e.After.Variants[0].ID, e.After.Variants[1].ID
		kept, held := s.put(stays, s.main, 5), s.put(goes, s.main, 3)
		takeOut := func(p *catalog.Product) {
			p.Variants = slices.DeleteFunc(p.Variants, func(v catalog.Variant) bool { return v.ID == goes })
		}

		if _, err := s.writer.Reserve(t.Context(), s.id, held, units(2)); err != nil {
			t.Fatal(err)
		}
		_, err = s.revise(p.ID, takeOut)
		fault.AssertCode(t, err, "reserved")
		s.want(held, 3, 2)

		if _, err := s.writer.Release(t.Context(), s.id, held, units(2)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.revise(p.ID, takeOut); err != nil {
			t.Fatal(err)
		}
		if _, err := inventory.GetLevel(t.Context(), d, s.id, held); !fault.Is(err, fault.NotFound) {
			t.Errorf("the level of a variant that is gone: %v", err)
		}
		s.want(kept, 5, 0)
		s.sound()
	})
}

func TestReviseProduct_tellsLevelsWhetherTheyMayBeOrderedBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		p := s.product("Mug", false)
		l := s.put(p.Variants[0].ID, s.main, 1)
		allow := func(yes bool) error {
			_, err := s.revise(p.ID, func(p *catalog.Product) { p.Variants[0].AllowBackorder = yes })
			return err
		}
		_, err := s.writer.Reserve(t.Context(), s.id, l, units(2))
		fault.AssertCode(t, err, "sold_out")
		if err := allow(true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.writer.Reserve(t.Context(), s.id, l, units(2)); err != nil {
			t.Fatal(err)
		}
		fault.AssertCode(t, allow(false), "backorder_in_use")
		s.want(l, 1, 2)
		s.sound()
	})
}
