package inventory_test

import (
	"slices"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/inventory"
)

func TestTrends_tellWhatWasOnHandAtTheEndOfEachDay(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(time.Date(2026, 1, 15, 23, 30, 0, 0, time.UTC))
		d := dbtest.Open(t, address, c)
		s := newShop(t, d)
		old := s.put(s.variant(false), s.main, 50)
		c.Advance(20 * 24 * time.Hour)
		fresh := s.put(s.variant(false), s.main, 7)
		s.adjust(old, -10)
		s.adjust(old, 1)
		c.Advance(time.Hour) // the next day
		s.adjust(old, -5)
		c.Advance(24 * time.Hour)

		trends, err := inventory.Trends(t.Context(), d, s.id, []inventory.Level{s.level(old), s.level(fresh)}, 4, d.Now())
		if err != nil || !slices.Equal(trends[old], []int64{50, 41, 36, 36}) {
			t.Errorf("the old level's trend is %v, %v", trends[old], err)
		}
		if want := []int64{0, 7, 7, 7}; !slices.Equal(trends[fresh], want) {
			t.Errorf("the fresh level's trend is %v, want %v", trends[fresh], want)
		}
		if none, err := inventory.Trends(t.Context(), d, s.id, nil, 4, d.Now()); err != nil || len(none) != 0 {
			t.Errorf("without levels there is %v, %v", none, err)
		}
	})
}

func TestList_canShowOnlyWhatIsOutOfStock(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		s.put(s.variant(false), s.main, 5)
		none := s.put(s.variant(false), s.main, 0)
		held := s.put(s.variant(false), s.main, 3)
		if _, err := s.writer.Reserve(t.Context(), s.id, held, units(3)); err != nil {
			t.Fatal(err)
		}
		found, more, err := inventory.List(t.Context(), d, s.id, inventory.Filter{Out: true}, db.Page{Limit: 10})
		if err != nil || more || len(found) != 2 || found[0].ID != held || found[1].ID != none {
			t.Errorf("out of stock are %v, %v", found, err)
		}
	})
}

func TestContents_addUpEachWarehouse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		east, empty := s.warehouse("East"), s.warehouse("Empty")
		v := s.variant(false)
		s.put(v, s.main, 5)
		s.put(s.variant(false), s.main, 4)
		l := s.put(v, east, 3)
		if _, err := s.writer.Reserve(t.Context(), s.id, l, units(2)); err != nil {
			t.Fatal(err)
		}
		all, err := inventory.Contents(t.Context(), d, s.id)
		if err != nil || all[s.main] != (inventory.Content{Variants: 2, InStock: 9}) || all[east] != (inventory.Content{Variants: 1, InStock: 3, Reserved: 2}) || all[empty] != (inventory.Content{}) {
			t.Errorf("found %v, %v", all, err)
		}
	})
}

// adjust corrects a level by n units.
func (s *shop) adjust(l inventory.LevelID, n int64) {
	s.t.Helper()
	if _, err := s.writer.Adjust(s.t.Context(), s.id, l, inventory.Correction, units(n)); err != nil {
		s.t.Fatal(err)
	}
}
