package api_test

// The product document's test plan for Store Cloning (1–13), its edge cases and its
// acceptance criteria, each through the API alone. (14 and 15 are in a browser.)

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/db"
)

// kinds are the collections of a store that a clone copies.
var kinds = []string{"products", "categories", "suppliers", "themes", "discounts", "tax-rules"}

// richStore makes a store with some of everything that is copied and of what is not.
func (c *client) richStore() string {
	c.t.Helper()
	store := c.store(object{
		"name": "Tea House", "niche": "tea", "description": "Loose\nleaves", "currency": "EUR", "store_type": "dropshipping",
		"logo_url": "https://img.example/logo.png", "favicon_url": "https://img.example/f.ico", "custom_css": "body { color: green }",
	})
	parent, shelves := any(nil), array{}
	for level := range 4 {
		id := c.id(store+"/categories", object{"name": fmt.Sprint("Level ", level), "parent_id": parent, "position": level, "description": "Shelf"})
		parent, shelves = id, append(shelves, id)
	}
	shelves = append(shelves, c.id(store+"/categories", object{"name": "Level 0", "parent_id": shelves[0]}))
	leaf := c.id(store+"/suppliers", object{"name": "Leaf", "email": "a@leaf.example", "phone": "1", "website": "https://leaf.example", "country": "DE", "lead_time_days": 3, "notes": "Ask", "is_active": false})
	pots := c.id(store+"/suppliers", object{"name": "Pots"})
	var products array
	for i, status := range []string{"active", "draft", "active", "archived", "active", "archived"} {
		id := c.id(store+"/products", object{
			"title": fmt.Sprint("Tea ", i/2), "status": status, "description": "Green", "vendor": "Leaf & Co", "product_type": "Tea", "tags": array{"green", "loose"},
			"images":       array{object{"url": "https://img.example/1.jpg", "alt": "Front"}, object{"url": "https://img.example/2.jpg"}},
			"options":      array{object{"name": "Size", "values": array{"S", "L", "XXL"}}},
			"category_ids": array{shelves[i%4], shelves[4]}, "seo_title": "Tea", "seo_description": "Buy tea",
			"variants": array{
				object{"sku": fmt.Sprint("T-", i), "price": "12.99", "compare_at_price": "15", "cost": "4.5", "barcode": "42", "weight": 0.25, "weight_unit": "lb", "option_values": object{"Size": "S"}, "track_inventory": false, "allow_backorder": true},
				object{"price": "20", "option_values": object{"Size": "L"}},
			},
		})
		products = append(products, id)
		c.put(store+"/products/"+id+"/suppliers/"+leaf, object{"supplier_sku": fmt.Sprint("L-", i), "cost": "3.33", "is_primary": true}).want(http.StatusOK)
		c.put(store+"/products/"+id+"/suppliers/"+pots, object{}).want(http.StatusOK)
	}
	discount := func(code string, more object) {
		body := object{"code": code, "type": "percentage", "value": "12.5"}
		for member, value := range more {
			body[member] = value
		}
		c.post(store+"/discounts", body).want(http.StatusCreated)
	}
	discount("ALL", object{"minimum_amount": "20", "usage_limit": 5, "starts_at": "2026-01-01T00:00:00Z", "expires_at": "2027-01-01T00:00:00Z"})
	discount("Mixed", object{"applies_to": "products", "product_ids": products, "category_ids": shelves[1:3], "type": "fixed_amount", "value": "5"})
	discount("SHELVES", object{"applies_to": "categories", "category_ids": shelves, "type": "free_shipping", "value": "0"})
	discount("GONE", object{"applies_to": "products", "product_ids": array{products[3], products[5]}})
	discount("OFF", object{"status": "disabled"})
	discount("PAST", object{"expires_at": "2025-12-31T23:59:59Z"})
	discount("PASTOFF", object{"expires_at": "2025-12-31T23:59:59Z", "status": "disabled"})
	discount("OVER", object{"status": "expired"})
	for i := range 4 {
		c.post(store+"/tax-rules", object{
			"name": fmt.Sprint("Tax ", i), "country": "US", "state": "NY", "zip_code": "10001", "rate": "8.875", "priority": i, "is_compound": i == 1, "applies_to_shipping": i == 2, "is_active": i != 3,
		}).want(http.StatusCreated)
	}
	c.post(store+"/themes", object{"name": "Dark", "is_active": true, "custom_css": "a {}", "settings": object{"colours": array{"#000", "#fff"}, "wide": true}}).want(http.StatusCreated)
	c.post(store+"/themes", object{"name": "Spare"}).want(http.StatusCreated)
	return store
}

