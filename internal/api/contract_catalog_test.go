package api_test

// The rows of section 3 of the contract that are about the catalog and the themes,
// and their tests; see also contract_resources_test.go, which asks all kinds alike:
//
//	products        TestContract_aProductReadsAsTheContractSays, TestProducts_… (products_test.go)
//	q, filters      TestContract_qFindsPartsOfTitleSKUAndVendorInAnyCase, TestContract_linkKeepsTheFilters
//	variants        TestContract_aVariantReadsAsTheContractSays, TestContract_aProductKeepsItsLastVariant,
//	                TestContract_optionsCoverWhatVariantsChoose, TestVariants_… (variants_test.go)
//	SKU             TestContract_aSKUIsUniqueInItsStore
//	categories      TestContract_categoriesFormATree, TestContract_twoMovesAtOnceMakeNoCycle,
//	                TestContract_aCategorySlugIsUniqueInItsStore
//	suppliers       TestContract_suppliersReadAsTheContractSays
//	supplier links  TestContract_oneSupplierIsPrimary, TestContract_linksStayWithinTheStore
//	themes          TestContract_atMostOneThemeIsActive, TestContract_settingsAreMerged

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// id makes something and returns its id.
func (c *client) id(path string, body object) string {
	c.t.Helper()
	return c.post(path, body).want(http.StatusCreated).object()["id"].(string)
}

var (
	productMembers = []string{
		"id", "store_id", "title", "slug", "description", "status", "vendor", "product_type", "tags", "images", "options", "variants", "category_ids", "suppliers",
		"rating_average", "review_count", "seo_title", "seo_description", "created_at", "updated_at",
	}
	variantMembers = []string{
		"id", "product_id", "title", "sku", "price", "compare_at_price", "cost", "barcode", "weight", "weight_unit", "option_values", "track_inventory", "allow_backorder",
		"position", "created_at", "updated_at",
	}
)

func TestContract_aProductReadsAsTheContractSays(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		made := c.post(store+"/products", object{"title": "Tea"}).want(http.StatusCreated).object()
		members(t, made, productMembers...)
		sameBut(c, made, object{
			"store_id": strings.TrimPrefix(store, "/stores/"), "title": "Tea", "slug": "tea", "status": "active", "description": nil, "vendor": nil, "product_type": nil,
			"tags": array{}, "images": array{}, "options": array{}, "category_ids": array{}, "suppliers": array{}, "rating_average": nil, "review_count": 0.0, "seo_title": nil, "seo_description": nil,
		})
		variants := made["variants"].(array)
		if len(variants) != 1 {
			t.Fatalf("variants %v", variants)
		}
		members(t, variants[0].(object), variantMembers...)
		sameBut(c, variants[0].(object), object{
			"title": "Default", "sku": nil, "price": "0.00", "compare_at_price": nil, "cost": nil, "barcode": nil, "weight": nil, "weight_unit": "kg",
			"option_values": object{}, "track_inventory": true, "allow_backorder": false, "position": 1.0, "product_id": made["id"],
		})
		for _, status := range []string{"draft", "active", "archived"} {
			got := c.post(store+"/products", object{"title": "Tea", "status": status}).want(http.StatusCreated).object()
			if got["status"] != status {
				t.Errorf("status %v", got["status"])
			}
			for _, product := range c.get(store + "/products?status=" + status).array() {
				if members(t, product, productMembers...); product["status"] != status {
					t.Errorf("%v is among the %s", product["status"], status)
				}
			}
		}
	})
}

