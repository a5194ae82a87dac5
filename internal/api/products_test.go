package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestProducts_areMadeWithTheirVariantsInOneCall(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{"currency": "EUR"})
		tea := c.post(store+"/categories", object{"name": "Tea"}).want(http.StatusCreated).object()["id"]
		made := c.post(store+"/products", object{
			"title": " Green Tea ", "description": "Loose\r\nleaves", "vendor": "Leaf & Co", "product_type": "Tea", "tags": array{"green", " green ", "loose"},
			"images":       array{object{"url": "https://img.example/back.jpg", "alt": "Back", "position": 2}, object{"url": "https://img.example/front.jpg", "position": 1}},
			"options":      array{object{"name": "Size", "values": array{"100 g", "1 kg"}}},
			"category_ids": array{tea}, "seo_title": "Tea", "seo_description": nil,
			"variants": array{
				object{"sku": "TEA-100", "price": "4.99", "compare_at_price": 6, "cost": "1.5", "barcode": "42", "weight": 0.1, "option_values": object{"Size": "100 g"}},
				object{"title": "Sack", "price": 39, "weight": 1000, "weight_unit": "g", "track_inventory": false, "allow_backorder": true, "option_values": object{"Size": "1 kg"}},
			},
		}).want(http.StatusCreated).object()
		want := object{
			"store_id": strings.TrimPrefix(store, "/stores/"), "title": "Green Tea", "slug": "green-tea", "description": "Loose\nleaves", "status": "active",
			"vendor": "Leaf & Co", "product_type": "Tea", "tags": array{"green", "loose"}, "category_ids": array{tea}, "suppliers": array{},
			"images": array{
				object{"url": "https://img.example/front.jpg", "alt": nil, "position": 1.0},
				object{"url": "https://img.example/back.jpg", "alt": "Back", "position": 2.0},
			},
			"options":        array{object{"name": "Size", "values": array{"100 g", "1 kg"}}},
			"rating_average": nil, "review_count": 0.0, "seo_title": "Tea", "seo_description": nil,
			"created_at": "2026-01-15T12:00:00Z", "updated_at": "2026-01-15T12:00:00Z",
		}
		for member, value := range want {
			if !reflect.DeepEqual(made[member], value) {
				t.Errorf("%s: %v, want %v", member, made[member], value)
			}
		}
		wantVariants := array{
			object{"title": "100 g", "sku": "TEA-100", "price": "4.99", "compare_at_price": "6.00", "cost": "1.50", "barcode": "42", "weight": 0.1, "weight_unit": "kg", "option_values": object{"Size": "100 g"}, "track_inventory": true, "allow_backorder": false, "position": 1.0},
			object{"title": "Sack", "sku": nil, "price": "39.00", "compare_at_price": nil, "cost": nil, "barcode": nil, "weight": 1000.0, "weight_unit": "g", "option_values": object{"Size": "1 kg"}, "track_inventory": false, "allow_backorder": true, "position": 2.0},
		}
		for i, v := range made["variants"].(array) {
			got := v.(object)
			if got["product_id"] != made["id"] {
				t.Errorf("variant %d of product %v", i, got["product_id"])
			}
			for _, member := range []string{"id", "product_id", "created_at", "updated_at"} {
				delete(got, member)
			}
			if !reflect.DeepEqual(got, wantVariants[i]) {
				t.Errorf("variant %d: %v, want %v", i, got, wantVariants[i])
			}
		}
		plain := c.post(store+"/products", object{"title": "Plain"}).want(http.StatusCreated).object()
		if v := plain["variants"].(array); len(v) != 1 || v[0].(object)["title"] != "Default" || v[0].(object)["price"] != "0.00" || len(v[0].(object)["option_values"].(object)) != 0 {
			t.Errorf("variants %v", v)
		}
		for _, list := range []string{"tags", "images", "options", "category_ids", "suppliers"} {
			if l, isArray := plain[list].(array); !isArray || len(l) != 0 {
				t.Errorf("%s: %v", list, plain[list])
			}
		}
		one := store + "/products/" + plain["id"].(string)
		if got := c.get(one).want(http.StatusOK).object(); !reflect.DeepEqual(got, plain) {
			t.Errorf("read %v, made %v", got, plain)
		}
	})
}

