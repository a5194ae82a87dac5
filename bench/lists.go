package main

import (
	"context"
	"fmt"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

const (
	hundredth = 10_000 // of the products of the store whose lists are read
	pageSize  = 50
	pages     = 200
)

var aboutLists = fmt.Sprintf(`
A store of %d products, a tenth of them drafts, each with a variant and in one of 10 categories: the newest %d products of a list and the
oldest, with their variants, categories and suppliers, as the list's function finds them and as a client gets them over HTTP. Median of %d
pages, the first and the last in turn. Mark: the last page costs at most 1.5 × the first.

| database | list | first page | last page | | over HTTP: first | last | |
| --- | --- | --- | --- | --- | --- | --- | --- |`, hundredth*100, pageSize, pages)

func measureLists(ctx context.Context, d *db.DB, out *report) error {
	c, err := newClient(ctx, d)
	if err != nil {
		return err
	}
	defer c.close()
	s, err := fixture.Catalog(ctx, d, c.user, fixture.Size{Products: hundredth, VariantsEach: 1, Categories: 10, CategoryLinks: hundredth})
	if err != nil {
		return err
	}
	if err := alter(ctx, d, "UPDATE product SET status = 'draft' WHERE slug LIKE '%7_'"); err != nil {
		return err
	}
	if err := multiply(ctx, d, s.ID, 100, "product", "variant", "product_category"); err != nil {
		return err
	}
	if err := analyze(ctx, d); err != nil {
		return err
	}
	category, err := db.One(ctx, d, db.Value[id.UUID], `SELECT category_id FROM product_category WHERE store_id = $1 LIMIT 1`, s.ID)
	if err != nil {
		return err
	}
	for _, l := range []list{
		{"all", catalog.Filter{}, ""},
		{"active", catalog.Filter{Status: catalog.Active}, "status=active"},
		{"drafts", catalog.Filter{Status: catalog.Draft}, "status=draft"},
		{"a category", catalog.Filter{Category: &catalog.CategoryID{UUID: category}}, "category_id=" + category.String()},
		{"drafts of a category", catalog.Filter{Status: catalog.Draft, Category: &catalog.CategoryID{UUID: category}}, "status=draft&category_id=" + category.String()},
	} {
		if err := l.measure(ctx, d, s.ID, c, out); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return nil
}

// list is a list of products: as a filter, and as the query of an address.
type list struct {
	name   string
	filter catalog.Filter
	query  string
}

func (l list) measure(ctx context.Context, d *db.DB, st store.ID, c *client, out *report) error {
	newest := db.Page{Limit: pageSize}
	oldest, err := l.lastPage(ctx, d, st)
	if err != nil {
		return err
	}
	found := func(p db.Page) func() error {
		return func() error {
			products, more, err := catalog.List(ctx, d, st, l.filter, p)
			if err == nil && (len(products) != pageSize || more == (p == oldest)) {
				err = fmt.Errorf("%d products, more: %t", len(products), more)
			}
			return err
		}
	}
	first, last, err := inTurn(pages, found(newest), found(oldest))
	if err != nil {
		return err
	}
	got := func(p db.Page) func() error {
		return func() error { return c.products(ctx, st, l.query, p) }
	}
	firstGot, lastGot, err := inTurn(pages, got(newest), got(oldest))
	if err != nil {
		return err
	}
	out.row(d.Engine(), l.name, millis(first), millis(last), out.atMost(1.5, ratio(last, first), "×"),
		millis(firstGot), millis(lastGot), out.atMost(1.5, ratio(lastGot, firstGot), "×"))
	return nil
}

// lastPage returns the page that ends with the oldest product of the list.
func (l list) lastPage(ctx context.Context, d *db.DB, st store.ID) (db.Page, error) {
	p := db.Page{Limit: pageSize}
	var w db.Where
	w.Add("p.store_id = ?", st)
	if l.filter.Status != "" {
		w.Add("p.status = ?", string(l.filter.Status))
	}
	if c := l.filter.Category; c != nil {
		w.Add("p.id IN (SELECT product_id FROM product_category WHERE store_id = ? AND category_id = ?)", st, *c)
	}
	var err error
	p.Before, err = db.One(ctx, d, db.Value[id.UUID], fmt.Sprintf("SELECT p.id FROM product p %s ORDER BY p.id LIMIT 1 OFFSET %d", &w, pageSize), w.Args...)
	return p, err
}

// inTurn runs two things again and again, one after the other, and returns the
// median of each. The first go of each warms up.
func inTurn(times int, one, other func() error) (a, b time.Duration, err error) {
	var as, bs []time.Duration
	for i := range times + 1 {
		if a, err = timed(one); err != nil {
			return 0, 0, err
		}
		if b, err = timed(other); err != nil {
			return 0, 0, err
		}
		if i > 0 {
			as, bs = append(as, a), append(bs, b)
		}
	}
	return median(as), median(bs), nil
}