func TestContract_qFindsPartsOfTitleSKUAndVendorInAnyCase(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		path := store + "/products"
		for _, product := range []object{
			{"title": "Crème Brûlée", "vendor": "ΌΜΗΡΟΣ", "variants": array{object{"sku": "ЧАЙ-1"}}},
			{"title": "Große Straße", "vendor": "İstanbul", "variants": array{object{"sku": "a_b%c"}, object{"sku": "second-sku"}}},
			{"title": "日本のお茶", "vendor": "O'Neill & Co", "variants": array{object{"sku": `back\slash`}}},
			{"title": "🎉 Party", "description": "hidden words", "product_type": "hidden type", "tags": array{"hiddentag"}},
		} {
			c.post(path, product).want(http.StatusCreated)
		}
		for q, want := range map[string]string{
			"crème": "Crème Brûlée", "CRÈME": "Crème Brûlée", "brûlée": "Crème Brûlée", "e b": "Crème Brûlée", "cre\u0300me": "Crème Brûlée", "όμηρος": "Crème Brûlée", "ΌΜΗΡΟσ": "Crème Brûlée", "чай": "Crème Brûlée", "Чай-1": "Crème Brûlée",
			"GROSSE": "Große Straße", "STRASSE": "Große Straße", "straße": "Große Straße", "ISTANBUL": "", "A_B%C": "Große Straße", "_": "Große Straße", "%": "Große Straße", "second": "Große Straße", "OND-S": "Große Straße",
			"日本": "日本のお茶", "茶": "日本のお茶", "o'neill": "日本のお茶", "& CO": "日本のお茶", `K\S`: "日本のお茶", "🎉": "🎉 Party", "party": "🎉 Party",
			"hidden": "", "hiddentag": "", "crèmebrûlée": "", "b%": "Große Straße", "a%c": "", "x": "", `"`: "", "'": "日本のお茶", "--": "", "*": "", "OR": "",
		} {
			got := []any{}
			for _, product := range c.get(path + "?q=" + url.QueryEscape(q)).want(http.StatusOK).array() {
				got = append(got, product["title"])
			}
			if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []any{want}) {
				t.Errorf("%q finds %v, want %q", q, got, want)
			}
		}
		if n := len(c.get(path + "?q=").array()); n != 4 {
			t.Errorf("an empty q finds %d", n)
		}
		if n := len(c.get(path + "?q=%20%20").array()); n != 4 {
			t.Errorf("a blank q finds %d", n)
		}
		// What is found follows each change.
		one := path + "/" + c.get(path + "?q=party").array()[0]["id"].(string)
		c.patch(one, object{"title": "Quiet", "vendor": "Party GmbH"}).want(http.StatusOK)
		variant := c.post(one+"/variants", object{"sku": "FIND-ME"}).want(http.StatusCreated).object()["id"].(string)
		for q, want := range map[string]int{"party": 1, "🎉": 0, "quiet": 1, "find-me": 1} {
			if n := len(c.get(path + "?q=" + url.QueryEscape(q)).array()); n != want {
				t.Errorf("%q finds %d, want %d", q, n, want)
			}
		}
		c.delete(one + "/variants/" + variant).want(http.StatusNoContent)
		if n := len(c.get(path + "?q=find-me").array()); n != 0 {
			t.Errorf("a deleted variant is found")
		}
	})
}

func TestContract_aVariantReadsAsTheContractSays(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		product := store + "/products/" + c.id(store+"/products", object{"title": "Tea"})
		all := object{
			"title": "Large", "sku": "T-L", "price": "12.50", "compare_at_price": "15.00", "cost": "4.00", "barcode": "4006381333931", "weight": 1.25, "weight_unit": "lb",
			"option_values": object{"Size": "L"}, "track_inventory": false, "allow_backorder": true, "position": 7.0,
		}
		made := c.post(product+"/variants", all).want(http.StatusCreated).object()
		members(t, made, variantMembers...)
		sameBut(c, made, all)
		listed := c.get(product + "/variants").want(http.StatusOK).array()
		if len(listed) != 2 || !reflect.DeepEqual(listed[0], made) {
			t.Errorf("listed %v", listed)
		}
		for _, unit := range []string{"g", "kg", "lb", "oz"} {
			if got := c.patch(product+"/variants/"+made["id"].(string), object{"weight_unit": unit}).want(http.StatusOK).object(); got["weight_unit"] != unit || got["weight"] != 1.25 {
				t.Errorf("weight %v %v", got["weight"], got["weight_unit"])
			}
		}
		for _, bad := range []any{-0.1, "1", 1e300, true} {
			c.patch(product+"/variants/"+made["id"].(string), object{"weight": bad}).invalid("body.weight")
		}
		c.patch(product+"/variants/"+made["id"].(string), `{"weight": 1e999}`).want(http.StatusUnprocessableEntity)
		other := c.id(store+"/products", object{"title": "Other"})
		c.patch(store+"/products/"+other+"/variants/"+made["id"].(string), object{}).want(http.StatusNotFound)
		c.delete(store + "/products/" + other + "/variants/" + made["id"].(string)).want(http.StatusNotFound)
	})
}

