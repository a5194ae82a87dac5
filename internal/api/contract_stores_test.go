package api_test

// The rows of section 3 of the contract that are about stores, and their tests:
//
//	POST /stores     TestContract_aNewStoreHasItsDefaults, TestContract_slugsAreUniqueOverThePlatform,
//	                 TestContract_theLastPlaceIsTakenOnce
//	GET, PATCH       TestContract_storesAreTheirOwnersAlone, TestContract_aChangedStoreKeepsItsSlug,
//	                 TestContract_aCurrencyOfOtherDecimalsNeedsAnEmptyStore
//	DELETE           TestContract_aDeletedStoreIsGoneEverywhere, TestContract_aStoreIsDeletedOnce
//	store_type       TestContract_ownStockComesWithAMainWarehouse
//	clone            qa_clone_test.go

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

var storeMembers = []string{
	"id", "user_id", "name", "slug", "niche", "description", "store_type", "status", "currency", "logo_url", "favicon_url", "custom_css",
	"source_store_id", "created_at", "updated_at",
}

func TestContract_aNewStoreHasItsDefaults(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		made := c.post("/stores", object{"name": " My Shop "}).want(http.StatusCreated).object()
		members(t, made, storeMembers...)
		sameBut(c, made, object{
			"user_id": c.user["id"], "name": "My Shop", "slug": "my-shop", "niche": nil, "description": nil, "store_type": "dropshipping", "status": "active", "currency": "USD",
			"logo_url": nil, "favicon_url": nil, "custom_css": nil, "source_store_id": nil, "created_at": "2026-01-15T12:00:00Z", "updated_at": "2026-01-15T12:00:00Z",
		})
		all := object{
			"name": "All", "niche": "tea", "description": "Loose tea", "store_type": "hybrid", "currency": "jpy", "status": "paused",
			"logo_url": "https://img.example/l.png", "favicon_url": "https://img.example/f.ico", "custom_css": "a { b: c }",
		}
		full := c.post("/stores", all).want(http.StatusCreated).object()
		all["currency"] = "JPY"
		sameBut(c, full, all)
		sameBut(c, c.get("/stores/"+full["id"].(string)).want(http.StatusOK).object(), full)
		themes := c.get("/stores/" + made["id"].(string) + "/themes").want(http.StatusOK).array()
		if len(themes) != 1 || themes[0]["is_active"] != true {
			t.Errorf("a new store has the themes %v", themes)
		}
		for _, kind := range []string{"products", "categories", "suppliers", "discounts", "tax-rules", "warehouses"} {
			if n := len(c.get("/stores/" + made["id"].(string) + "/" + kind).want(http.StatusOK).array()); n != 0 {
				t.Errorf("a new store has %d %s", n, kind)
			}
		}
	})
}

func TestContract_slugsAreUniqueOverThePlatform(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		a, b := p.merchant(t).onPlan("scale"), p.merchant(t).onPlan("scale")
		slug := func(c *client, name string) any {
			return c.post("/stores", object{"name": name}).want(http.StatusCreated).object()["slug"]
		}
		for i, c := range []*client{a, b, a, b} {
			want := "my-shop"
			if i > 0 {
				want = fmt.Sprint("my-shop-", i+1)
			}
			if got := slug(c, []string{"My Shop", "my shop", "MY  SHOP!", " My-Shop "}[i]); got != want {
				t.Errorf("slug %v, want %s", got, want)
			}
		}
		for name, want := range map[string]string{"Café Größe": "cafe-grosse", "Joe's Tea & Co.": "joes-tea-co", "日本": "store", "🎉": "store-2", "100% Tea": "100-tea", "--a--": "a"} {
			if got := slug(a, name); got != want && !strings.HasPrefix(got.(string), "store") {
				t.Errorf("%q has the slug %v, want %s", name, got, want)
			}
		}
		long := slug(a, strings.Repeat("long name ", 20)).(string)
		again := slug(b, strings.Repeat("long name ", 20)).(string)
		if long == again || !strings.HasSuffix(again, "-2") || strings.HasSuffix(long, "-") {
			t.Errorf("long names have the slugs %q and %q", long, again)
		}
		var wg sync.WaitGroup
		slugs := make([]string, 12)
		for i := range slugs {
			wg.Go(func() { slugs[i] = slug([]*client{a, b}[i%2], "At Once").(string) })
		}
		wg.Wait()
		want := []string{"at-once"}
		for i := 2; i <= len(slugs); i++ {
			want = append(want, fmt.Sprint("at-once-", i))
		}
		slices.Sort(slugs)
		slices.Sort(want)
		if !slices.Equal(slugs, want) {
			t.Errorf("slugs %v", slugs)
		}
	})
}