// sold makes a store look as one does after a while of selling, which orders and
// reviews do.
func (p *platform) sold(t *testing.T) {
	t.Helper()
	err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := db.Exec(t.Context(), tx, `UPDATE discount SET times_used = 3`); err != nil {
			return err
		}
		_, err := db.Exec(t.Context(), tx, `UPDATE product SET rating_sum = 9, review_count = 2`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// clone clones a store and returns the path of the copy.
func (c *client) clone(store string, body any) string {
	c.t.Helper()
	return "/stores/" + c.post(store+"/clone", body).want(http.StatusCreated).object()["store"].(object)["id"].(string)
}

// contents are all things of a store as the API shows them, by kind, in the order of
// the lists.
type contents map[string][]object

func (c *client) contents(store string) contents {
	c.t.Helper()
	all := contents{}
	for _, kind := range kinds {
		all[kind] = c.all(store+"/"+kind, 200)
	}
	return all
}

// ids are those of everything in the contents, and what each is called.
func (all contents) ids() map[string]string {
	names := map[string]string{}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case object:
			if id, has := v["id"].(string); has {
				label := fmt.Sprint(name, " ", v["slug"], v["code"], v["name"], v["title"], v["position"])
				names[id] = strings.TrimSuffix(strings.ReplaceAll(label, "<nil>", ""), "-copy")
			}
			for member, value := range v {
				walk(name+"."+member, value)
			}
		case array:
			for _, item := range v {
				walk(name, item)
			}
		}
	}
	for kind, items := range all {
		for _, item := range items {
			walk(kind, item)
		}
	}
	return names
}

// named returns a value with every id in it replaced by what it is called, and
// without the times.
func named(names map[string]string, v any) any {
	switch v := v.(type) {
	case string:
		if name, isID := names[v]; isID {
			return name
		}
	case object:
		out := object{}
		for member, value := range v {
			if member != "created_at" && member != "updated_at" && member != "store_id" {
				out[member] = named(names, value)
			}
		}
		return out
	case array:
		out := make(array, len(v))
		for i := range v {
			out[i] = named(names, v[i])
		}
		return out
	}
	return v
}

// expected is what a clone of the contents has, by the document: nothing archived,
// expired or inactive, codes with -copy that were never used, and no reviews.
func (all contents) expected() contents {
	want := contents{"categories": all["categories"], "suppliers": all["suppliers"], "themes": all["themes"]}
	archived := map[any]bool{}
	for _, p := range all["products"] {
		if p["status"] == "archived" {
			archived[p["id"]] = true
			continue
		}
		p["review_count"], p["rating_average"] = 0.0, nil
		want["products"] = append(want["products"], p)
	}
	for _, d := range all["discounts"] {
		if expires, _ := d["expires_at"].(string); d["status"] == "expired" || expires != "" && expires < "2026" {
			continue
		}
		before := len(d["product_ids"].(array))
		d["product_ids"] = slices.DeleteFunc(slices.Clone(d["product_ids"].(array)), func(id any) bool { return archived[id] })
		if d["applies_to"] == "products" && before > 0 && len(d["product_ids"].(array)) == 0 {
			d["status"] = "disabled"
		}
		d["code"], d["times_used"] = d["code"].(string)+"-copy", 0.0
		want["discounts"] = append(want["discounts"], d)
	}
	for _, r := range all["tax-rules"] {
		if r["is_active"] == true {
			want["tax-rules"] = append(want["tax-rules"], r)
		}
	}
	return want
}

// sameContents compares what two stores have, whatever the ids are.
func sameContents(t *testing.T, got, want contents) {
	t.Helper()
	gotNames, wantNames := got.ids(), want.ids()
	for _, kind := range kinds {
		if len(got[kind]) != len(want[kind]) {
			t.Errorf("%d %s, want %d", len(got[kind]), kind, len(want[kind]))
			continue
		}
		for i := range got[kind] {
			if g, w := named(gotNames, got[kind][i]), named(wantNames, want[kind][i]); !reflect.DeepEqual(g, w) {
				t.Errorf("%s:\ngot  %v\nwant %v", kind, g, w)
			}
		}
	}
}