func TestContract_aProductKeepsItsLastVariant(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		product := store + "/products/" + c.id(store+"/products", object{"title": "Tea", "variants": array{object{}, object{}, object{}, object{}}})
		var wg sync.WaitGroup
		variants := c.get(product + "/variants").array()
		statuses := make([]int, len(variants))
		for i, v := range variants {
			wg.Go(func() { statuses[i] = c.delete(product + "/variants/" + v["id"].(string)).status })
		}
		wg.Wait()
		slices.Sort(statuses)
		if !slices.Equal(statuses, []int{204, 204, 204, 400}) {
			t.Errorf("statuses %v", statuses)
		}
		last := c.get(product).object()["variants"].(array)
		if len(last) != 1 {
			t.Fatalf("variants %v", last)
		}
		c.delete(product + "/variants/" + last[0].(object)["id"].(string)).want(http.StatusBadRequest)
	})
}

func TestContract_optionsCoverWhatVariantsChoose(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		made := c.post(store+"/products", object{
			"title": "Shirt", "options": array{object{"name": "Size", "values": array{"S", "M"}}},
			"variants": array{object{"option_values": object{"Size": "S", "Colour": "Red"}}, object{"option_values": object{"Size": "XL"}}},
		}).want(http.StatusCreated).object()
		want := array{object{"name": "Size", "values": array{"S", "M", "XL"}}, object{"name": "Colour", "values": array{"Red"}}}
		if !reflect.DeepEqual(made["options"], want) {
			t.Errorf("options %v", made["options"])
		}
		product := store + "/products/" + made["id"].(string)
		c.post(product+"/variants", object{"option_values": object{"A": "1", "B": "2"}}).invalid("body.options")
		c.post(product+"/variants", object{"option_values": object{"Size": ""}}).invalid("body.option_values")
		c.post(product+"/variants", object{"option_values": object{"": "S"}}).invalid("body.option_values")
		c.post(product+"/variants", object{"option_values": object{"Size": 5}}).want(http.StatusUnprocessableEntity)
		// Options that variants choose from do not go away.
		if got := c.patch(product, object{"options": array{}}).want(http.StatusOK).object()["options"].(array); len(got) != 2 {
			t.Errorf("options %v", got)
		}
		for _, bad := range []array{
			{object{"name": "Size", "values": array{"S"}}, object{"name": "Size", "values": array{"M"}}},
			{object{"name": ""}},
			{object{"values": array{"S"}}},
			{object{"name": "Size", "values": array{""}}},
			{object{"name": "Size", "values": "S"}},
			{object{"name": "Size", "value": "S"}},
			{object{"name": "A"}, object{"name": "B"}, object{"name": "C"}, object{"name": "D"}},
		} {
			c.patch(product, object{"options": bad}).want(http.StatusUnprocessableEntity)
		}
	})
}

func TestContract_aSKUIsUniqueInItsStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store, other := c.store(object{}), c.store(object{})
		path := store + "/products"
		a := path + "/" + c.id(path, object{"title": "A", "variants": array{object{"sku": "X"}}})
		b := path + "/" + c.id(path, object{"title": "B", "variants": array{object{"sku": "Y"}}})
		ofB := b + "/variants/" + c.get(b).object()["variants"].(array)[0].(object)["id"].(string)
		c.post(path, object{"title": "C", "variants": array{object{"sku": " X "}}}).want(http.StatusBadRequest).detail(`"X"`)
		c.post(path, object{"title": "C", "variants": array{object{"sku": "Z"}, object{"sku": "Z"}}}).want(http.StatusBadRequest).detail(`"Z"`)
		c.post(a+"/variants", object{"sku": "X"}).want(http.StatusBadRequest)
		c.post(b+"/variants", object{"sku": "X"}).want(http.StatusBadRequest)
		c.patch(ofB, object{"sku": "X"}).want(http.StatusBadRequest)
		c.patch(ofB, object{"sku": "Y"}).want(http.StatusOK) // its own
		if n := len(c.get(path).array()); n != 2 {
			t.Errorf("%d products: a refused one was made", n)
		}
		c.post(other+"/products", object{"title": "A", "variants": array{object{"sku": "X"}}}).want(http.StatusCreated)
		c.post(path, object{"title": "No SKUs", "variants": array{object{}, object{}, object{"sku": ""}, object{"sku": nil}}}).want(http.StatusCreated)
		c.delete(a).want(http.StatusNoContent)
		c.patch(ofB, object{"sku": "X"}).want(http.StatusOK)
		c.post(path, object{"title": "C", "variants": array{object{"sku": "Y"}}}).want(http.StatusCreated)
		var wg sync.WaitGroup
		statuses := make([]int, 8)
		for i := range statuses {
			wg.Go(func() {
				statuses[i] = c.post(path, object{"title": "Race", "variants": array{object{"sku": "RACE"}}}).status
			})
		}
		wg.Wait()
		slices.Sort(statuses)
		if statuses[0] != http.StatusCreated || statuses[1] != http.StatusBadRequest || statuses[7] != http.StatusBadRequest {
			t.Errorf("statuses %v", statuses)
		}
	})
}

func TestContract_categoriesFormATree(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		path := store + "/categories"
		made := c.post(path, object{"name": "Root", "description": "All", "position": 3}).want(http.StatusCreated).object()
		members(t, made, "id", "store_id", "name", "slug", "description", "parent_id", "position", "created_at", "updated_at")
		sameBut(c, made, object{"store_id": strings.TrimPrefix(store, "/stores/"), "name": "Root", "slug": "root", "description": "All", "parent_id": nil, "position": 3.0})
		root := made["id"].(string)
		below := func(parent string) string { return c.id(path, object{"name": "Below", "parent_id": parent}) }
		child := below(root)
		grandchild := below(child)
		sibling := below(child)
		parentOf := func(id string) any { return c.get(path + "/" + id).want(http.StatusOK).object()["parent_id"] }
		if parentOf(root) != nil || parentOf(child) != root || parentOf(grandchild) != child {
			t.Errorf("parents %v, %v, %v", parentOf(root), parentOf(child), parentOf(grandchild))
		}
		// A cycle, itself, and a parent of another store are 400; what is no id is 422.
		for id, parents := range map[string][]string{root: {root, child, grandchild}, child: {child, grandchild, sibling}} {
			for _, parent := range parents {
				c.patch(path+"/"+id, object{"parent_id": parent}).want(http.StatusBadRequest)
			}
		}
		foreign := c.id(c.store(object{})+"/categories", object{"name": "Foreign"})
		theirs := p.merchant(t)
		strange := theirs.id(theirs.store(object{})+"/categories", object{"name": "Theirs"})
		for _, parent := range []string{foreign, strange, "019bc186-de00-7004-a201-474e24bce60d", strings.TrimPrefix(store, "/stores/")} {
			c.post(path, object{"name": "X", "parent_id": parent}).want(http.StatusBadRequest)
			c.patch(path+"/"+child, object{"parent_id": parent}).want(http.StatusBadRequest)
		}
		for _, parent := range []any{"nonsense", "", 5, array{}} {
			c.post(path, object{"name": "X", "parent_id": parent}).invalid("body.parent_id")
		}
		// Deleting lifts the children to the parent, and products stay without it.
		product := store + "/products/" + c.id(store+"/products", object{"title": "Tea", "category_ids": array{child, grandchild}})
		c.delete(path + "/" + child).want(http.StatusNoContent)
		if parentOf(grandchild) != root || parentOf(sibling) != root {
			t.Errorf("lifted to %v and %v", parentOf(grandchild), parentOf(sibling))
		}
		if got := c.get(product).object()["category_ids"]; !reflect.DeepEqual(got, array{grandchild}) {
			t.Errorf("category_ids %v", got)
		}
		c.delete(path + "/" + root).want(http.StatusNoContent)
		if parentOf(grandchild) != nil {
			t.Errorf("lifted from the top to %v", parentOf(grandchild))
		}
		// A branch moves with all that is below it, and to the top with null.
		c.patch(path+"/"+sibling, object{"parent_id": grandchild}).want(http.StatusOK)
		c.patch(path+"/"+grandchild, object{"parent_id": sibling}).want(http.StatusBadRequest)
		c.patch(path+"/"+sibling, object{"parent_id": nil}).want(http.StatusOK)
		c.patch(path+"/"+grandchild, object{"parent_id": sibling}).want(http.StatusOK)
	})
}

