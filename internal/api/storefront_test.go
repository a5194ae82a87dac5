package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/dbtest"
	"vitrine/internal/web"
)

// memberNames returns the names of an object's members, sorted.
func memberNames(o object) string { return strings.Join(slices.Sorted(maps.Keys(o)), " ") }

func TestStorefront_showsTheStoreAndItsActiveTheme(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{"name": "Tea & Co", "niche": "tea", "description": "Leaves", "currency": "EUR", "custom_css": "a{}"})
		theme := c.post(store+"/themes", object{"name": "Green", "settings": object{"colour": "green"}, "custom_css": "b{}"}).want(http.StatusCreated).object()["id"].(string)
		c.post(store+"/themes/"+theme+"/activate", nil).want(http.StatusOK)
		front := c.front(store)
		want := object{
			"slug": "tea-co", "name": "Tea & Co", "niche": "tea", "description": "Leaves", "currency": "EUR", "status": "active",
			"logo_url": nil, "favicon_url": nil, "custom_css": "a{}",
			"theme": object{"name": "Green", "settings": object{"colour": "green"}, "custom_css": "b{}"},
		}
		if got := shopper.get(front).want(http.StatusOK).object(); !reflect.DeepEqual(got, want) {
			t.Errorf("storefront: %v", got)
		}
		c.delete(store + "/themes/" + theme).want(http.StatusNoContent)
		if got := shopper.get(front).want(http.StatusOK).object(); got["theme"] != nil {
			t.Errorf("theme: %v", got["theme"])
		}
		shopper.get("/storefront/none").want(http.StatusNotFound)
		shopper.get(front + "?colour=red").invalid("query.colour")
		c.delete(store).want(http.StatusNoContent)
		for _, path := range []string{"", "/products", "/categories", "/products/mug"} {
			shopper.get(front + path).want(http.StatusNotFound)
		}
	})
}

func TestStorefront_costsSuppliersAndStockFiguresNeverLeak(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		cups := c.post(store+"/categories", object{"name": "Cups"}).want(http.StatusCreated).object()["id"].(string)
		product := c.post(store+"/products", object{
			"title": "Mug", "vendor": "Potter", "category_ids": array{cups}, "seo_title": "Mugs",
			"variants": array{
				object{"title": "Large", "sku": "L", "price": "9", "compare_at_price": "12", "cost": "7.77", "barcode": "4711", "weight": 1},
				object{"title": "Small", "sku": "S", "price": "5"},
			},
		}).want(http.StatusCreated).object()["id"].(string)
		supplier := c.post(store+"/suppliers", object{"name": "Kiln Ltd"}).want(http.StatusCreated).object()["id"].(string)
		c.put(store+"/products/"+product+"/suppliers/"+supplier, object{"cost": "7.77", "supplier_sku": "KILN-1"}).want(http.StatusOK)
		front := c.front(store)
		one := shopper.get(front + "/products/mug").want(http.StatusOK)
		list := shopper.get(front + "/products").want(http.StatusOK)
		got := one.object()
		if !reflect.DeepEqual(got, list.array()[0]) {
			t.Errorf("one %s, listed %s", one.raw, list.raw)
		}
		if m := memberNames(got); m != "category_ids currency description id images in_stock options price product_type rating_average review_count seo_description seo_title slug tags title variants vendor" {
			t.Errorf("a product has %s", m)
		}
		if m := memberNames(got["variants"].(array)[0].(object)); m != "compare_at_price id in_stock option_values price sku title" {
			t.Errorf("a variant has %s", m)
		}
		if got["price"] != "5.00" || got["currency"] != "USD" || got["in_stock"] != true || got["rating_average"] != nil || fmt.Sprint(got["category_ids"]) != "["+cups+"]" {
			t.Errorf("product: %v", got)
		}
		for _, secret := range []string{"7.77", "KILN", "Kiln", supplier, "4711", "cost", "supplier", "quantity", "reserved", "track_inventory", "backorder"} {
			if strings.Contains(string(one.raw)+string(list.raw), secret) {
				t.Errorf("%s leaks", secret)
			}
		}
		if m := memberNames(shopper.get(front + "/categories").want(http.StatusOK).array()[0]); m != "description id name parent_id position slug" {
			t.Errorf("a category has %s", m)
		}
	})
}

func TestStorefront_onlyActiveProductsAreThere(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		for _, status := range []string{"active", "draft", "archived"} {
			c.post(store+"/products", object{"title": status, "status": status}).want(http.StatusCreated)
		}
		gone := c.post(store+"/products", object{"title": "gone"}).want(http.StatusCreated).object()["id"].(string)
		c.delete(store + "/products/" + gone).want(http.StatusNoContent)
		front := c.front(store)
		for _, sort := range []string{"newest", "price_asc", "title_desc"} {
			for _, query := range []string{"", "&q=a", "&q=ive", "&q=gone"} {
				seen := column(shopper.get(front+"/products?sort="+sort+query).want(http.StatusOK).array(), "slug")
				if want := 1; query == "&q=gone" && len(seen) != 0 || query != "&q=gone" && (len(seen) != want || seen[0] != "active") {
					t.Errorf("%s%s: %v", sort, query, seen)
				}
			}
		}
		for _, slug := range []string{"draft", "archived", "gone", "none"} {
			shopper.get(front + "/products/" + slug).want(http.StatusNotFound)
		}
	})
}

