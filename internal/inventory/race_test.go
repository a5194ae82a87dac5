package inventory_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
)

// atOnce runs functions at the same time and returns what they returned.
func atOnce(fns ...func() error) []error {
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = fn() })
	}
	wg.Wait()
	return errs
}

func TestDelete_ofAVariantThatIsBeingReservedIsDecidedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 8 {
			s := newShop(t, d)
			p := s.product("Mug", false)
			l := s.put(p.Variants[0].ID, s.main, 10)
			errs := atOnce(func() error {
				_, err := s.writer.Reserve(t.Context(), s.id, l, units(1))
				return err
			}, func() error {
				return d.InTx(t.Context(), func(tx *db.Tx) error { return inventory.DeleteProduct(t.Context(), tx, s.id, p.ID) })
			})
			switch reserve, remove := fault.Code(errs[0]), fault.Code(errs[1]); {
			case errs[0] == nil && remove == "reserved":
			case errs[1] == nil && reserve == "not_found":
			default:
				t.Errorf("reserve: %v, delete: %v", errs[0], errs[1])
			}
			s.sound()
		}
	})
}

func TestDelete_ofAWarehouseThatGetsGoodsIsDecidedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for round := range 8 {
			s := newShop(t, d)
			v, w := s.variant(false), s.warehouse("Other")
			if round%2 == 0 { // a level that is there, or one that is not yet
				s.put(v, w, 0)
			}
			errs := atOnce(func() error {
				return d.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := s.writer.Set(t.Context(), tx, s.id, v, &w, inventory.Target{Quantity: 5}, inventory.Note{})
					return err
				})
			}, func() error {
				return d.InTx(t.Context(), func(tx *db.Tx) error { return inventory.DeleteWarehouse(t.Context(), tx, s.id, w) })
			})
			switch set, remove := fault.Code(errs[0]), fault.Code(errs[1]); {
			case errs[0] == nil && remove == "warehouse_in_use":
			case errs[1] == nil && set == "not_found":
			default:
				t.Errorf("set: %v, delete: %v", errs[0], errs[1])
			}
			levels, _, err := inventory.List(t.Context(), d, s.id, inventory.Filter{}, db.Page{Limit: 9})
			if err != nil || errs[1] == nil && len(levels) != 0 || errs[1] != nil && len(levels) != 1 {
				t.Errorf("%v, %v", levels, err)
			}
			s.sound()
		}
	})
}

func TestBackorder_clearedWhileItIsNeededIsDecidedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 8 {
			s := newShop(t, d)
			p := s.product("Mug", true)
			v := p.Variants[0]
			l := s.put(v.ID, s.main, 0)
			v.AllowBackorder = false
			errs := atOnce(func() error {
				_, err := s.writer.Reserve(t.Context(), s.id, l, units(1))
				return err
			}, func() error {
				return d.InTx(t.Context(), func(tx *db.Tx) error { return inventory.SyncBackorder(t.Context(), tx, s.id, v) })
			})
			switch reserve, clear := fault.Code(errs[0]), fault.Code(errs[1]); {
			case errs[0] == nil && clear == "backorder_in_use":
			case errs[1] == nil && reserve == "sold_out":
			default:
				t.Errorf("reserve: %v, clear: %v", errs[0], errs[1])
			}
			s.sound()
		}
	})
}

