package api_test

import (
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// resource is one kind of thing that a merchant makes, changes, lists and deletes,
// with what its fields take: the same promises are asked of all of them.
type resource struct {
	path   string   // of the collection
	body   object   // the least that makes one
	name   string   // the member of 1–200 characters that must be there
	lines  []string // further members of one line
	texts  []string // members of several lines
	clears object   // nullable members, and what to set them to before
	firm   []string // members that cannot be null
	wrong  object   // members with a value that does not fit
}

// resources returns every kind in a store of the client's.
func (c *client) resources(store string) []resource {
	c.t.Helper()
	product := c.post(store+"/products", object{"title": "Tea"}).want(http.StatusCreated).object()["id"].(string)
	return []resource{
		{
			path: "/stores", body: object{"name": "Shop"}, name: "name", lines: []string{"niche"}, texts: []string{"description", "custom_css"},
			clears: object{"niche": "tea", "description": "All of it", "custom_css": "a {}", "logo_url": "https://img.example/l.png", "favicon_url": "https://img.example/f.ico"},
			firm:   []string{"name", "store_type", "status", "currency"},
			wrong: object{
				"name": 5, "niche": array{}, "description": true, "store_type": "mall", "status": "deleted", "currency": "ZZZ",
				"logo_url": "javascript:alert(1)", "favicon_url": "/f.ico", "custom_css": 1, "id": "x", "slug": "x", "user_id": nil, "created_at": "2026-01-01T00:00:00Z",
			},
		},
		{
			path: store + "/products", body: object{"title": "Tea"}, name: "title", lines: []string{"vendor", "product_type"}, texts: []string{"description", "seo_description"},
			clears: object{"description": "Green", "vendor": "Leaf", "product_type": "Tea", "seo_title": "Tea", "seo_description": "Tea"},
			firm:   []string{"title", "slug", "status", "tags", "images", "options", "category_ids"},
			wrong: object{
				"title": object{}, "slug": "Not A Slug", "description": 1, "status": "sold", "vendor": 5, "tags": "green", "images": array{"x"}, "options": object{},
				"category_ids": array{"nonsense"}, "seo_title": 1, "rating_average": 5, "review_count": 1, "suppliers": array{}, "store_id": store, "price": "1.00",
			},
		},
		{
			path: store + "/products/" + product + "/variants", body: object{}, name: "", lines: []string{"sku", "barcode"},
			clears: object{"sku": "S-1", "compare_at_price": "9.00", "cost": "1.00", "barcode": "400", "weight": 1.5},
			firm:   []string{"title", "price", "weight_unit", "option_values", "track_inventory", "allow_backorder", "position"},
			wrong: object{
				"title": 1, "sku": 1, "price": "-0.01", "compare_at_price": true, "cost": "1.234", "barcode": 1, "weight": -1, "weight_unit": "stone",
				"option_values": array{}, "track_inventory": "yes", "allow_backorder": 1, "position": 0, "product_id": product, "inventory": 1,
			},
		},
		{
			path: store + "/categories", body: object{"name": "Tea"}, name: "name", texts: []string{"description"},
			clears: object{"description": "All of it"},
			firm:   []string{"name", "slug", "position"},
			wrong:  object{"name": array{"Tea"}, "slug": "Not A Slug", "description": 1, "parent_id": "nonsense", "position": 1.5, "store_id": store},
		},
		{
			path: store + "/suppliers", body: object{"name": "Leaf"}, name: "name", lines: []string{"phone"}, texts: []string{"notes"},
			clears: object{"email": "a@leaf.example", "phone": "+49 1", "website": "https://leaf.example", "country": "DE", "lead_time_days": 3, "notes": "Ask twice"},
			firm:   []string{"name", "is_active"},
			wrong: object{
				"name": 1, "email": "nobody", "phone": 1, "website": 1, "country": "Germany", "lead_time_days": -1, "notes": array{}, "is_active": "yes", "rating": 5,
			},
		},
		{
			path: store + "/themes", body: object{"name": "Dark"}, name: "name", texts: []string{"custom_css"},
			clears: object{"custom_css": "a {}"},
			firm:   []string{"name", "settings", "is_active"},
			wrong:  object{"name": 1, "settings": array{}, "custom_css": 1, "is_active": "yes", "store_id": store},
		},
		{
			path: store + "/discounts", body: object{"code": "TEN", "type": "percentage", "value": "10"}, name: "code",
			clears: object{"minimum_amount": "5.00", "usage_limit": 3, "starts_at": "2026-01-01T00:00:00Z", "expires_at": "2027-01-01T00:00:00Z"},
			firm:   []string{"code", "type", "applies_to", "product_ids", "category_ids", "status"},
			wrong: object{
				"code": 1, "type": "gift", "value": "-1", "applies_to": "some", "product_ids": array{"x"}, "category_ids": "x", "minimum_amount": "-1",
				"usage_limit": 0, "starts_at": "2026-01-01", "expires_at": "tomorrow", "status": "gone", "times_used": 3,
			},
		},
		{
			path: store + "/tax-rules", body: object{"name": "VAT", "country": "DE", "rate": "19"}, name: "name", lines: []string{},
			clears: object{"state": "BY", "zip_code": "80331"},
			firm:   []string{"name", "country", "rate", "priority", "is_compound", "applies_to_shipping", "is_active"},
			wrong: object{
				"name": 1, "country": "Germany", "state": 1, "zip_code": 1, "rate": "100.01", "priority": "1", "is_compound": 1, "applies_to_shipping": "no", "is_active": "yes", "tax": 1,
			},
		},
	}
}

// with returns the least body and one more member.
func (r resource) with(member string, value any) object {
	body := maps.Clone(r.body)
	body[member] = value
	return body
}

// make makes one and returns its path.
func (r resource) make(c *client) string {
	c.t.Helper()
	return r.path + "/" + c.post(r.path, r.body).want(http.StatusCreated).object()["id"].(string)
}

// eachResource runs fn on every kind of thing in a fresh store, with one of it made.
func eachResource(t *testing.T, fn func(c *client, r resource, one string)) {
	t.Helper()
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		for _, r := range c.resources(c.store(object{})) {
			fn(c, r, r.make(c))
		}
	})
}