func TestQA01_basicCloneCopiesEverythingUnderNewIDs(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		p.sold(t)
		p.clock.Advance(time.Hour)
		clone := c.clone(source, nil)
		from, to := c.contents(source), c.contents(clone)
		fromIDs, toIDs := from.ids(), to.ids()
		for id, name := range toIDs {
			if _, shared := fromIDs[id]; shared {
				t.Errorf("%s has the same id in both", name)
			}
		}
		if len(from["products"]) != 6 || len(fromIDs) < 40 {
			t.Fatalf("the source has %d things", len(fromIDs))
		}
		for _, kind := range kinds {
			for _, item := range to[kind] {
				if item["created_at"] != "2026-01-15T13:00:00Z" || item["store_id"] != nil && item["store_id"] != strings.TrimPrefix(clone, "/stores/") {
					t.Errorf("%s: %v", kind, item)
				}
			}
		}
		sameContents(t, to, from.expected())
	})
}

func TestQA02_nameOverride(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		source := c.store(object{"name": "Shop"})
		for i, want := range []string{"my-cloned-store", "my-cloned-store-2", "my-cloned-store-3"} {
			store := c.post(source+"/clone", object{"new_name": " My Cloned Store "}).want(http.StatusCreated).object()["store"].(object)
			if store["name"] != "My Cloned Store" || store["slug"] != want {
				t.Errorf("clone %d: %v, %v", i, store["name"], store["slug"])
			}
		}
		for _, bad := range []any{strings.Repeat("x", 201), "a\x00b", "a\nb", 5, true, array{}, object{}} {
			c.post(source+"/clone", object{"new_name": bad}).invalid("body.new_name")
		}
		c.post(source+"/clone", object{"name": "Other"}).invalid("body.name")
	})
}

func TestQA03_defaultName(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		source := c.store(object{"name": "Tea House"})
		for i, body := range []any{nil, object{}, object{"new_name": nil}, object{"new_name": ""}, object{"new_name": "  "}, "", object{"inventory": "none"}} {
			store := c.post(source+"/clone", body).want(http.StatusCreated).object()["store"].(object)
			want := "tea-house-copy"
			if i > 0 {
				want = fmt.Sprint("tea-house-copy-", i+1)
			}
			if store["name"] != "Tea House (Copy)" || store["slug"] != want {
				t.Errorf("clone %d: %v, %v", i, store["name"], store["slug"])
			}
		}
		plain := c.do("POST", source+"/clone", nil, http.Header{"Content-Type": {"text/plain"}}).want(http.StatusCreated).object()["store"].(object)
		if plain["name"] != "Tea House (Copy)" {
			t.Errorf("without a body: %v", plain["name"])
		}
		// A name too long for " (Copy)" is cut to fit, by characters.
		for name, want := range map[string]string{
			strings.Repeat("x", 200): strings.Repeat("x", 193) + " (Copy)", strings.Repeat("🎉", 200): strings.Repeat("🎉", 193) + " (Copy)",
			strings.Repeat("y", 193): strings.Repeat("y", 193) + " (Copy)", strings.Repeat("z", 192) + " zzzz": strings.Repeat("z", 192) + " (Copy)",
		} {
			store := c.post(c.store(object{"name": name})+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
			if store["name"] != want {
				t.Errorf("%q is cloned as %q", name, store["name"])
			}
		}
	})
}