func TestContract_theLastPlaceIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		c.store(object{})
		var wg sync.WaitGroup
		answers := make([]*response, 20)
		for i := range answers {
			wg.Go(func() {
				if i%2 == 0 {
					answers[i] = c.post("/stores", object{"name": "Last"})
				} else {
					answers[i] = c.post(store+"/clone", nil)
				}
			})
		}
		wg.Wait()
		made := 0
		for _, r := range answers {
			if r.status == http.StatusCreated {
				made++
			} else {
				r.want(http.StatusForbidden)
			}
		}
		if n := len(c.get("/stores").array()); made != 1 || n != 3 {
			t.Errorf("%d were made at one place left, and there are %d", made, n)
		}
		if n := c.get("/auth/me").object()["store_count"]; n != 3.0 {
			t.Errorf("store_count %v", n)
		}
	})
}

func TestContract_storesAreTheirOwnersAlone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		mine, theirs := c.store(object{}), other.store(object{})
		for _, path := range []string{theirs, "/stores/019bc186-de00-7004-a201-474e24bce60d"} {
			c.get(path).want(http.StatusNotFound)
			c.patch(path, object{"name": "Mine now"}).want(http.StatusNotFound)
			c.delete(path).want(http.StatusNotFound)
		}
		if got := column(c.get("/stores").array(), "id"); !slices.Equal(got, []any{strings.TrimPrefix(mine, "/stores/")}) {
			t.Errorf("listed %v", got)
		}
		other.get(theirs).want(http.StatusOK)
	})
}

func TestContract_aChangedStoreKeepsItsSlug(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{"name": "Tea"})
		before := c.get(store).object()
		p.clock.Advance(1)
		changed := c.patch(store, object{"name": "Coffee", "status": "paused", "currency": "eur"}).want(http.StatusOK).object()
		sameBut(c, changed, object{"name": "Coffee", "slug": "tea", "status": "paused", "currency": "EUR", "created_at": before["created_at"], "user_id": before["user_id"]})
		sameBut(c, c.get(store).object(), changed)
		for _, status := range []string{"active", "paused"} {
			if got := c.patch(store, object{"status": status}).want(http.StatusOK).object()["status"]; got != status {
				t.Errorf("status %v", got)
			}
		}
	})
}

func TestContract_aStoreThatSoldKeepsItsCurrency(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		c, store := shop.client, shop.path
		_, tea := shop.sells("tea", "4.00", 5)
		c.patch(store, object{"currency": "GBP"}).want(http.StatusOK)
		c.patch(store, object{"currency": "USD"}).want(http.StatusOK)
		c.post(store+"/orders", basket(tea, 1)).want(http.StatusCreated)
		c.patch(store, object{"currency": "EUR"}).want(http.StatusBadRequest).detail("orders in USD")
		c.patch(store, object{"currency": "usd", "niche": "tea"}).want(http.StatusOK)
		clone := c.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)["id"].(string)
		c.patch("/stores/"+clone, object{"currency": "EUR"}).want(http.StatusOK)
	})
}

func TestContract_aCurrencyOfOtherDecimalsNeedsAnEmptyStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		c.patch(store, object{"currency": "JPY"}).want(http.StatusOK)
		c.patch(store, object{"currency": "EUR"}).want(http.StatusOK)
		product := store + "/products/" + c.post(store+"/products", object{"title": "Tea", "variants": array{object{"price": "12.34"}}}).want(http.StatusCreated).object()["id"].(string)
		c.patch(store, object{"currency": "JPY"}).want(http.StatusBadRequest)
		c.patch(store, object{"currency": "KWD"}).want(http.StatusBadRequest)
		c.patch(store, object{"currency": "GBP"}).want(http.StatusOK)
		if got := c.get(product).object()["variants"].(array)[0].(object)["price"]; got != "12.34" {
			t.Errorf("price %v", got)
		}
	})
}

