package order_test

import (
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/pricing"
)

func (s *shop) look(r order.Request) order.Cart {
	s.t.Helper()
	c, err := s.orders.Look(s.t.Context(), s.store, r)
	s.must(err)
	return c
}

func TestLook_tellsAtEachLineWhetherItCanBeOrdered(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug, few, none, tea := s.product("MUG", 9_99, 10), s.product("FEW", 5_00, 2), s.product("NONE", 5_00, 0), s.product("TEA", 4_00, -1)
		draft, dropped := s.product("DRAFT", 5_00, 5), s.product("DROPPED", 5_00, -1)
		s.inTx(func(tx *db.Tx) error {
			if _, err := catalog.Update(t.Context(), tx, s.store.ID, draft.ID, func(p *catalog.Product) { p.Status = catalog.Draft }); err != nil {
				return err
			}
			return catalog.Delete(t.Context(), tx, s.store.ID, dropped.ID)
		})
		c := s.look(want(3, mug, few, none, tea, draft, dropped))
		for i, state := range []order.LineState{order.Ready, order.TooMany, order.SoldOut, order.Ready, order.Gone, order.Gone} {
			if c.Lines[i].State != state {
				t.Errorf("line %d is %s, want %s", i, c.Lines[i].State, state)
			}
		}
		if c.Ready() || c.Quote.Total != 3*9_99+3*4_00 || c.Lines[3].Charge.Gross != 12_00 {
			t.Errorf("%+v", c.Quote)
		}
		if first := c.Lines[0]; first.Title != "MUG" || first.Slug != "mug" || first.Choice != "" || first.UnitPrice != 9_99 {
			t.Errorf("%+v", first)
		}
		if gone := c.Lines[4]; gone.Title != "DRAFT" || gone.Slug != "" {
			t.Errorf("%+v", gone)
		}
		if c := s.look(want(2, mug, few)); !c.Ready() || c.Quote.Total != 2*9_99+2*5_00 {
			t.Errorf("%+v", c)
		}
		if c := s.look(want(2, mug, few, few)); c.Ready() || c.Lines[1].State != order.TooMany || c.Lines[2].State != order.TooMany {
			t.Errorf("the same twice: %+v", c.Lines)
		}
		s.place(want(2, few))
		if c := s.look(want(1, few)); c.Lines[0].State != order.SoldOut || c.Quote.Total != 0 {
			t.Errorf("what others hold is still offered: %+v", c)
		}
	})
}

func TestLook_refusesNoCodeAndNoPriceButSaysSo(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug, gold := s.product("MUG", 10_00, 10), s.product("GOLD", money.Max, -1)
		s.inTx(func(tx *db.Tx) error {
			_, err := pricing.CreateDiscount(t.Context(), tx, s.store.ID, pricing.Discount{
				Code: "TEN", Type: pricing.Percentage, Percent: money.Whole / 10, AppliesTo: pricing.All, Status: pricing.Active,
			})
			return err
		})
		r, good, bad := want(1, mug), "ten", "nope"
		if r.DiscountCode = &good; s.look(r).Quote.Total != 9_00 {
			t.Errorf("%+v", s.look(r))
		}
		r.DiscountCode = &bad
		if c := s.look(r); c.Discount == nil || c.Discount.Code != "discount_unknown" || c.Quote.Total != 10_00 || !c.Ready() {
			t.Errorf("%+v", c)
		}
		if c := s.look(want(2, gold)); c.Refused == nil || c.Refused.Code != "too_much" || c.Ready() {
			t.Errorf("%+v", c)
		}
		if _, err := s.orders.Look(t.Context(), s.store, order.Request{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("nothing at all: %v", err)
		}
	})
}
