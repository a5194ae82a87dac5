package demo_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/demo"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/media"
	"vitrine/internal/order"
	"vitrine/internal/picture"
	"vitrine/internal/pricing"
	"vitrine/internal/review"
	"vitrine/internal/store"
	"vitrine/internal/theme"
)

const base = "http://localhost:8080"

// open opens the demo without photographs, which take their time to be drawn, and on
// its first day.
func open(t *testing.T, d *db.DB, base string) []store.Store {
	t.Helper()
	return openWith(t, d, nil, base, 0)
}

func openWith(t *testing.T, d *db.DB, pictures *media.Service, base string, days int) []store.Store {
	t.Helper()
	accounts, err := account.New(d, account.DefaultSettings)
	if err != nil {
		t.Fatal(err)
	}
	stores, err := demo.Open(t.Context(), d, accounts, pictures, base, days)
	if err != nil {
		t.Fatal(err)
	}
	return stores
}

// products returns all products of a store.
func products(t *testing.T, d *db.DB, st store.ID) []catalog.Product {
	t.Helper()
	all, more, err := catalog.List(t.Context(), d, st, catalog.Filter{}, db.Page{Limit: 1000})
	if err != nil || more {
		t.Fatalf("list the products: %v, more: %v", err, more)
	}
	return all
}

func TestOpen_givesTheMerchantAFurnishedStoreOfEachType(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		stores := open(t, d, base)
		types := map[store.Type]bool{}
		total := 0
		for _, s := range stores {
			types[s.Type] = true
			all := products(t, d, s.ID)
			total += len(all)
			checkProducts(t, s, all)
			checkFurniture(t, d, s)
		}
		if len(stores) != 3 || len(types) != 3 {
			t.Errorf("%d stores of %d types, not one of each of three", len(stores), len(types))
		}
		if total < 300 {
			t.Errorf("%d products in all: too few to look around", total)
		}
	})
}

// checkProducts looks at what a store sells: each with its words, pictures and a
// way to get it, in more states and variants than one.
func checkProducts(t *testing.T, s store.Store, all []catalog.Product) {
	t.Helper()
	states, described, variants := map[catalog.Status]int{}, map[string]bool{}, 0
	for _, p := range all {
		states[p.Status]++
		described[*p.Description] = true
		variants += len(p.Variants)
		if len(p.Images) != 2 || len(p.Categories) != 1 || len(p.Suppliers) != 1 || !p.Suppliers[0].Primary {
			t.Errorf("%s, %s: images %v, categories %v, suppliers %v", s.Name, p.Title, p.Images, p.Categories, p.Suppliers)
		}
		for _, v := range p.Variants {
			if v.Price <= *v.Cost || v.CompareAtPrice != nil && *v.CompareAtPrice <= v.Price {
				t.Errorf("%s costs %v, is sold for %v and was sold for %v", *v.SKU, *v.Cost, v.Price, v.CompareAtPrice)
			}
			if v.TrackInventory && !s.Type.OwnsStock() {
				t.Errorf("%s is tracked in a store without stock", *v.SKU)
			}
		}
	}
	if len(described) != len(all) {
		t.Errorf("%s: %d descriptions for %d products", s.Name, len(described), len(all))
	}
	if variants < 2*len(all) {
		t.Errorf("%s: %d variants of %d products", s.Name, variants, len(all))
	}
	if states[catalog.Draft] == 0 || states[catalog.Archived] == 0 || states[catalog.Active] < len(all)*8/10 {
		t.Errorf("%s: products by state %v", s.Name, states)
	}
}

// checkFurniture looks at everything else that a store has.
func checkFurniture(t *testing.T, d *db.DB, s store.Store) {
	t.Helper()
	page := db.Page{Limit: 200}
	categories, _, err := catalog.ListCategories(t.Context(), d, s.ID, page)
	below := slices.ContainsFunc(categories, func(c catalog.Category) bool { return c.Parent != nil })
	if err != nil || len(categories) < 10 || !below {
		t.Errorf("%s: categories %v, %v", s.Name, categories, err)
	}
	suppliers, _, err := catalog.ListSuppliers(t.Context(), d, s.ID, page)
	if err != nil || len(suppliers) < 3 {
		t.Errorf("%s: suppliers %v, %v", s.Name, suppliers, err)
	}
	discounts, _, err := pricing.ListDiscounts(t.Context(), d, s.ID, page)
	scopes := map[pricing.Scope]bool{}
	expired := false
	for _, dc := range discounts {
		scopes[dc.AppliesTo] = true
		expired = expired || dc.StatusAt(d.Now()) == pricing.Expired
	}
	if err != nil || len(scopes) != 3 || !expired {
		t.Errorf("%s: discounts of all scopes, one of them expired: %v, %v", s.Name, discounts, err)
	}
	rules, _, err := pricing.ListTaxRules(t.Context(), d, s.ID, page)
	if err != nil || len(rules) < 3 {
		t.Errorf("%s: tax rules %v, %v", s.Name, rules, err)
	}
	themes, _, err := theme.List(t.Context(), d, s.ID, page)
	active := slices.IndexFunc(themes, func(th theme.Theme) bool { return th.Active })
	if err != nil || len(themes) < 3 || themes[active].Name == "Default" {
		t.Errorf("%s: themes %v, %v", s.Name, themes, err)
	}
	warehouses, _, err := inventory.ListWarehouses(t.Context(), d, s.ID, page)
	if err != nil || (len(warehouses) == 1) != s.Type.OwnsStock() {
		t.Errorf("%s: warehouses %v, %v", s.Name, warehouses, err)
	}
	if !s.Type.OwnsStock() {
		return
	}
	stock, err := inventory.Summarize(t.Context(), d, s.ID)
	if err != nil || stock.Variants < 50 || stock.InStock < 1000 || stock.Low == 0 || stock.Low > stock.Variants/3 {
		t.Errorf("%s: stock to look around in, some of it low: %+v, %v", s.Name, stock, err)
	}
}