func TestQA04_slugUniqueness(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t).onPlan("growth"), p.merchant(t).onPlan("growth")
		source := c.store(object{"name": "Tea House"})
		slug := func(c *client, store string) any {
			return c.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)["slug"]
		}
		first, second := slug(c, source), slug(c, source)
		if first != "tea-house-copy" || second != "tea-house-copy-2" {
			t.Errorf("slugs %v and %v", first, second)
		}
		c.patch(source, object{"name": "Renamed"}).want(http.StatusOK) // the slug is what counts
		if third := slug(c, source); third != "tea-house-copy-3" {
			t.Errorf("slug %v", third)
		}
		// Over the platform, and free again when a clone is deleted.
		theirs := other.store(object{"name": "Tea House Copy"})
		if got := other.get(theirs).object()["slug"]; got != "tea-house-copy-4" {
			t.Errorf("slug %v", got)
		}
		for _, store := range c.get("/stores").array() {
			if store["slug"] == "tea-house-copy-2" {
				c.delete("/stores/" + store["id"].(string)).want(http.StatusNoContent)
			}
		}
		if got := slug(c, source); got != "tea-house-copy-2" {
			t.Errorf("slug %v", got)
		}
		// A long slug is a label of a host name still, and ends as it should.
		long := c.store(object{"name": strings.Repeat("long ", 40)})
		base := c.get(long).object()["slug"].(string)
		for _, want := range []string{base + "-copy", base + "-copy-2", base + "-copy-3"} {
			if got := slug(c, long).(string); got != want || len(got) > 63 || strings.Contains(got, "--") {
				t.Errorf("slug %q of %q", got, base)
			}
		}
		for path := long; len(base) < 63; base = c.get(path).object()["slug"].(string) {
			path = c.clone(path, nil)
			if got := c.get(path).object()["slug"].(string); len(got) > 63 || !strings.Contains(got, "-copy") || strings.Contains(got, "--") {
				t.Fatalf("slug %q of a copy of %q", got, base)
			}
		}
	})
}

func TestQA05_discountCodeSuffix(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		source := c.store(object{})
		long := strings.Repeat("Ä", 195)
		for _, code := range []string{"TEN", "ten-copy", long, long + "1", long + "22222", strings.ToLower(long) + "33333", strings.Repeat("x", 200), strings.Repeat("x", 199) + "y"} {
			c.post(source+"/discounts", object{"code": code, "type": "percentage", "value": "10"}).want(http.StatusCreated)
		}
		codes := func(store string) []any {
			got := column(c.all(store+"/discounts", 3), "code")
			slices.Reverse(got) // in the order of making
			return got
		}
		clone := c.clone(source, nil)
		x := strings.Repeat("x", 195)
		want := []any{
			"TEN-copy", "ten-copy-copy", long + "-copy", long[:2*180] + "-copy-2", long[:2*180] + "-copy-3", strings.ToLower(long)[:2*180] + "-copy-4", x + "-copy", x[:180] + "-copy-2",
		}
		if got := codes(clone); !slices.Equal(got, want) {
			t.Errorf("codes %q\nwant  %q", got, want)
		}
		if got := codes(source); got[0] != "TEN" || got[2] != long {
			t.Errorf("the source's codes changed: %q", got)
		}
		// A clone of a clone, and codes are known in any case there too.
		again := c.clone(clone, nil)
		if got := codes(again); got[0] != "TEN-copy-copy" || got[1] != "ten-copy-copy-copy" || got[2] != long+"-copy" {
			t.Errorf("codes of a clone's clone %q", got)
		}
		for _, code := range codes(again) {
			c.post(again+"/discounts", object{"code": strings.ToLower(code.(string)), "type": "percentage", "value": "10"}).want(http.StatusBadRequest)
		}
	})
}

func TestQA06_discountUsageReset(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		p.sold(t)
		for _, d := range c.get(c.clone(source, nil) + "/discounts").array() {
			if d["times_used"] != 0.0 {
				t.Errorf("%s was used %v times", d["code"], d["times_used"])
			}
		}
		for _, d := range c.get(source + "/discounts").array() {
			if d["times_used"] != 3.0 {
				t.Errorf("the source's %s was used %v times", d["code"], d["times_used"])
			}
		}
	})
}

func TestQA07_expiredDiscountsExcluded(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		soon := began.Add(time.Minute).Format(time.RFC3339)
		c.post(source+"/discounts", object{"code": "SOON", "type": "percentage", "value": "10", "expires_at": soon}).want(http.StatusCreated)
		codes := func(store string) []any {
			got := column(c.get(store+"/discounts").array(), "code")
			slices.SortFunc(got, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			return got
		}
		if got := codes(c.clone(source, nil)); !slices.Equal(got, []any{"ALL-copy", "GONE-copy", "Mixed-copy", "OFF-copy", "SHELVES-copy", "SOON-copy"}) {
			t.Errorf("codes %v", got)
		}
		p.clock.Advance(time.Minute) // its time has passed, whatever its status says
		if got := codes(c.clone(source, nil)); slices.Contains(got, any("SOON-copy")) || len(got) != 5 {
			t.Errorf("codes %v", got)
		}
	})
}

