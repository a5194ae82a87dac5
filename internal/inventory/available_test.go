package inventory_test

import (
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/inventory"
)

func TestAvailable_addsUpWhatNobodyHolds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		east := s.warehouse("East")
		mug, none, back := s.product("Mug", false), s.product("Never counted", false), s.product("Backordered", true)
		l := s.put(mug.Variants[0].ID, s.main, 5)
		s.put(mug.Variants[0].ID, east, 4)
		owed := s.put(back.Variants[0].ID, s.main, 1)
		for level, n := range map[inventory.LevelID]int64{l: 2, owed: 3} {
			if _, err := s.writer.Reserve(t.Context(), s.id, level, units(n)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := inventory.Available(t.Context(), d, s.id, []catalog.Product{mug, none, back})
		if err != nil || len(got) != 2 || got[mug.ID] != 7 || got[back.ID] != 0 {
			t.Errorf("available are %v, %v", got, err)
		}
	})
}