func TestContract_names_have1To200Characters(t *testing.T) {
	eachResource(t, func(c *client, r resource, one string) {
		if r.name == "" {
			return
		}
		location := "body." + r.name
		for _, bad := range []string{"", "   ", strings.Repeat("x", 201), strings.Repeat("🎉", 201)} {
			c.post(r.path, r.with(r.name, bad)).invalid(location)
			c.patch(one, object{r.name: bad}).invalid(location)
		}
		for _, good := range []string{"x", strings.Repeat("x", 200), strings.Repeat("🎉", 200), "  " + strings.Repeat("é", 200) + "\n"} {
			if got := c.patch(one, object{r.name: good}).want(http.StatusOK).object()[r.name]; got != strings.TrimSpace(good) {
				c.t.Errorf("%s: %q reads %q", one, good, got)
			}
		}
		without := maps.Clone(r.body)
		delete(without, r.name)
		c.post(r.path, without).invalid(location)
	})
}

func TestContract_controlCharactersAreRefused(t *testing.T) {
	eachResource(t, func(c *client, r resource, one string) {
		for _, control := range []string{"\x00", "\x01", "\x08", "\x0b", "\x0c", "\r", "\x1b", "\x1f", "\x7f", "\u0085", "\u009f"} {
			for _, member := range slices.Concat(r.lines, r.texts, []string{r.name}) {
				if member != "" {
					c.post(r.path, r.with(member, "a"+control+"b")).invalid("body." + member)
					c.patch(one, object{member: "a" + control + "b"}).invalid("body." + member)
				}
			}
		}
		for _, member := range r.lines {
			c.patch(one, object{member: "a\nb"}).invalid("body." + member)
			c.patch(one, object{member: "a\tb"}).invalid("body." + member)
		}
		for _, member := range r.texts {
			if got := c.patch(one, object{member: " a\r\n\tb\nc "}).want(http.StatusOK).object()[member]; got != "a\n\tb\nc" {
				c.t.Errorf("%s of %s: %q", member, one, got)
			}
		}
	})
}

func TestContract_whatDoesNotFitIs422AndNamed(t *testing.T) {
	eachResource(t, func(c *client, r resource, one string) {
		before := string(c.get(one).raw)
		for member, value := range r.wrong {
			location := "body." + member
			for _, r := range []*response{c.post(r.path, r.with(member, value)), c.patch(one, object{member: value})} {
				if r.want(http.StatusUnprocessableEntity); !strings.Contains(string(r.raw), `"location":"`+location) {
					c.t.Errorf("%s: %s is not named in %s", r.what, location, r.raw)
				}
			}
		}
		for _, member := range r.firm {
			c.post(r.path, r.with(member, nil)).invalid("body." + member)
			c.patch(one, object{member: nil}).invalid("body." + member)
			c.post(r.path, r.with(strings.ToUpper(member), "x")).invalid("body." + strings.ToUpper(member))
		}
		if after := string(c.get(one).raw); after != before {
			c.t.Errorf("refused requests changed %s\nto %s", before, after)
		}
	})
}

// figure finds members that are amounts and times, which a blank does not clear.
var figure = regexp.MustCompile(`_at$|amount$|price$|^cost$`)