func TestContract_twoMovesAtOnceMakeNoCycle(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/categories"
		for range 4 {
			a, b := c.id(path, object{"name": "A"}), c.id(path, object{"name": "B"})
			var wg sync.WaitGroup
			var statuses [2]int
			for i, move := range [][2]string{{a, b}, {b, a}} {
				wg.Go(func() { statuses[i] = c.patch(path+"/"+move[0], object{"parent_id": move[1]}).status })
			}
			wg.Wait()
			slices.Sort(statuses[:])
			if statuses != [2]int{200, 400} {
				t.Errorf("statuses %v", statuses)
			}
		}
	})
}

func TestContract_aCategorySlugIsUniqueInItsStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path, other := c.store(object{})+"/categories", c.store(object{})+"/categories"
		slug := func(path string, body object) any {
			return c.post(path, body).want(http.StatusCreated).object()["slug"]
		}
		for i, want := range []string{"green-tea", "green-tea-2", "green-tea-3"} {
			if got := slug(path, object{"name": []string{"Green Tea", "green tea", "GREEN-TEA"}[i]}); got != want {
				t.Errorf("slug %v, want %s", got, want)
			}
		}
		if got := slug(other, object{"name": "Green Tea"}); got != "green-tea" {
			t.Errorf("slug in another store %v", got)
		}
		if got := slug(path, object{"name": "Black", "slug": "my-own_1"}); got != "my-own_1" {
			t.Errorf("slug %v", got)
		}
		c.post(path, object{"name": "X", "slug": "green-tea"}).want(http.StatusBadRequest)
		one := path + "/" + c.id(path, object{"name": "One"})
		c.patch(one, object{"slug": "green-tea"}).want(http.StatusBadRequest)
		if got := c.patch(one, object{"name": "Two"}).want(http.StatusOK).object()["slug"]; got != "one" {
			t.Errorf("the slug follows the name: %v", got)
		}
		if got := c.patch(one, object{"slug": "two"}).want(http.StatusOK).object()["slug"]; got != "two" {
			t.Errorf("slug %v", got)
		}
		for _, bad := range []string{"", "A B", "a/b", "Ä", strings.Repeat("x", 256)} {
			c.patch(one, object{"slug": bad}).invalid("body.slug")
		}
	})
}

func TestContract_suppliersReadAsTheContractSays(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/suppliers"
		all := object{
			"name": "Leaf", "email": "a@leaf.example", "phone": "+49 30 1234", "website": "https://leaf.example", "country": "DE", "lead_time_days": 3.0, "notes": "Ask\ntwice", "is_active": false,
		}
		made := c.post(path, all).want(http.StatusCreated).object()
		members(t, made, "id", "name", "email", "phone", "website", "country", "lead_time_days", "notes", "is_active", "created_at", "updated_at")
		sameBut(c, made, all)
		least := c.post(path, object{"name": "Least"}).want(http.StatusCreated).object()
		sameBut(c, least, object{"email": nil, "phone": nil, "website": nil, "country": nil, "lead_time_days": nil, "notes": nil, "is_active": true})
		if got := c.patch(path+"/"+least["id"].(string), object{"country": "us", "lead_time_days": 0}).want(http.StatusOK).object(); got["country"] != "US" || got["lead_time_days"] != 0.0 {
			t.Errorf("changed %v", got)
		}
	})
}

