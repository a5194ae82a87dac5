package inventory_test

import (
	"fmt"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

// shop is a store that owns stock.
type shop struct {
	t      testing.TB
	db     *db.DB
	writer *inventory.Writer
	id     store.ID
	main   inventory.WarehouseID
}

func newShop(t testing.TB, d *db.DB) *shop {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, db: d, writer: inventory.NewWriter(d, nil)}
	s.tx(func(tx *db.Tx) error {
		opened := store.New("Shop")
		opened.Type = store.Ecommerce
		made, err := setup.Open(t.Context(), tx, owner, opened)
		s.id = made.ID
		return err
	})
	all, _, err := inventory.ListWarehouses(t.Context(), d, s.id, db.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.main = all[0].ID
	return s
}

// tx runs fn in a transaction that must succeed.
func (s *shop) tx(fn func(*db.Tx) error) {
	s.t.Helper()
	if err := s.db.InTx(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// warehouse adds a warehouse.
func (s *shop) warehouse(name string) inventory.WarehouseID {
	s.t.Helper()
	var w inventory.Warehouse
	s.tx(func(tx *db.Tx) (err error) {
		w, err = inventory.CreateWarehouse(s.t.Context(), tx, s.id, inventory.NewWarehouse(name))
		return err
	})
	return w.ID
}

// product adds a product with one variant.
func (s *shop) product(title string, backorder bool) catalog.Product {
	s.t.Helper()
	var p catalog.Product
	s.tx(func(tx *db.Tx) (err error) {
		p = catalog.NewProduct(title)
		v := catalog.NewVariant()
		v.AllowBackorder = backorder
		p.Variants = []catalog.Variant{v}
		p, err = catalog.Create(s.t.Context(), tx, s.id, p)
		return err
	})
	return p
}

// variant adds a product and returns its variant.
func (s *shop) variant(backorder bool) catalog.VariantID {
	s.t.Helper()
	return s.product(fmt.Sprintf("Thing %s", s.db.NewID()), backorder).Variants[0].ID
}

// put sets how much of a variant lies in a warehouse.
func (s *shop) put(v catalog.VariantID, w inventory.WarehouseID, n int64) inventory.LevelID {
	s.t.Helper()
	var l inventory.Level
	s.tx(func(tx *db.Tx) (err error) {
		l, err = s.writer.Set(s.t.Context(), tx, s.id, v, &w, inventory.Target{Quantity: n}, inventory.Note{})
		return err
	})
	return l.ID
}

// level returns a level that is there.
func (s *shop) level(l inventory.LevelID) inventory.Level {
	s.t.Helper()
	found, err := inventory.GetLevel(s.t.Context(), s.db, s.id, l)
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// want checks a level's numbers.
func (s *shop) want(l inventory.LevelID, quantity, reserved int64) {
	s.t.Helper()
	if found := s.level(l); found.Quantity != quantity || found.Reserved != reserved {
		s.t.Errorf("%d on hand and %d reserved, want %d and %d", found.Quantity, found.Reserved, quantity, reserved)
	}
}

// sound checks that everything adds up.
func (s *shop) sound() {
	s.t.Helper()
	for d, err := range inventory.Verify(s.t.Context(), s.db) {
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Error(d)
	}
}

// units is a move of n units.
func units(n int64) inventory.Move { return inventory.Move{Units: n} }
