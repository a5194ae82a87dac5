package storefront_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/review"
	"vitrine/internal/store"
	"vitrine/internal/theme"
)

// version is that of what the shop's shoppers see.
func (s *shop) version() int64 {
	s.t.Helper()
	v, err := content.Version(s.t.Context(), s.street.db, s.store.ID.UUID)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// stocked gives the shop n units of a variant.
func (s *shop) stocked(v catalog.VariantID, n int64) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		_, err := s.street.stock.Set(s.t.Context(), tx, s.store.ID, v, nil, inventory.Target{Quantity: n}, inventory.Note{})
		return err
	})
}

func (s *shop) buys(v catalog.VariantID, n int) {
	s.t.Helper()
	_, err := s.street.orders.Place(s.t.Context(), s.store, order.Request{Email: "a@b.example", Items: []order.Wanted{{Variant: v, Quantity: n}}}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
}

func owned(s *store.Store) { s.Type = store.Ecommerce }

func TestPages_showEveryChangeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t, owned)
		p := sh.product("Blue Mug", nil, 1250)
		path := "/products/blue-mug"
		sh.get(path).want(t, http.StatusOK, "Sold out")
		sh.stocked(p.Variants[0].ID, 2)
		sh.get(path).want(t, http.StatusOK, "Add to cart")
		for _, c := range []struct {
			what  string
			write func(tx *db.Tx) error
			path  string
			shows string
		}{
			{"a product", func(tx *db.Tx) error {
				_, err := catalog.Update(t.Context(), tx, sh.store.ID, p.ID, func(p *catalog.Product) { p.Title = "Green Mug" })
				return err
			}, path, "Green Mug"},
			{"a price", func(tx *db.Tx) error {
				_, err := catalog.UpdateVariant(t.Context(), tx, sh.store.ID, p.ID, p.Variants[0].ID, func(v *catalog.Variant) { v.Price = money.Amount(9900) })
				return err
			}, "", "$99.00"},
			{"a category", func(tx *db.Tx) error {
				_, err := catalog.CreateCategory(t.Context(), tx, sh.store.ID, catalog.Category{Name: "Cups and such"})
				return err
			}, "", "Cups and such"},
			{"the settings", func(tx *db.Tx) error {
				_, err := store.Update(t.Context(), tx, sh.store.ID, func(s *store.Store) { s.Name = "The Cuppery" })
				return err
			}, "", "The Cuppery"},
		} {
			sh.write(c.write)
			if sh.get(c.path).want(t, http.StatusOK, c.shows); t.Failed() {
				t.Fatalf("%s does not show", c.what)
			}
		}
		sh.write(func(tx *db.Tx) error { return catalog.Delete(t.Context(), tx, sh.store.ID, p.ID) })
		sh.get(path).want(t, http.StatusNotFound)
	})
}

func TestVersion_growsWithWhatShoppersSeeAndNotWithEverySale(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t, owned)
		p := sh.product("Blue Mug", nil, 1250)
		v := p.Variants[0].ID
		sh.stocked(v, 3)
		grows := func(what string, by int64, change func()) {
			t.Helper()
			before := sh.version()
			if change(); sh.version()-before != by {
				t.Errorf("%s: the version grew by %d, want %d", what, sh.version()-before, by)
			}
		}
		grows("a sale", 0, func() { sh.buys(v, 1) })
		grows("the last units", 1, func() { sh.buys(v, 2) })
		grows("new stock", 1, func() { sh.stocked(v, 5) })
		grows("a supplier", 0, func() {
			sh.write(func(tx *db.Tx) error {
				_, err := catalog.CreateSupplier(t.Context(), tx, sh.store.ID, catalog.Supplier{Name: "Kiln"})
				return err
			})
		})
		grows("a theme", 1, func() {
			sh.write(func(tx *db.Tx) error {
				_, err := theme.Create(t.Context(), tx, sh.store.ID, theme.Theme{Name: "Dark", Active: true})
				return err
			})
		})
		var said review.Review
		grows("a review that waits", 0, func() {
			sh.write(func(tx *db.Tx) (err error) {
				said, err = review.Submit(t.Context(), tx, sh.store, "blue-mug", review.Review{Rating: 4, Author: "Ada"})
				return err
			})
		})
		grows("a review that is approved", 1, func() {
			sh.write(func(tx *db.Tx) error {
				_, err := review.Moderate(t.Context(), tx, sh.store.ID, said.ID, func(s *review.Status) { *s = review.Approved })
				return err
			})
		})
		grows("many changes at once", 1, func() {
			sh.write(func(tx *db.Tx) error {
				for range 3 {
					if _, err := catalog.Update(t.Context(), tx, sh.store.ID, p.ID, func(p *catalog.Product) { p.Title += "!" }); err != nil {
						return err
					}
				}
				return nil
			})
		})
	})
}

