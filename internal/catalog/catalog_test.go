package catalog_test

import (
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/store"
)

// each runs fn on every database, with a store of nothing.
func each(t *testing.T, fn func(t *testing.T, s *shop)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newShop(t, d)) })
}

// shop is a store in a database.
type shop struct {
	t  *testing.T
	db *db.DB
	id store.ID
}

func newShop(t *testing.T, d *db.DB) *shop {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{})
	if err != nil {
		t.Fatal(err)
	}
	return &shop{t: t, db: d, id: s.ID}
}

func (s *shop) tx(fn func(tx *db.Tx) error) error { return s.db.InTx(s.t.Context(), fn) }

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// tryCreate adds a product.
func (s *shop) tryCreate(p catalog.Product) (catalog.Product, error) {
	err := s.tx(func(tx *db.Tx) (err error) {
		p, err = catalog.Create(s.t.Context(), tx, s.id, p)
		return err
	})
	return p, err
}

func (s *shop) create(title string, skus ...string) catalog.Product {
	s.t.Helper()
	p := catalog.NewProduct(title)
	for _, sku := range skus {
		p.Variants = append(p.Variants, sold(sku))
	}
	p, err := s.tryCreate(p)
	s.must(err)
	return p
}

// sold is a variant with a SKU.
func sold(sku string) catalog.Variant {
	v := catalog.NewVariant()
	v.SKU = &sku
	return v
}

func (s *shop) update(p catalog.ProductID, edit func(*catalog.Product)) (catalog.Product, error) {
	var out catalog.Product
	err := s.tx(func(tx *db.Tx) (err error) {
		out, err = catalog.Update(s.t.Context(), tx, s.id, p, edit)
		return err
	})
	return out, err
}

func (s *shop) delete(p catalog.ProductID) {
	s.t.Helper()
	s.must(s.tx(func(tx *db.Tx) error { return catalog.Delete(s.t.Context(), tx, s.id, p) }))
}

func (s *shop) get(p catalog.ProductID) catalog.Product {
	s.t.Helper()
	found, err := catalog.Get(s.t.Context(), s.db, s.id, p)
	s.must(err)
	return found
}

// titles returns the titles of all products that a filter finds, by pages of two.
func (s *shop) titles(f catalog.Filter) []string {
	s.t.Helper()
	titles := []string{}
	page := db.Page{Limit: 2}
	for {
		found, more, err := catalog.List(s.t.Context(), s.db, s.id, f, page)
		s.must(err)
		for _, p := range found {
			titles = append(titles, p.Title)
		}
		if !more {
			return titles
		}
		page.Before = found[len(found)-1].ID.UUID
	}
}

func (s *shop) count(query string, args ...any) int {
	s.t.Helper()
	n, err := db.One(s.t.Context(), s.db, db.Value[int], query, args...)
	s.must(err)
	return n
}

func to[T any](v T) *T { return &v }