func TestProducts_amountsHaveTheDecimalsOfTheStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		yen, dollars := c.store(object{"currency": "JPY"})+"/products", c.store(object{})+"/products"
		priced := func(price any) object { return object{"title": "Mug", "variants": array{object{"price": price}}} }
		if v := c.post(yen, priced(1200)).want(http.StatusCreated).object()["variants"].(array)[0].(object); v["price"] != "1200" {
			t.Errorf("price %v", v["price"])
		}
		c.post(yen, priced("12.5")).invalid("body.variants[0].price").detail("decimals")
		for _, bad := range []any{"12.345", 0.001, "-1", "abc", "", "1e3", true, nil} {
			c.post(dollars, priced(bad)).invalid()
		}
		c.post(dollars, `{"title":"Mug","variants":[{"price":12.990}]}`).want(http.StatusCreated)
	})
}

func TestProducts_patchChangesWhatIsSent(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		a := c.post(store+"/categories", object{"name": "A"}).object()["id"]
		b := c.post(store+"/categories", object{"name": "B"}).object()["id"]
		made := c.post(store+"/products", object{
			"title": "Mug", "description": "x", "vendor": "V", "tags": array{"t"}, "category_ids": array{a}, "seo_title": "s",
			"images": array{object{"url": "https://img.example/1.jpg"}},
		}).want(http.StatusCreated).object()
		one := store + "/products/" + made["id"].(string)
		p.clock.Advance(60e9)
		same := c.patch(one, object{}).want(http.StatusOK).object()
		for member, value := range made {
			if member != "updated_at" && !reflect.DeepEqual(same[member], value) {
				t.Errorf("%s changed: %v", member, same[member])
			}
		}
		if same["updated_at"] != "2026-01-15T12:01:00Z" {
			t.Errorf("updated_at %v", same["updated_at"])
		}
		changed := c.patch(one, object{
			"title": "Cup", "slug": "the-cup", "status": "archived", "description": nil, "vendor": nil, "seo_title": nil, "product_type": "Cups",
			"tags": array{}, "images": array{}, "category_ids": array{b, a}, "options": array{object{"name": "Size"}},
		}).want(http.StatusOK).object()
		ids := array{a, b} // the older id first
		for member, value := range (object{
			"title": "Cup", "slug": "the-cup", "status": "archived", "description": nil, "vendor": nil, "seo_title": nil, "product_type": "Cups",
			"tags": array{}, "images": array{}, "category_ids": ids, "options": array{object{"name": "Size", "values": array{}}},
		}) {
			if !reflect.DeepEqual(changed[member], value) {
				t.Errorf("%s: %v, want %v", member, changed[member], value)
			}
		}
		if got := c.get(one).object(); !reflect.DeepEqual(got, changed) {
			t.Errorf("read %v, answered %v", got, changed)
		}
		if got := c.patch(one, object{"title": "Bowl"}).want(http.StatusOK).object(); got["slug"] != "the-cup" {
			t.Errorf("the address changed with the title: %v", got["slug"])
		}
		for _, member := range []string{"title", "slug", "status", "tags", "images", "options", "category_ids"} {
			c.patch(one, object{member: nil}).invalid()
		}
		for member, bad := range map[string]any{
			"title": "", "slug": "No slug", "status": "sold", "tags": array{"a,b"}, "images": array{object{"url": "ftp://x.example/1"}}, "vendor": strings.Repeat("x", 201),
			"options": array{object{"name": "A"}, object{"name": "A"}}, "category_ids": array{"nonsense"}, "variants": array{}, "id": made["id"], "seo_description": "a\u0000b",
		} {
			r := c.patch(one, object{member: bad}).want(http.StatusUnprocessableEntity)
			if !strings.Contains(string(r.raw), `"location":"body.`+member) {
				t.Errorf("%s is not named: %s", member, r.raw)
			}
		}
		c.patch(one, `{"title":`).invalid()
		foreign := c.post(c.store(object{})+"/categories", object{"name": "Elsewhere"}).object()["id"]
		c.patch(one, object{"category_ids": array{foreign}}).want(http.StatusBadRequest).detail("not in this store")
		c.post(store+"/products", object{"title": "X", "category_ids": array{foreign}}).want(http.StatusBadRequest)
	})
}

func TestProducts_slugsAreUniqueInTheStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/products"
		slug := func(title string) string {
			return c.post(path, object{"title": title}).want(http.StatusCreated).object()["slug"].(string)
		}
		if got := []string{slug("Café Crème"), slug("cafe creme"), slug("CAFE-CREME!")}; !slices.Equal(got, []string{"cafe-creme", "cafe-creme-2", "cafe-creme-3"}) {
			t.Errorf("slugs %v", got)
		}
		c.post(path, object{"title": "X", "slug": "cafe-creme"}).want(http.StatusBadRequest).detail(`The slug "cafe-creme" is already used.`)
		c.post(path, object{"title": "X", "slug": ""}).invalid("body.slug")
		second := path + "/" + c.get(path).array()[1]["id"].(string)
		c.patch(second, object{"slug": "cafe-creme"}).want(http.StatusBadRequest)
		c.delete(second).want(http.StatusNoContent)
		if got := slug("Cafe Creme"); got != "cafe-creme-2" {
			t.Errorf("the slug of a deleted product is not free: %s", got)
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { c.post(path, object{"title": "Race"}).want(http.StatusCreated) })
		}
		wg.Wait()
		for i, got := range []string{slug("Race")} {
			if got != "race-11" {
				t.Errorf("%d: %s", i, got)
			}
		}
	})
}

func TestProducts_deleteIsSoftAndFreesSlugAndSKU(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/products"
		mug := object{"title": "Mug", "variants": array{object{"sku": "M-1"}}}
		one := path + "/" + c.post(path, mug).want(http.StatusCreated).object()["id"].(string)
		c.post(path, mug).want(http.StatusBadRequest).detail(`SKU "M-1" is already used.`)
		c.delete(one).want(http.StatusNoContent)
		c.get(one).want(http.StatusNotFound)
		c.delete(one).want(http.StatusNotFound)
		c.patch(one, object{"title": "x"}).want(http.StatusNotFound)
		c.get(one + "/variants").want(http.StatusNotFound)
		c.post(one+"/variants", object{}).want(http.StatusNotFound)
		if n := len(c.get(path).array()); n != 0 {
			t.Errorf("%d products are listed", n)
		}
		if n := len(c.get(path + "?q=mug").array()); n != 0 {
			t.Errorf("%d products are found", n)
		}
		if again := c.post(path, mug).want(http.StatusCreated).object(); again["slug"] != "mug" {
			t.Errorf("slug %v", again["slug"])
		}
	})
}