func TestQA08_archivedProductsExcluded(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		clone := c.clone(c.richStore(), nil)
		if n := len(c.get(clone + "/products").array()); n != 4 {
			t.Errorf("%d products", n)
		}
		if n := len(c.get(clone + "/products?status=archived").array()); n != 0 {
			t.Errorf("%d archived products", n)
		}
		// Their slugs and SKUs are free in the clone.
		made := c.post(clone+"/products", object{"title": "Tea 1", "variants": array{object{"sku": "T-3"}, object{"sku": "T-5"}}}).want(http.StatusCreated).object()
		if made["slug"] != "tea-1-2" {
			t.Errorf("slug %v", made["slug"])
		}
		c.post(clone+"/products", object{"title": "Taken", "variants": array{object{"sku": "T-2"}}}).want(http.StatusBadRequest)
	})
}

func TestQA09_categoryHierarchy(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		tree := func(store string) map[any]any {
			parents, slugs := map[any]any{}, map[any]any{nil: nil}
			all := c.get(store + "/categories").array()
			for _, category := range all {
				slugs[category["id"]] = category["slug"]
			}
			for _, category := range all {
				parent, known := slugs[category["parent_id"]]
				if !known {
					t.Errorf("%v is below %v, which is not in its store", category["slug"], category["parent_id"])
				}
				parents[category["slug"]] = parent
			}
			return parents
		}
		want := map[any]any{"level-0": nil, "level-1": "level-0", "level-2": "level-1", "level-3": "level-2", "level-0-2": "level-0"}
		if from, to := tree(source), tree(c.clone(source, nil)); !reflect.DeepEqual(from, want) || !reflect.DeepEqual(to, want) {
			t.Errorf("the tree is %v, and in the clone %v", from, to)
		}
	})
}

func TestQA10_activeThemePreserved(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		source := c.richStore()
		flags := func(store string) object {
			flags := object{}
			for _, theme := range c.get(store + "/themes").array() {
				flags[theme["name"].(string)] = theme["is_active"]
			}
			return flags
		}
		want := object{"Default": false, "Dark": true, "Spare": false}
		if got := flags(c.clone(source, nil)); !reflect.DeepEqual(got, want) {
			t.Errorf("active %v", got)
		}
		for _, theme := range c.get(source + "/themes").array() {
			if theme["is_active"] == true {
				c.delete(source + "/themes/" + theme["id"].(string)).want(http.StatusNoContent)
			}
		}
		if got := flags(c.clone(source, nil)); !reflect.DeepEqual(got, object{"Default": false, "Spare": false}) {
			t.Errorf("active %v", got)
		}
	})
}

func TestQA11_storeOwnership(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		source := c.richStore()
		for _, body := range []any{nil, object{"new_name": "Mine now"}, object{"nonsense": 1}, `{`} {
			other.post(source+"/clone", body).want(http.StatusNotFound)
			other.post(source+"/clone?dry_run=true", body).want(http.StatusNotFound)
			p.nobody(t).post(source+"/clone", body).want(http.StatusUnauthorized)
		}
		other.post("/stores/nonsense/clone", nil).want(http.StatusNotFound)
		other.post("/stores/019bc186-de00-7004-a201-474e24bce60d/clone", nil).want(http.StatusNotFound)
		if n := len(other.get("/stores").array()) + len(c.get("/stores").array()); n != 1 {
			t.Errorf("%d stores", n)
		}
	})
}

func TestQA12_deletedStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		c.delete(source).want(http.StatusNoContent)
		c.post(source+"/clone", nil).want(http.StatusNotFound)
		c.post(source+"/clone?dry_run=true", nil).want(http.StatusNotFound)
		if n := c.get("/auth/me").object()["store_count"]; n != 0.0 {
			t.Errorf("store_count %v", n)
		}
	})
}

