package shelf_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/review"
	"vitrine/internal/setup"
	"vitrine/internal/shelf"
	"vitrine/internal/store"
)

// counted counts the queries that go through it.
type counted struct {
	db.Q
	queries int
}

func (c *counted) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.queries++
	return c.Q.QueryContext(ctx, query, args...)
}

// shop opens a store with its own stock and a category of six mugs: the first has one
// unit, the second may be ordered back, the others are sold out.
func shop(t *testing.T, d *db.DB) (s store.Store, mugs catalog.CategoryID) {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	stock := inventory.NewWriter(d, nil)
	err = d.InTx(t.Context(), func(tx *db.Tx) error {
		made := store.New("Mugs")
		made.Type = store.Ecommerce
		if s, err = setup.Open(t.Context(), tx, owner, made); err != nil {
			return err
		}
		c, err := catalog.CreateCategory(t.Context(), tx, s.ID, catalog.Category{Name: "Mugs"})
		if err != nil {
			return err
		}
		mugs = c.ID
		for n := range 6 {
			p := catalog.NewProduct(fmt.Sprintf("Mug %d", n))
			cheap, dear := catalog.NewVariant(), catalog.NewVariant()
			cheap.Price, dear.Price = money.Amount(1000+n), 5000
			before := money.Amount(2000)
			cheap.CompareAtPrice, cheap.AllowBackorder = &before, n == 1
			cheap.Title, dear.Title = "Small", "Large"
			p.Variants, p.Categories = []catalog.Variant{dear, cheap}, []catalog.CategoryID{mugs}
			if p, err = catalog.Create(t.Context(), tx, s.ID, p); err != nil {
				return err
			}
			if n == 0 {
				if _, err := stock.Set(t.Context(), tx, s.ID, p.Variants[1].ID, nil, inventory.Target{Quantity: 1}, inventory.Note{}); err != nil {
					return err
				}
			}
		}
		r, err := review.Submit(t.Context(), tx, s, "mug-0", review.Review{Rating: 4, Author: "Ada"})
		if err != nil {
			return err
		}
		_, err = review.Moderate(t.Context(), tx, s.ID, r.ID, func(s *review.Status) { *s = review.Approved })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, mugs
}

func TestList_takesThreeQueriesAtMost(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, mugs := shop(t, d)
		low, high := money.Amount(1000), money.Amount(1001)
		for _, f := range []shelf.Filter{
			{},
			{Within: []catalog.CategoryID{mugs}},
			{InStock: true},
			{Query: "mug", Within: []catalog.CategoryID{mugs}, Min: &low, Max: &high, InStock: true},
		} {
			for _, o := range []catalog.Order{catalog.Newest, catalog.PriceAsc, catalog.TitleDesc} {
				q := &counted{Q: d}
				cards, more, err := shelf.List(t.Context(), q, s, f, o, db.Page{Limit: 10})
				want := 6
				if f.InStock {
					want = 2
				}
				if err != nil || more || len(cards) != want || q.queries > 3 {
					t.Errorf("%+v by %s: %d cards in %d queries, %v", f, o, len(cards), q.queries, err)
				}
			}
		}
	})
}

func TestList_pagesThroughCategories(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, mugs := shop(t, d)
		for _, within := range [][]catalog.CategoryID{{mugs}, {mugs, mugs}} { // what is in two is shown once
			var all []string
			for p, more := (db.Page{Limit: 2}), true; more; {
				var cards []shelf.Card
				var err error
				if cards, more, err = shelf.List(t.Context(), d, s, shelf.Filter{Within: within}, catalog.Newest, p); err != nil {
					t.Fatal(err)
				}
				for _, c := range cards {
					all, p.Before = append(all, c.Slug), c.ID.UUID
				}
			}
			if want := []string{"mug-5", "mug-4", "mug-3", "mug-2", "mug-1", "mug-0"}; !slices.Equal(all, want) {
				t.Errorf("%d categories: %v", len(within), all)
			}
		}
	})
}

func TestFind_takesThreeQueriesForAProductAndAllBelowIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, mugs := shop(t, d)
		q := &counted{Q: d}
		p, err := shelf.Find(t.Context(), q, s, "mug-0", func(c []catalog.CategoryID) catalog.CategoryID {
			if len(c) != 1 || c[0] != mugs {
				t.Errorf("its categories are %v", c)
			}
			return mugs
		})
		if err != nil || q.queries != 3 {
			t.Fatalf("%d queries, %v", q.queries, err)
		}
		if len(p.Variants) != 2 || p.InStock[p.Variants[0].ID] || !p.InStock[p.Variants[1].ID] {
			t.Errorf("%d variants, of which %v can be had", len(p.Variants), p.InStock)
		}
		if len(p.Reviews) != 1 || p.Reviews[0].Author != "Ada" || p.Reviews[0].Rating != 4 {
			t.Errorf("reviews: %+v", p.Reviews)
		}
		if len(p.Related) != 4 || p.Related[0].Slug != "mug-5" || p.Related[3].Slug != "mug-2" {
			t.Fatalf("related: %+v", p.Related)
		}
		if c := p.Related[0]; c.Price != 1005 || c.Before != 2000 || !c.Varies || c.InStock {
			t.Errorf("%+v", c)
		}
		_, err = shelf.Find(t.Context(), d, s, "nothing", func([]catalog.CategoryID) catalog.CategoryID { return mugs })
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("nothing is found with %v", err)
		}
	})
}