// photographed counts the photographs of a product, which come first.
func photographed(p catalog.Product) int {
	if _, ours := picture.ParseAddress(p.Images[0].URL); ours {
		return 1
	}
	return 0
}

func TestOpen_photographsSomeOfItAndKeepsThatAsIfUploaded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, s := range openWith(t, d, fixture.Media(t, d), base, 0) {
			photos := map[string]string{}
			for _, p := range products(t, d, s.ID) {
				if photographed(p) == 0 {
					continue
				}
				first := p.Images[0]
				if other := photos[first.URL]; other != "" || first.Width != 640 || first.Height != 640 || p.Status != catalog.Active {
					t.Errorf("%s has %+v, as %q", p.Title, first, other)
				}
				photos[first.URL] = p.Title
			}
			own, _, err := store.ListPictures(t.Context(), d, s.ID, db.Page{Limit: 100})
			if err != nil || len(photos) == 0 || len(own) != len(photos) {
				t.Errorf("%s shows %d photographs and has %d, %v", s.Name, len(photos), len(own), err)
			}
		}
	})
}

func TestOpen_hasSoldInEveryState(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		states, approved := map[order.Status]int{}, 0
		for _, s := range openWith(t, d, nil, base, demo.Month) {
			orders, _, err := order.List(t.Context(), d, s.ID, order.Filter{}, db.Page{Limit: 200})
			if err != nil || len(orders) < 10 {
				t.Errorf("%s: %d orders, %v", s.Name, len(orders), err)
			}
			for _, o := range orders {
				states[o.Status]++
				if o.CreatedAt.After(d.Now()) || o.CreatedAt.Before(s.CreatedAt) {
					t.Errorf("%s was placed at %v", o.Label(), o.CreatedAt)
				}
			}
			said, _, err := review.List(t.Context(), d, s.ID, review.Filter{Status: review.Approved}, db.Page{Limit: 200})
			if approved += len(said); err != nil {
				t.Error(err)
			}
		}
		if states[order.Paid] == 0 || states[order.Fulfilled] == 0 || states[order.Cancelled] == 0 || approved == 0 {
			t.Errorf("orders by state %v, %d reviews", states, approved)
		}
	})
}

// described tells all that a store sells, but for ids and times.
func described(all []catalog.Product) string {
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintln(&b, p.Slug, p.Title, *p.Description, p.Status, p.Images, p.Options, p.Tags)
		for _, v := range p.Variants {
			fmt.Fprintln(&b, *v.SKU, *v.Barcode, v.Title, v.Price, *v.Cost, *v.Weight)
		}
	}
	return b.String()
}

func TestOpen_makesTheSameShopsEverywhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		other := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), nil)
		here, there := open(t, d, base), open(t, other, base)
		for i := range here {
			if described(products(t, d, here[i].ID)) != described(products(t, other, there[i].ID)) {
				t.Errorf("%s differs from one database to the other", here[i].Name)
			}
		}
	})
}

func TestOpen_again_keepsWhatTheMerchantMadeOfIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		first := open(t, d, base)
		before := products(t, d, first[1].ID)
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := catalog.Update(t.Context(), tx, first[1].ID, before[0].ID, func(p *catalog.Product) { p.Title = "Renamed" })
			if err == nil {
				err = catalog.Delete(t.Context(), tx, first[1].ID, before[1].ID)
			}
			if err == nil {
				err = store.Delete(t.Context(), tx, first[0].Owner, first[2].ID)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		again := open(t, d, base)
		after := products(t, d, first[1].ID)
		if len(again) != 2 || again[0].ID != first[0].ID || again[1].ID != first[1].ID {
			t.Errorf("the stores after one was deleted: %v", again)
		}
		if len(after) != len(before)-1 || after[0].Title != "Renamed" {
			t.Errorf("%d products, the newest %q", len(after), after[0].Title)
		}
		log, _, err := audit.ListAccount(t.Context(), d, first[0].Owner.UUID, audit.Filter{}, db.Page{Limit: 100})
		if err != nil || len(log) == 0 {
			t.Errorf("the log has %d lines (%v)", len(log), err)
		}
		for _, l := range log {
			if l.Who != audit.Vitrine {
				t.Errorf("%s by %s, though nobody came", l.Action, l.Who)
			}
		}
	})
}

func TestOpen_atOnce_makesEachStoreOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if stores := open(t, d, base); len(stores) != 3 {
					t.Errorf("stores: %v", stores)
				}
			})
		}
		wg.Wait()
		n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM store`)
		if err != nil || n != 3 {
			t.Errorf("%d stores, %v", n, err)
		}
	})
}

func TestOpen_atAnotherAddress_takesThePicturesAlong(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		stores := open(t, d, base)
		foreign := catalog.NewProduct("With a picture from elsewhere")
		foreign.Images = []catalog.Image{{URL: "https://pictures.example/1.jpg"}}
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := catalog.Create(t.Context(), tx, stores[0].ID, foreign)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		open(t, d, "http://localhost:9090")
		for _, s := range stores {
			for _, p := range products(t, d, s.ID) {
				moved := strings.HasPrefix(p.Images[0].URL, "http://localhost:9090/demo/pictures/")
				if moved == (p.Title == foreign.Title) {
					t.Errorf("%s has its picture at %s", p.Title, p.Images[0].URL)
				}
			}
		}
	})
}