func TestSyncBackorders_keepsWhatIsNeeded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		owed, free, other := s.variant(true), s.variant(true), s.variant(false)
		levels := []inventory.LevelID{s.put(owed, s.main, 1), s.put(free, s.main, 1), s.put(other, s.main, 1)}
		if _, err := s.writer.Reserve(t.Context(), s.id, levels[0], units(2)); err != nil {
			t.Fatal(err)
		}
		s.exec(`UPDATE variant SET allow_backorder = NOT allow_backorder`) // as an import does
		s.tx(func(tx *db.Tx) error {
			kept, err := inventory.SyncBackorders(t.Context(), tx, s.id)
			if err == nil && (len(kept) != 1 || kept[0] != owed) {
				t.Errorf("kept %v", kept)
			}
			return err
		})
		for i, want := range []string{"", "sold_out", ""} {
			if _, err := s.writer.Reserve(t.Context(), s.id, levels[i], units(5)); fault.Code(err) != want {
				t.Errorf("level %d: %v", i, err)
			}
		}
		n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM inventory_level l JOIN variant v ON v.id = l.variant_id WHERE l.backorder <> v.allow_backorder`)
		if err != nil || n != 0 {
			t.Errorf("%d levels differ from their variants (%v)", n, err)
		}
		s.sound()
	})
}

func TestDefaultWarehouse_staysOneHoweverManyWantIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		var fns []func() error
		for _, name := range []string{"A", "B", "C", "D"} {
			w := s.warehouse(name)
			fns = append(fns, func() error {
				return d.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := inventory.UpdateWarehouse(t.Context(), tx, s.id, w, func(w *inventory.Warehouse) { w.Default = true })
					return err
				})
			}, func() error {
				return d.InTx(t.Context(), func(tx *db.Tx) error {
					made := inventory.NewWarehouse("New " + name)
					made.Default = true
					_, err := inventory.CreateWarehouse(t.Context(), tx, s.id, made)
					return err
				})
			})
		}
		if err := errors.Join(atOnce(fns...)...); err != nil {
			t.Error(err)
		}
		all, _, err := inventory.ListWarehouses(t.Context(), d, s.id, db.Page{Limit: 20})
		defaults := slices.DeleteFunc(slices.Clone(all), func(w inventory.Warehouse) bool { return !w.Default })
		if err != nil || len(all) != 9 || len(defaults) != 1 || !all[0].Default {
			t.Errorf("%d of %d are the default (%v)", len(defaults), len(all), err)
		}
	})
}

func TestNotice_hearsOfEachCrossingOnceInItsTransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		var mu sync.Mutex
		var low, flipped int
		refuse := false
		s.writer = inventory.NewWriter(d, func(ctx context.Context, tx *db.Tx, crossings []inventory.Crossing) error {
			mu.Lock()
			defer mu.Unlock()
			if refuse {
				return errors.New("nobody listens")
			}
			for _, c := range crossings {
				if c.BecameLow() {
					low++
				}
				if c.Flipped() {
					flipped++
				}
			}
			return nil
		})
		point := int64(5)
		var l inventory.Level
		v := s.variant(false)
		s.tx(func(tx *db.Tx) (err error) {
			l, err = s.writer.Set(t.Context(), tx, s.id, v, nil, inventory.Target{Quantity: 20, ReorderPoint: &point}, inventory.Note{})
			return err
		})
		low, flipped = 0, 0 // a new level comes from nothing
		sell := func(n int) {
			var fns []func() error
			for range n {
				fns = append(fns, func() error {
					_, err := s.writer.Reserve(t.Context(), s.id, l.ID, units(1))
					return err
				})
			}
			if err := errors.Join(atOnce(fns...)...); err != nil {
				t.Error(err)
			}
		}
		sell(14)
		if low != 0 || flipped != 0 {
			t.Errorf("%d low and %d flips with 6 left", low, flipped)
		}
		refuse = true
		if _, err := s.writer.Reserve(t.Context(), s.id, l.ID, units(1)); err == nil {
			t.Error("sold without notice")
		}
		refuse = false
		s.want(l.ID, 20, 14)
		sell(6)
		if low != 1 || flipped != 1 {
			t.Errorf("%d low and %d flips", low, flipped)
		}
		if _, err := s.writer.Release(t.Context(), s.id, l.ID, units(10)); err != nil {
			t.Error(err)
		}
		sell(5)
		if low != 2 || flipped != 2 {
			t.Errorf("%d low and %d flips after the second time", low, flipped)
		}
		s.sound()
	})
}