func TestProducts_listsFilterSearchAndPage(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		path := store + "/products"
		tea := c.post(store+"/categories", object{"name": "Tea"}).object()["id"].(string)
		for i := range 7 {
			body := object{"title": fmt.Sprintf("Product %d", i), "vendor": "ÄRGER GmbH", "variants": array{object{"sku": fmt.Sprintf("SKU_%d", i)}, object{}}}
			if i%2 == 0 {
				body["category_ids"] = array{tea}
			}
			if i > 3 {
				body["status"] = "draft"
			}
			c.post(path, body).want(http.StatusCreated)
		}
		for query, want := range map[string][]any{
			"":                                 {"Product 6", "Product 5", "Product 4", "Product 3", "Product 2", "Product 1", "Product 0"},
			"?status=draft":                    {"Product 6", "Product 5", "Product 4"},
			"?status=archived":                 {},
			"?category_id=" + tea:              {"Product 6", "Product 4", "Product 2", "Product 0"},
			"?category_id=" + tea + "&q=sku_2": {"Product 2"},
			"?q=ärger&status=active":           {"Product 3", "Product 2", "Product 1", "Product 0"},
			"?q=%20PRODUCT+5%20":               {"Product 5"},
			"?q=u_5":                           {"Product 5"},
			"?q=6":                             {"Product 6"},
			"?q=product_5":                     {},
			"?q=%25":                           {},
			"?q=%ff":                           {},
			"?category_id=" + tea[:35] + "0":   {},
		} {
			if tea[35] == '0' && strings.HasSuffix(query, tea) {
				continue
			}
			items := c.all(path+query, 2)
			if got := column(items, "title"); len(got) != len(want) || len(got) > 0 && !slices.Equal(got, want) {
				t.Errorf("%q: %v, want %v", query, got, want)
			}
			for _, item := range items {
				if len(item["variants"].(array)) != 2 {
					t.Errorf("%q: %v has %d variants", query, item["title"], len(item["variants"].(array)))
				}
			}
		}
		c.get(path + "?status=sold").invalid("query.status")
		c.get(path + "?category_id=tea").invalid("query.category_id")
		c.get(path + "?q=a%00b").invalid("query.q").detail("text without control characters")
		c.get(path + "?q=" + strings.Repeat("x", 201)).invalid("query.q")
		c.get(path + "?colour=red").invalid("query.colour")
		c.get(path + "?limit=0").invalid("query.limit")
		c.get(path + "?cursor=!").invalid("query.cursor")
	})
}

func TestProducts_checkTokenThenOwnershipThenForm(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		store, second := c.store(object{}), c.store(object{})
		made := c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated).object()
		under := func(store string) string { return store + "/products/" + made["id"].(string) }
		p.nobody(t).patch(under(store), object{"colour": 1}).want(http.StatusUnauthorized)
		other.patch(under(store), object{"colour": 1}).want(http.StatusNotFound)
		variant := "/variants/" + made["variants"].(array)[0].(object)["id"].(string)
		link := "/suppliers/" + c.post(second+"/suppliers", object{"name": "S"}).object()["id"].(string)
		for _, bad := range []any{object{"colour": 1}, `{"title":`, object{"title": nil}, object{}} {
			for _, path := range []string{under(second), store + "/products/nonsense", under(second) + variant, store + "/products/nonsense" + variant, under(store) + "/variants/nonsense"} {
				c.patch(path, bad).want(http.StatusNotFound)
			}
			c.post(under(second)+"/variants", bad).want(http.StatusNotFound)
			c.put(under(store)+link, bad).want(http.StatusNotFound)
			c.put(under(second)+link, bad).want(http.StatusNotFound)
		}
		c.get(under(second)).want(http.StatusNotFound)
		c.delete(under(second)).want(http.StatusNotFound)
		c.get(under(second) + "/variants?limit=0").want(http.StatusNotFound)
		c.delete(under(second) + variant).want(http.StatusNotFound)
		// 422 before 400
		c.post(store+"/products", object{"title": "", "variants": array{object{"sku": "A"}, object{"sku": "A"}}}).invalid("body.title")
		c.post(store+"/products", object{"title": "X", "variants": array{object{"sku": "A"}, object{"sku": "A"}}}).want(http.StatusBadRequest)
		c.patch(under(store), object{"colour": 1}).invalid("body.colour")
		c.post(store+"/products", object{"title": "X", "variants": array{object{"colour": 1}}}).invalid("body.variants[0].colour")
		c.post(store+"/products", object{"variants": array{}}).invalid()
	})
}

func TestProducts_idempotencyKeyMakesOne(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/products"
		first := c.postKeyed("p-1", path, object{"title": "Once"}).want(http.StatusCreated)
		again := c.postKeyed("p-1", path, object{"title": "Once"}).want(http.StatusCreated)
		if string(first.raw) != string(again.raw) || len(c.get(path).array()) != 1 {
			t.Errorf("%s and %s", first.raw, again.raw)
		}
	})
}