func TestQA13_planStoreLimit(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.store(object{})
		c.clone(source, nil)
		c.clone(source, nil)
		c.post(source+"/clone", nil).want(http.StatusForbidden).detail("store limit")
		c.post(source+"/clone", object{"new_name": "Fourth"}).want(http.StatusForbidden)
		c.post(source+"/clone?dry_run=true", nil).want(http.StatusOK) // which takes no place
		if me := c.get("/auth/me").object(); me["store_count"] != 3.0 || len(c.get("/stores").array()) != 3 {
			t.Errorf("user %v", me)
		}
		c.onPlan("growth")
		clone := c.clone(source, nil)
		c.delete(clone).want(http.StatusNoContent)
		c.clone(source, nil)
	})
}

func TestEdge_zeroProducts(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		clone := c.clone(c.store(object{}), nil)
		for _, kind := range kinds {
			want := 0
			if kind == "themes" {
				want = 1
			}
			if n := len(c.get(clone + "/" + kind).array()); n != want {
				t.Errorf("%d %s", n, kind)
			}
		}
	})
}

func TestEdge_discountsAreRelinked(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		clone := c.clone(c.richStore(), nil)
		own := c.contents(clone).ids()
		want := map[any][3]any{ // how many products and categories, and the status
			"ALL-copy": {0, 0, "active"}, "Mixed-copy": {4, 2, "active"}, "SHELVES-copy": {0, 5, "active"}, "GONE-copy": {0, 0, "disabled"}, "OFF-copy": {0, 0, "disabled"},
		}
		discounts := c.get(clone + "/discounts").array()
		for _, d := range discounts {
			products, categories := d["product_ids"].(array), d["category_ids"].(array)
			if got := [3]any{len(products), len(categories), d["status"]}; got != want[d["code"]] {
				t.Errorf("%v: %v, want %v", d["code"], got, want[d["code"]])
			}
			for _, id := range append(products, categories...) {
				if own[id.(string)] == "" {
					t.Errorf("%v names %v, which is not in its store", d["code"], id)
				}
			}
			c.patch(clone+"/discounts/"+d["id"].(string), object{"product_ids": products, "category_ids": categories}).want(http.StatusOK)
		}
		if len(discounts) != len(want) {
			t.Errorf("%d discounts", len(discounts))
		}
	})
}

func TestEdge_aSupplierOfSeveralProducts(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		clone := c.clone(c.richStore(), nil)
		suppliers := map[any]any{}
		for _, s := range c.get(clone + "/suppliers").array() {
			suppliers[s["id"]] = s["name"]
		}
		if len(suppliers) != 2 {
			t.Errorf("suppliers %v", suppliers)
		}
		for i, product := range c.get(clone + "/products").array() {
			links := product["suppliers"].(array)
			if len(links) != 2 {
				t.Fatalf("links %v", links)
			}
			for _, l := range links {
				link := l.(object)
				name := suppliers[link["supplier_id"]]
				if leaf := name == "Leaf"; name == nil || link["is_primary"] != leaf || leaf && (link["cost"] != "3.33" || !strings.HasPrefix(link["supplier_sku"].(string), "L-")) || !leaf && (link["cost"] != nil || link["supplier_sku"] != nil) {
					t.Errorf("product %d has the link %v to %v", i, link, name)
				}
			}
		}
	})
}

func TestEdge_concurrentClonesOfOneStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		source := c.richStore()
		want := c.contents(source).expected()
		var wg sync.WaitGroup
		clones := make([]object, 8)
		for i := range clones {
			wg.Go(func() {
				if r := c.post(source+"/clone", nil); r.status == http.StatusCreated {
					clones[i] = r.object()["store"].(object)
				} else {
					t.Errorf("status %d: %s", r.status, r.raw)
				}
			})
		}
		wg.Wait()
		slugs, ids := map[any]bool{}, map[string]bool{}
		for _, clone := range clones {
			slugs[clone["slug"]] = true
			got := c.contents("/stores/" + clone["id"].(string))
			sameContents(t, got, want)
			for id := range got.ids() {
				if ids[id] {
					t.Errorf("%s is in two clones", id)
				}
				ids[id] = true
			}
		}
		for i := range clones {
			slug := "tea-house-copy"
			if i > 0 {
				slug = fmt.Sprint(slug, "-", i+1)
			}
			if !slugs[slug] {
				t.Errorf("no clone has the slug %s: %v", slug, slugs)
			}
		}
	})
}