// TestPages_showWhatAnotherProcessChangedWithinASecond changes behind the back of the
// process: nobody announces it.
func TestPages_showWhatAnotherProcessChangedWithinASecond(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		sh.product("Blue Mug", nil, 1250)
		sh.get("")
		sh.get("").want(t, http.StatusOK, "Blue Mug")
		sh.write(func(tx *db.Tx) error {
			if _, err := db.Exec(t.Context(), tx, `UPDATE product SET title = 'Green Mug' WHERE store_id = $1`, sh.store.ID); err != nil {
				return err
			}
			_, err := db.Exec(t.Context(), tx, `UPDATE content_version SET version = version + 1 WHERE store_id = $1`, sh.store.ID)
			return err
		})
		sh.get("").want(t, http.StatusOK, "Blue Mug")
		s.clock.Advance(time.Second)
		sh.get("").want(t, http.StatusOK, "Green Mug")
	})
}

func TestPages_areKeptForWhoHasThemAndPackedForWhoUnpacks(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		sh.product("Blue Mug", nil, 1250)
		plain := sh.get("/products", "Accept-Encoding", "identity").want(t, http.StatusOK, "Blue Mug")
		tag := plain.Header.Get("Etag")
		if tag == "" || plain.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%v", plain.Header)
		}
		if got := sh.get("/products?utm_source=letter", "If-None-Match", tag); got.StatusCode != http.StatusNotModified || got.body != "" {
			t.Errorf("%d %q for who has the page", got.StatusCode, got.body)
		}
		packed := sh.get("/products", "Accept-Encoding", "gzip")
		unpacked, err := gzip.NewReader(strings.NewReader(packed.body))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(unpacked); err != nil || string(body) != plain.body {
			t.Errorf("what is packed is another page: %v", err)
		}
		sh.product("Red Mug", nil, 1250)
		sh.get("/products", "If-None-Match", tag).want(t, http.StatusOK, "Red Mug")
	})
}

// TestPages_areNeverOlderThanTheirVersion changes a product while a crowd looks at it:
// whoever asks after a change is answered sees that or a later one.
func TestPages_areNeverOlderThanTheirVersion(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		p := sh.product("Mug 0", nil, 1250)
		stop := make(chan struct{})
		var crowd sync.WaitGroup
		for range 4 {
			crowd.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						res, err := http.Get(s.url + sh.at + "/products/" + p.Slug)
						if err == nil {
							_, _ = io.Copy(io.Discard, res.Body)
							_ = res.Body.Close()
						}
					}
				}
			})
		}
		for i := range 50 {
			title := "Mug " + strings.Repeat("I", i+1)
			sh.write(func(tx *db.Tx) error {
				_, err := catalog.Update(t.Context(), tx, sh.store.ID, p.ID, func(p *catalog.Product) { p.Title = title })
				return err
			})
			if got := sh.get("/products/" + p.Slug); !strings.Contains(got.body, "<h1>"+title+"</h1>") {
				t.Errorf("after %q was answered the page shows something older", title)
				break
			}
		}
		close(stop)
		crowd.Wait()
	})
}