func TestContract_patchHasMergePatchMeaning(t *testing.T) {
	eachResource(t, func(c *client, r resource, one string) {
		fresh := c.get(one).object()
		full := c.patch(one, r.clears).want(http.StatusOK).object()
		for member, value := range r.clears {
			if n, isInt := value.(int); isInt {
				value = float64(n)
			}
			if full[member] != value {
				c.t.Errorf("%s of %s is %v", member, one, full[member])
			}
			// Absent is unchanged, null clears, and so does a blank text.
			nothing := []any{nil}
			if _, isText := value.(string); isText && !figure.MatchString(member) {
				nothing = append(nothing, "", "  ")
			}
			for _, cleared := range nothing {
				got := c.patch(one, object{member: cleared}).want(http.StatusOK).object()
				want := maps.Clone(full)
				want[member] = nil
				sameBut(c, got, want, "updated_at")
				c.patch(one, object{member: value}).want(http.StatusOK)
			}
		}
		nulls := object{}
		for member := range r.clears {
			nulls[member] = nil
		}
		sameBut(c, c.patch(one, nulls).want(http.StatusOK).object(), fresh, "updated_at")
		sameBut(c, c.patch(one, object{}).want(http.StatusOK).object(), fresh, "updated_at")
		header := http.Header{"Content-Type": {"application/merge-patch+json"}}
		sameBut(c, c.do("PATCH", one, object{}, header).want(http.StatusOK).object(), fresh, "updated_at")
		for _, body := range []string{`null`, `[]`, `"x"`, `5`, ``} {
			c.do("PATCH", one, body, nil).want(http.StatusUnprocessableEntity)
		}
	})
}

// sameBut compares two objects without the named members.
func sameBut(c *client, got, want object, but ...string) {
	c.t.Helper()
	for member := range want {
		if !slices.Contains(but, member) && !reflect.DeepEqual(got[member], want[member]) {
			c.t.Errorf("%s is %v, want %v", member, got[member], want[member])
		}
	}
}

func TestContract_changesAtOnceLoseNothing(t *testing.T) {
	eachResource(t, func(c *client, r resource, one string) {
		var wg sync.WaitGroup
		for member, value := range r.clears {
			wg.Go(func() { c.patch(one, object{member: value}).want(http.StatusOK) })
		}
		wg.Wait()
		got := c.get(one).object()
		for member := range r.clears {
			if got[member] == nil {
				c.t.Errorf("%s of %s is lost", member, one)
			}
		}
	})
}

func TestContract_idsTimesAndListsOfEverything(t *testing.T) {
	eachResource(t, func(c *client, r resource, one string) {
		made := []string{one[len(r.path)+1:]}
		for i := range 4 {
			body := maps.Clone(r.body)
			if r.name == "code" {
				body["code"] = strings.Repeat("X", i+1)
			}
			got := c.post(r.path, body).want(http.StatusCreated).object()
			checkForms(c.t, got)
			made = append([]string{got["id"].(string)}, made...)
		}
		paged := column(c.all(r.path, 2), "id")
		whole := column(c.get(r.path+"?limit=200").want(http.StatusOK).array(), "id")
		if !slices.Equal(paged, whole) {
			c.t.Errorf("%s: %v by pages, %v whole", r.path, paged, whole)
		}
		for i, id := range made { // newest first
			if whole[i] != id {
				c.t.Errorf("%s: item %d is %v, want %s", r.path, i, whole[i], id)
			}
		}
		if n := len(c.get(r.path).array()); n != len(whole) {
			c.t.Errorf("%s: %d items by default", r.path, n)
		}
		for query, location := range map[string]string{
			"limit=0": "query.limit", "limit=201": "query.limit", "limit=abc": "query.limit", "limit=-1": "query.limit", "limit=1.5": "query.limit",
			"limit=99999999999999999999": "query.limit", "cursor=!!!": "query.cursor", "cursor=AAAA": "query.cursor", "page=2": "query.page", "Limit=1": "query.Limit",
		} {
			c.get(r.path + "?" + query).invalid(location)
		}
		for _, id := range []string{
			"nonsense", "1", "00000000-0000-0000-0000-000000000000", "019bc186-de00-7004-a201-474e24bce60d", made[0][:35], made[0] + "0", "%00", "%ff",
			"{" + made[0] + "}", strings.ReplaceAll(made[0], "-", ""), "a%2Fb", strings.Repeat("a", 5000),
		} {
			c.get(r.path + "/" + id).want(http.StatusNotFound)
			c.patch(r.path+"/"+id, object{"nonsense": 1}).want(http.StatusNotFound)
			c.delete(r.path + "/" + id).want(http.StatusNotFound)
		}
		gone := r.path + "/" + made[0]
		c.get(r.path + "/" + strings.ToUpper(made[0])).want(http.StatusOK) // RFC 9562, section 4: input in any case
		c.delete(gone).want(http.StatusNoContent)
		c.delete(gone).want(http.StatusNotFound)
		c.get(gone).want(http.StatusNotFound)
		c.patch(gone, object{}).want(http.StatusNotFound)
		if slices.Contains(column(c.all(r.path, 3), "id"), any(made[0])) {
			c.t.Errorf("%s is still listed", gone)
		}
	})
}