func TestEdge_aCloneOfAClone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		first := c.clone(source, nil)
		second := c.post(first+"/clone", nil).want(http.StatusCreated).object()
		store := second["store"].(object)
		if store["name"] != "Tea House (Copy) (Copy)" || store["slug"] != "tea-house-copy-copy" || "/stores/"+second["source_store_id"].(string) != first {
			t.Errorf("clone %v", second)
		}
		sameContents(t, c.contents("/stores/"+store["id"].(string)), c.contents(first).expected())
	})
}

func TestAcceptance_theCloneIsIndependent(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		clone := c.clone(source, nil)
		// ruin changes everything of a store, and deletes half of it.
		ruin := func(store string) {
			c.patch(store, object{"name": "Ruin", "description": nil, "custom_css": nil, "status": "paused", "store_type": "hybrid"}).want(http.StatusOK)
			for _, kind := range []string{"discounts", "products", "categories", "suppliers", "themes", "tax-rules"} {
				for i, item := range c.get(store + "/" + kind).array() {
					one := store + "/" + kind + "/" + item["id"].(string)
					switch {
					case i%2 == 0:
						c.delete(one).want(http.StatusNoContent)
					case kind == "products":
						variant := one + "/variants/" + item["variants"].(array)[0].(object)["id"].(string)
						c.patch(variant, object{"price": "1", "sku": fmt.Sprint("RUIN-", i), "option_values": object{"Size": "Ruin"}}).want(http.StatusOK)
						c.post(one+"/variants", object{"title": "Ruin"}).want(http.StatusCreated)
						c.patch(one, object{"title": "Ruin", "slug": fmt.Sprint("ruin-", i), "tags": array{}, "category_ids": array{}, "status": "draft"}).want(http.StatusOK)
					case kind == "discounts":
						c.patch(one, object{"code": fmt.Sprint("RUIN", i), "value": "1", "product_ids": array{}, "category_ids": array{}}).want(http.StatusOK)
					case kind == "tax-rules":
						c.patch(one, object{"rate": "99", "is_active": false}).want(http.StatusOK)
					case kind == "themes":
						c.patch(one, object{"settings": object{"ruin": true}, "custom_css": nil}).want(http.StatusOK)
					default:
						c.patch(one, object{"name": "Ruin"}).want(http.StatusOK)
					}
				}
				c.post(store+"/tax-rules", object{"name": "Ruin", "country": "DE", "rate": "1"}).want(http.StatusCreated)
			}
		}
		raw := func(store string) string {
			all := string(c.get(store).raw)
			for _, kind := range kinds {
				all += string(c.get(store + "/" + kind + "?limit=200").raw)
			}
			return all
		}
		before := raw(source)
		ruin(clone)
		if raw(source) != before {
			t.Error("changing the clone changed the source")
		}
		fresh := c.clone(source, nil)
		before = raw(fresh)
		ruin(source)
		c.delete(source).want(http.StatusNoContent)
		if raw(fresh) != before {
			t.Error("changing the source changed the clone")
		}
	})
}

func TestAcceptance_theAnswerIsThatOfTheDocument(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		c.patch(source, object{"status": "paused"}).want(http.StatusOK)
		p.clock.Advance(time.Hour)
		answer := c.post(source+"/clone", object{"new_name": "My Cloned Store"}).want(http.StatusCreated).object()
		members(t, answer, "store", "source_store_id")
		store := answer["store"].(object)
		members(t, store, storeMembers...)
		want := c.get(source).object()
		for member, value := range (object{
			"id": store["id"], "name": "My Cloned Store", "slug": "my-cloned-store", "status": "active", "source_store_id": want["id"],
			"created_at": "2026-01-15T13:00:00Z", "updated_at": "2026-01-15T13:00:00Z",
		}) {
			want[member] = value
		}
		sameBut(c, store, want)
		if answer["source_store_id"] != want["source_store_id"] || store["id"] == want["source_store_id"] {
			t.Errorf("answer %v", answer)
		}
		sameBut(c, c.get("/stores/"+store["id"].(string)).want(http.StatusOK).object(), store)
		if newest := c.get("/stores?limit=1").array()[0]["id"]; newest != store["id"] {
			t.Errorf("the newest store is %v", newest)
		}
		if got := c.get(source).object()["status"]; got != "paused" {
			t.Errorf("the source is %v", got)
		}
	})
}