func TestStorefront_isSearchedByCategoryAndQueryInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		tea := c.post(store+"/categories", object{"name": "Tea"}).want(http.StatusCreated).object()
		titles := []string{"élan", "Beta", "alpha", "Delta", "gamma", "Alpha two"}
		prices := []string{"3", "1", "2", "1", "9", "4"}
		for i, title := range titles {
			product := object{"title": title, "variants": array{object{"price": "99"}, object{"title": "Cheap", "price": prices[i]}}}
			if i%2 == 0 {
				product["category_ids"] = array{tea["id"]}
			}
			c.post(store+"/products", product).want(http.StatusCreated)
		}
		products := c.front(store) + "/products"
		for query, want := range map[string]string{
			"sort=newest":    "[Alpha two gamma Delta alpha Beta élan]",
			"q=":             "[Alpha two gamma Delta alpha Beta élan]",
			"sort=price_asc": "[Beta Delta alpha élan Alpha two gamma]", "sort=price_desc": "[gamma Alpha two élan alpha Delta Beta]",
			"sort=title_asc": "[alpha Alpha two Beta Delta gamma élan]", "sort=title_desc": "[élan gamma Delta Beta Alpha two alpha]",
			"q=ALPHA": "[Alpha two alpha]", "q=a&sort=price_asc": "[Beta Delta alpha élan Alpha two gamma]", "q=ELT&sort=price_asc": "[Delta]", "q=É&sort=title_asc": "[élan]",
			"q=alph&sort=price_desc": "[Alpha two alpha]", "q=zzz&sort=price_asc": "[]", "q=%25&sort=price_asc": "[]",
			"category=tea": "[gamma alpha élan]", "category=tea&sort=price_asc": "[alpha élan gamma]", "category=" + tea["id"].(string) + "&q=LA": "[élan]",
			"category=tea&q=alpha&sort=title_asc": "[alpha]", "category=none": "[]", "category=none&sort=price_asc": "[]",
		} {
			for _, limit := range []int{1, 2, 50} {
				if got := fmt.Sprint(column(shopper.all(products+"?"+query, limit), "title")); got != want {
					t.Errorf("%s by %d: %s, want %s", query, limit, got, want)
				}
			}
		}
		for _, query := range []string{"sort=cost", "colour=red", "cursor=x", "limit=0", "q=a%00"} {
			shopper.get(products + "?" + query).want(http.StatusUnprocessableEntity)
		}
		// The order follows what is written.
		one := shopper.get(products + "?sort=price_desc&limit=1").array()[0]
		v := store + "/products/" + one["id"].(string) + "/variants"
		cheap := c.post(v, object{"title": "Bargain", "price": "0.50"}).want(http.StatusCreated).object()["id"].(string)
		first := func(sort string) any { return shopper.get(products + "?sort=" + sort + "&limit=1").array()[0]["title"] }
		if got := first("price_asc"); got != one["title"] {
			t.Errorf("the cheapest: %v", got)
		}
		c.patch(v+"/"+cheap, object{"price": "50"}).want(http.StatusOK)
		if got := first("price_asc"); got == one["title"] {
			t.Errorf("the cheapest: %v", got)
		}
		c.patch(store+"/products/"+one["id"].(string), object{"title": "AAA"}).want(http.StatusOK)
		if got := first("title_asc"); got != "AAA" {
			t.Errorf("the first title: %v", got)
		}
		// A clone is in the same order.
		copied := c.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
		if a, b := column(shopper.get(products+"?sort=price_asc").array(), "title"), column(shopper.get("/storefront/"+copied["slug"].(string)+"/products?sort=price_asc").array(), "title"); !slices.Equal(a, b) {
			t.Errorf("%v and its clone %v", a, b)
		}
	})
}

func TestStorefront_categoriesAreInTheirOrder(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		first := c.post(store+"/categories", object{"name": "Cups", "position": 2}).want(http.StatusCreated).object()["id"]
		c.post(store+"/categories", object{"name": "Plates", "position": 1, "description": "Flat"}).want(http.StatusCreated)
		c.post(store+"/categories", object{"name": "Bowls", "position": 2, "parent_id": first}).want(http.StatusCreated)
		all := shopper.all(c.front(store)+"/categories", 1)
		if got := fmt.Sprint(column(all, "slug")); got != "[plates bowls cups]" || all[1]["parent_id"] != first || all[0]["description"] != "Flat" {
			t.Errorf("categories: %v", all)
		}
	})
}