func TestContract_oneSupplierIsPrimary(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		product := store + "/products/" + c.id(store+"/products", object{"title": "Tea"})
		suppliers := make([]string, 4)
		for i := range suppliers {
			suppliers[i] = c.id(store+"/suppliers", object{"name": fmt.Sprint("S", i)})
		}
		link := func(i int) string { return product + "/suppliers/" + suppliers[i] }
		got := c.put(link(0), object{"supplier_sku": "L-1", "cost": 3.5, "is_primary": true}).want(http.StatusOK).object()
		if !reflect.DeepEqual(got, object{"supplier_id": suppliers[0], "supplier_sku": "L-1", "cost": "3.50", "is_primary": true}) {
			t.Errorf("link %v", got)
		}
		c.put(link(1), object{"is_primary": true}).want(http.StatusOK)
		c.put(link(2), object{}).want(http.StatusOK)
		primary := func() (names []any) {
			for _, l := range c.get(product).object()["suppliers"].(array) {
				if l.(object)["is_primary"] == true {
					names = append(names, l.(object)["supplier_id"])
				}
			}
			return names
		}
		if got := primary(); !slices.Equal(got, []any{suppliers[1]}) {
			t.Errorf("primary %v", got)
		}
		c.put(link(1), object{"is_primary": false}).want(http.StatusOK)
		if got := primary(); len(got) != 0 {
			t.Errorf("primary %v", got)
		}
		var wg sync.WaitGroup
		for i := range suppliers {
			wg.Go(func() { c.put(link(i), object{"is_primary": true}).want(http.StatusOK) })
		}
		wg.Wait()
		if got := primary(); len(got) != 1 {
			t.Errorf("primary at once %v", got)
		}
		for _, bad := range []object{{"cost": "-1"}, {"cost": "1.234"}, {"cost": true}, {"supplier_sku": strings.Repeat("x", 201)}, {"supplier_sku": "a\x00"}, {"is_primary": "yes"}, {"is_primary": nil}, {"supplier_id": suppliers[0]}} {
			c.put(link(0), bad).want(http.StatusUnprocessableEntity)
		}
		c.put(link(0), nil).want(http.StatusUnprocessableEntity)
		if r := c.delete(link(0)).want(http.StatusNoContent); len(r.raw) != 0 {
			t.Errorf("a body: %s", r.raw)
		}
		c.delete(link(0)).want(http.StatusNotFound)
		c.delete(store + "/suppliers/" + suppliers[1]).want(http.StatusNoContent)
		if n := len(c.get(product).object()["suppliers"].(array)); n != 2 {
			t.Errorf("%d suppliers are left", n)
		}
	})
}

func TestContract_linksStayWithinTheStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		mine, second, theirs := c.store(object{}), c.store(object{}), other.store(object{})
		product := func(c *client, store string) string { return c.id(store+"/products", object{"title": "Tea"}) }
		supplier := func(c *client, store string) string { return c.id(store+"/suppliers", object{"name": "Leaf"}) }
		own, elsewhere, strange := product(c, mine), product(c, second), product(other, theirs)
		leaf, foreign, alien := supplier(c, mine), supplier(c, second), supplier(other, theirs)
		for _, path := range []string{
			mine + "/products/" + own + "/suppliers/" + foreign, mine + "/products/" + own + "/suppliers/" + alien, mine + "/products/" + elsewhere + "/suppliers/" + leaf,
			mine + "/products/" + strange + "/suppliers/" + leaf, mine + "/products/" + own + "/suppliers/nonsense", mine + "/products/nonsense/suppliers/" + leaf,
			second + "/products/" + own + "/suppliers/" + leaf,
		} {
			c.put(path, object{}).want(http.StatusNotFound)
			c.put(path, object{"nonsense": 1}).want(http.StatusNotFound)
			c.delete(path).want(http.StatusNotFound)
		}
		category := other.id(theirs+"/categories", object{"name": "Theirs"})
		c.post(mine+"/products", object{"title": "X", "category_ids": array{category}}).want(http.StatusBadRequest)
		if n := len(c.get(mine + "/products?category_id=" + category).want(http.StatusOK).array()); n != 0 {
			t.Errorf("%d products are in another user's category", n)
		}
	})
}