func TestAcceptance_theCloneAppearsWholeOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.largeStore(p)
		plan := c.post(source+"/clone?dry_run=true", nil).want(http.StatusOK).object()["would_clone"].(object)
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.post(source+"/clone", nil).want(http.StatusCreated)
		}()
		for seen := false; !seen; {
			for _, store := range c.get("/stores").want(http.StatusOK).array() {
				if path := "/stores/" + store["id"].(string); path != source {
					seen = true
					if n := len(c.all(path+"/products", 200)); float64(n) != plan["products"] {
						t.Errorf("the clone is there with %d of %v products", n, plan["products"])
					}
					if n := len(c.all(path+"/discounts", 200)); float64(n) != plan["discounts"] {
						t.Errorf("the clone is there with %d of %v discounts", n, plan["discounts"])
					}
				}
			}
		}
		<-done
	})
}

func TestClone_dryRunTellsWhatWouldHappenAndWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.richStore()
		plan := c.post(source+"/clone?dry_run=true", object{"new_name": "X"}).want(http.StatusOK).object()
		if len(plan) != 2 {
			t.Errorf("plan %v", plan)
		}
		would, skipped := plan["would_clone"].(object), plan["skipped"].(object)
		if !reflect.DeepEqual(skipped, object{"archived_products": 2.0, "expired_discounts": 3.0, "inactive_tax_rules": 1.0}) {
			t.Errorf("skipped %v", skipped)
		}
		if got := c.get("/auth/me").object()["store_count"]; got != 1.0 || len(c.get("/stores").array()) != 1 {
			t.Errorf("store_count %v", got)
		}
		got := c.contents(c.clone(source, nil))
		variants, inCategories, fromSuppliers := 0, 0, 0
		for _, product := range got["products"] {
			variants += len(product["variants"].(array))
			inCategories += len(product["category_ids"].(array))
			fromSuppliers += len(product["suppliers"].(array))
		}
		for name, n := range map[string]int{
			"products": len(got["products"]), "variants": variants, "categories": len(got["categories"]), "suppliers": len(got["suppliers"]), "themes": len(got["themes"]),
			"discounts": len(got["discounts"]), "tax_rules": len(got["tax-rules"]), "product_categories": inCategories, "product_suppliers": fromSuppliers,
		} {
			if would[name] != float64(n) || n == 0 {
				t.Errorf("%v %s would be cloned, and %d were", would[name], name, n)
			}
		}
		c.post(source+"/clone?dry_run=true", object{"new_name": strings.Repeat("x", 201)}).invalid("body.new_name")
		c.post(source+"/clone?dry_run=yes", nil).invalid("query.dry_run")
		empty := c.post(c.store(object{})+"/clone?dry_run=true", nil).want(http.StatusOK).object()
		for name, n := range empty["would_clone"].(object) {
			if n != 0.0 && name != "themes" {
				t.Errorf("%v %s would be cloned of nothing", n, name)
			}
		}
		c.post(source+"/clone?dry_run=false", nil).want(http.StatusForbidden)
	})
}

func TestClone_takesTheInventoryParameter(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		for _, kind := range []string{"dropshipping", "ecommerce", "hybrid"} {
			source := c.store(object{"store_type": kind})
			for _, stock := range []string{"none", "zero", "copy"} {
				clone := c.clone(source, object{"inventory": stock})
				if got := c.get(clone).object()["store_type"]; got != kind {
					t.Errorf("store_type %v", got)
				}
				warehouses := c.get(clone + "/warehouses").want(http.StatusOK).array()
				if kind == "dropshipping" && len(warehouses) != 0 || kind != "dropshipping" && (len(warehouses) != 1 || warehouses[0]["name"] != "Main Warehouse" || warehouses[0]["is_default"] != true) {
					t.Errorf("%s with %s has the warehouses %v", kind, stock, warehouses)
				}
				c.post(source+"/clone?dry_run=true", object{"inventory": stock}).want(http.StatusOK)
			}
			for _, bad := range []any{"some", "", "NONE", 1, true, array{}} {
				c.post(source+"/clone", object{"inventory": bad}).invalid("body.inventory")
			}
		}
	})
}