func TestContract_aDeletedStoreIsGoneEverywhere(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{"name": "Tea"})
		ones := map[string]string{}
		for _, r := range c.resources(store) {
			if r.path != "/stores" {
				ones[r.path] = r.make(c)
			}
		}
		clone := "/stores/" + c.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)["id"].(string)
		if r := c.delete(store).want(http.StatusNoContent); len(r.raw) != 0 {
			t.Errorf("a body: %s", r.raw)
		}
		c.get(store).want(http.StatusNotFound)
		c.patch(store, object{"status": "active"}).want(http.StatusNotFound)
		c.delete(store).want(http.StatusNotFound)
		c.post(store+"/clone", nil).want(http.StatusNotFound)
		for path, one := range ones {
			c.get(path).want(http.StatusNotFound)
			c.post(path, object{}).want(http.StatusNotFound)
			c.get(one).want(http.StatusNotFound)
			c.patch(one, object{}).want(http.StatusNotFound)
			c.delete(one).want(http.StatusNotFound)
		}
		if got := column(c.get("/stores").array(), "id"); !slices.Equal(got, []any{strings.TrimPrefix(clone, "/stores/")}) {
			t.Errorf("listed %v", got)
		}
		// Its slug and its place are free again, its clone stays as it was.
		if got := c.post("/stores", object{"name": "Tea"}).want(http.StatusCreated).object()["slug"]; got != "tea" {
			t.Errorf("slug %v", got)
		}
		c.store(object{})
		c.post("/stores", object{"name": "Fourth"}).want(http.StatusForbidden)
		if got := c.get(clone).want(http.StatusOK).object()["source_store_id"]; got != strings.TrimPrefix(store, "/stores/") {
			t.Errorf("the clone came from %v", got)
		}
		if n := len(c.get(clone + "/products").array()); n != 2 {
			t.Errorf("the clone has %d products", n)
		}
	})
}

func TestContract_aStoreIsDeletedOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		c.store(object{})
		var wg sync.WaitGroup
		statuses := make([]int, 8)
		for i := range statuses {
			wg.Go(func() { statuses[i] = c.delete(store).status })
		}
		wg.Wait()
		slices.Sort(statuses)
		if statuses[0] != http.StatusNoContent || statuses[1] != http.StatusNotFound || statuses[7] != http.StatusNotFound {
			t.Errorf("statuses %v", statuses)
		}
		if n := c.get("/auth/me").object()["store_count"]; n != 1.0 {
			t.Errorf("store_count %v", n)
		}
	})
}

func TestContract_ownStockComesWithAMainWarehouse(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		names := func(store string) []any {
			return column(c.get(store+"/warehouses").want(http.StatusOK).array(), "name")
		}
		for kind, want := range map[string][]any{"dropshipping": {}, "ecommerce": {"Main Warehouse"}, "hybrid": {"Main Warehouse"}} {
			store := c.store(object{"store_type": kind})
			if got := names(store); !slices.Equal(got, want) {
				t.Errorf("%s has the warehouses %v", kind, got)
			}
			for _, next := range []string{"ecommerce", "hybrid", "ecommerce"} {
				c.patch(store, object{"store_type": next}).want(http.StatusOK)
			}
			warehouses := c.get(store + "/warehouses").array()
			if len(warehouses) != 1 || warehouses[0]["name"] != "Main Warehouse" || warehouses[0]["is_default"] != true {
				t.Errorf("a store that became ecommerce has %v", warehouses)
			}
		}
		store := c.store(object{})
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() { c.patch(store, object{"store_type": []string{"ecommerce", "hybrid"}[i%2]}).want(http.StatusOK) })
		}
		wg.Wait()
		if got := names(store); len(got) != 1 {
			t.Errorf("changed at once, a store has %v", got)
		}
	})
}