func TestContract_atMostOneThemeIsActive(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/themes"
		active := func() (ids []any) {
			for _, theme := range c.get(path).array() {
				if theme["is_active"] == true {
					ids = append(ids, theme["id"])
				}
			}
			return ids
		}
		if n := len(active()); n != 1 {
			t.Errorf("a new store has %d active themes", n)
		}
		made := c.post(path, object{"name": "Dark", "settings": object{"colour": "#000"}, "custom_css": "a {}"}).want(http.StatusCreated).object()
		members(t, made, "id", "name", "settings", "custom_css", "is_active", "created_at", "updated_at")
		sameBut(c, made, object{"name": "Dark", "settings": object{"colour": "#000"}, "custom_css": "a {}", "is_active": false})
		dark := path + "/" + made["id"].(string)
		got := c.post(dark+"/activate", nil).want(http.StatusOK).object()
		if got["is_active"] != true || !slices.Equal(active(), []any{made["id"]}) {
			t.Errorf("activated %v, active %v", got, active())
		}
		light := c.post(path, object{"name": "Light", "is_active": true}).want(http.StatusCreated).object()
		if !slices.Equal(active(), []any{light["id"]}) {
			t.Errorf("active %v", active())
		}
		c.patch(dark, object{"is_active": true}).want(http.StatusOK)
		if !slices.Equal(active(), []any{made["id"]}) {
			t.Errorf("active %v", active())
		}
		c.patch(dark, object{"name": "Night"}).want(http.StatusOK) // says nothing about it
		if !slices.Equal(active(), []any{made["id"]}) {
			t.Errorf("active %v", active())
		}
		c.patch(dark, object{"is_active": false}).want(http.StatusOK)
		c.post(dark+"/activate", nil).want(http.StatusOK)
		c.delete(dark).want(http.StatusNoContent)
		if n := len(active()); n != 0 {
			t.Errorf("%d themes are active", n)
		}
		c.post(dark+"/activate", nil).want(http.StatusNotFound)
		var wg sync.WaitGroup
		for _, theme := range c.get(path).array() {
			wg.Go(func() { c.post(path+"/"+theme["id"].(string)+"/activate", nil).want(http.StatusOK) })
			wg.Go(func() { c.post(path, object{"name": "Eager", "is_active": true}).want(http.StatusCreated) })
		}
		wg.Wait()
		if n := len(active()); n != 1 {
			t.Errorf("%d themes are active at once", n)
		}
	})
}

func TestContract_settingsAreMerged(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/themes"
		settings := object{"colours": object{"text": "#111", "page": "#fff"}, "fonts": array{"Inter", "Serif"}, "wide": true, "columns": 3.0, "ratio": 1.5, "note": "a\nb", "пример": object{}}
		one := path + "/" + c.id(path, object{"name": "Dark", "settings": settings})
		merged := func(patch, want object) {
			t.Helper()
			got := c.patch(one, object{"settings": patch}).want(http.StatusOK).object()["settings"]
			if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(c.get(one).object()["settings"], want) {
				t.Errorf("%v gives %v, want %v", patch, got, want)
			}
		}
		merged(object{}, settings)
		settings["colours"] = object{"text": "#111", "page": "#eee", "link": "#00f"}
		merged(object{"colours": object{"page": "#eee", "link": "#00f"}}, settings)
		settings["colours"] = object{"page": "#eee", "link": "#00f"}
		delete(settings, "wide")
		merged(object{"colours": object{"text": nil}, "wide": nil, "nothing": nil}, settings)
		settings["fonts"] = array{"Mono"}
		merged(object{"fonts": array{"Mono"}}, settings)
		settings["colours"], settings["fonts"] = "none", object{"body": "Mono"}
		merged(object{"colours": "none", "fonts": object{"body": "Mono", "head": nil}}, settings)
		c.patch(one, object{"name": "Night"}).want(http.StatusOK)
		merged(object{}, settings)
		nulls := object{}
		for name := range settings {
			nulls[name] = nil
		}
		merged(nulls, object{})
		for _, bad := range []any{nil, array{}, "x", 5, object{"a": "b\x00"}, object{"a\x00": 1}, object{"a": strings.Repeat("x", 70_000)}} {
			c.patch(one, object{"settings": bad}).invalid("body.settings")
			c.post(path, object{"name": "T", "settings": bad}).invalid("body.settings")
		}
	})
}