func TestStorefront_answersAreTaggedAndNotSentTwice(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		one := store + "/products/" + c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated).object()["id"].(string)
		front := c.front(store)
		for _, path := range []string{"", "/products", "/products?sort=price_asc", "/products/mug", "/categories", "/products/mug/reviews"} {
			r := shopper.get(front + path).want(http.StatusOK)
			tag := r.header.Get("ETag")
			if !strings.HasPrefix(tag, `"`) || !strings.HasPrefix(r.header.Get("Cache-Control"), "public, max-age=") {
				t.Errorf("%s: %v", path, r.header)
			}
			for _, sent := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
				again := shopper.do("GET", front+path, nil, http.Header{"If-None-Match": {sent}}).want(http.StatusNotModified)
				if len(again.raw) != 0 || again.header.Get("ETag") != tag || again.header.Get("Cache-Control") == "" || again.header.Get("X-Request-Id") == "" {
					t.Errorf("%s with %s: %v %s", path, sent, again.header, again.raw)
				}
			}
			shopper.do("GET", front+path, nil, http.Header{"If-None-Match": {`"other"`}}).want(http.StatusOK)
		}
		before := shopper.get(front + "/products/mug").header.Get("ETag")
		c.patch(one, object{"vendor": "Potter"}).want(http.StatusOK)
		if after := shopper.do("GET", front+"/products/mug", nil, http.Header{"If-None-Match": {before}}).want(http.StatusOK); after.object()["vendor"] != "Potter" || after.header.Get("ETag") == before {
			t.Errorf("after a change: %v", after.header)
		}
		if missing := shopper.do("GET", front+"/products/none", nil, http.Header{"If-None-Match": {"*"}}).want(http.StatusNotFound); missing.header.Get("ETag") != "" || missing.header.Get("Cache-Control") != "" {
			t.Errorf("what is not there: %v", missing.header)
		}
	})
}

func TestStorefront_aPausedStoreCanBeLookedAt(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		front := c.front(store)
		c.patch(store, object{"status": "paused"}).want(http.StatusOK)
		if got := shopper.get(front).want(http.StatusOK).object(); got["status"] != "paused" {
			t.Errorf("storefront: %v", got)
		}
		if got := shopper.get(front + "/products").want(http.StatusOK).array(); len(got) != 1 {
			t.Errorf("products: %v", got)
		}
	})
}

func TestStorefront_takesSoManyRequestsOfAnAddressInASecond(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		p := serve(t, address, api.Deps{Shoppers: web.NewLimiter(5)})
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{})
		front := c.front(store)
		for range 4 {
			shopper.get(front).want(http.StatusOK)
		}
		shopper.get("/storefront/none").want(http.StatusNotFound)
		r := shopper.get(front).want(http.StatusTooManyRequests)
		if r.header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After: %q", r.header.Get("Retry-After"))
		}
		shopper.post(front+"/products/mug/reviews", object{}).want(http.StatusTooManyRequests)
		c.get(store).want(http.StatusOK) // the API itself has no limit
		p.clock.Advance(time.Second)
		shopper.get(front).want(http.StatusOK)
	})
}

func TestStorefront_quoteHoldsNothingAndCheckoutIsTheSameEngine(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "12.99", 3)
		shop.post(shop.path+"/tax-rules", object{"name": "US", "country": "US", "rate": "10"}).want(http.StatusCreated)
		front := "/storefront/" + shop.get(shop.path).object()["slug"].(string)
		cart := object{"items": array{object{"variant_id": mug, "quantity": 2}}, "shipping_address": object{"country": "US"}}
		q := p.nobody(t).post(front+"/cart/quote", cart).want(http.StatusOK).object()
		if q["subtotal"] != "25.98" || q["tax_total"] != "2.60" || q["total"] != "28.58" || q["items"].(array)[0].(object)["unit_price"] != "12.99" {
			t.Errorf("%v", q)
		}
		if l := shop.level(mug); l["reserved_quantity"] != 0.0 {
			t.Errorf("a quote holds: %v", l)
		}
		r := p.nobody(t).post(front+"/checkout", basket(mug, 2)).want(http.StatusCreated)
		for _, secret := range []string{"supplier", "allocations", "warehouse", "cost", "reserved", "available"} {
			if strings.Contains(string(r.raw), secret) {
				t.Errorf("a shopper reads %q: %s", secret, r.raw)
			}
		}
		if o := r.object(); o["total"] != "25.98" || o["status"] != "pending" || o["number"] != 1001.0 {
			t.Errorf("%v", o)
		}
		if l := shop.level(mug); l["reserved_quantity"] != 2.0 {
			t.Errorf("%v", l)
		}
		refused := p.nobody(t).post(front+"/checkout", basket(mug, 2)).want(http.StatusBadRequest).detail("MUG-1")
		if strings.ContainsAny(strings.ReplaceAll(refused.object()["detail"].(string), "MUG-1", ""), "0123456789") {
			t.Errorf("a refusal tells how much there is: %s", refused.raw)
		}
		p.nobody(t).post(front+"/checkout", object{"items": array{}}).want(http.StatusUnprocessableEntity)
		p.nobody(t).post("/storefront/nowhere/checkout", basket(mug, 1)).want(http.StatusNotFound)
	})
}
