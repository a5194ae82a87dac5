package api_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// idsOf returns the ids of a store's rows, oldest first.
func (p *platform) idsOf(t *testing.T, store, table string) array {
	t.Helper()
	st, _ := id.Parse(store[len("/stores/"):])
	found, err := db.All(t.Context(), p.db, db.Value[id.UUID], "SELECT id FROM "+table+" WHERE store_id = $1 ORDER BY id", st)
	if err != nil {
		t.Fatal(err)
	}
	ids := make(array, len(found))
	for i, u := range found {
		ids[i] = u.String()
	}
	return ids
}

func TestDiscounts_areMadeChangedListedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{"currency": "EUR"}) + "/discounts"
		made := c.post(path, object{"code": " Save10 ", "type": "percentage", "value": "10"}).want(http.StatusCreated).object()
		if made["code"] != "Save10" || made["type"] != "percentage" || made["value"] != "10.00" || made["applies_to"] != "all" || made["times_used"] != 0.0 ||
			made["status"] != "active" || made["usage_limit"] != nil || made["minimum_amount"] != nil || made["starts_at"] != nil || made["expires_at"] != nil ||
			len(made["product_ids"].(array)) != 0 || len(made["category_ids"].(array)) != 0 {
			t.Errorf("discount: %v", made)
		}
		one := path + "/" + made["id"].(string)
		changed := c.patch(one, object{
			"type": "fixed_amount", "value": 5.5, "minimum_amount": "50", "usage_limit": 3,
			"starts_at": "2026-02-01T00:00:00+01:00", "expires_at": "2026-03-01T00:00:00Z", "status": "disabled",
		}).want(http.StatusOK).object()
		if changed["value"] != "5.50" || changed["minimum_amount"] != "50.00" || changed["usage_limit"] != 3.0 || changed["starts_at"] != "2026-01-31T23:00:00Z" ||
			changed["expires_at"] != "2026-03-01T00:00:00Z" || changed["status"] != "disabled" || changed["code"] != "Save10" {
			t.Errorf("changed: %v", changed)
		}
		changed = c.patch(one, object{"minimum_amount": nil, "usage_limit": nil, "starts_at": nil}).want(http.StatusOK).object()
		if changed["minimum_amount"] != nil || changed["usage_limit"] != nil || changed["starts_at"] != nil || changed["expires_at"] == nil || changed["value"] != "5.50" {
			t.Errorf("cleared: %v", changed)
		}
		if got := c.get(one).want(http.StatusOK).object(); got["value"] != "5.50" || got["updated_at"] != changed["updated_at"] {
			t.Errorf("read: %v", got)
		}
		free := c.post(path, object{"code": "SHIP", "type": "free_shipping"}).want(http.StatusCreated).object()
		if free["value"] != "0.00" {
			t.Errorf("free shipping: %v", free)
		}
		c.post(path, object{"code": "SHIP0", "type": "free_shipping", "value": 0}).want(http.StatusCreated)
		c.post(path, object{"code": "SHIPN", "type": "free_shipping", "value": nil}).want(http.StatusCreated)
		if all := c.all(path, 2); len(all) != 4 || all[3]["id"] != made["id"] || all[2]["id"] != free["id"] {
			t.Errorf("list: %v", column(all, "code"))
		}
		c.delete(one).want(http.StatusNoContent)
		c.delete(one).want(http.StatusNotFound)
		c.get(one).want(http.StatusNotFound)
		c.post(path, object{"code": "SAVE10", "type": "percentage", "value": 100}).want(http.StatusCreated)
	})
}

func TestDiscounts_codeIsUniqueIgnoringCase(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/discounts"
		c.post(path, object{"code": "Spring", "type": "percentage", "value": "10"}).want(http.StatusCreated)
		c.post(path, object{"code": "SPRING", "type": "percentage", "value": "10"}).want(http.StatusBadRequest).detail("SPRING")
		other := path + "/" + c.post(path, object{"code": "Autumn", "type": "percentage", "value": "10"}).want(http.StatusCreated).object()["id"].(string)
		c.patch(other, object{"code": "spring"}).want(http.StatusBadRequest).detail("already used")
		c.patch(other, object{"code": "AUTUMN"}).want(http.StatusOK)
		c.post(c.store(object{})+"/discounts", object{"code": "SPRING", "type": "percentage", "value": "10"}).want(http.StatusCreated)
		var wg sync.WaitGroup
		statuses := make([]int, 12)
		for i := range statuses {
			code := []string{"race", "RACE", "Race"}[i%3]
			wg.Go(func() {
				statuses[i] = c.post(path, object{"code": code, "type": "percentage", "value": "10"}).status
			})
		}
		wg.Wait()
		slices.Sort(statuses)
		if statuses[0] != http.StatusCreated || statuses[1] != http.StatusBadRequest || statuses[11] != http.StatusBadRequest {
			t.Errorf("statuses %v", statuses)
		}
	})
}

func TestDiscounts_nameProductsAndCategoriesOfTheirStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		mine, foreign := c.largeStore(p), c.largeStore(p)
		path := mine + "/discounts"
		products, categories := p.idsOf(t, mine, "product"), p.idsOf(t, mine, "category")
		made := c.post(path, object{
			"code": "MUGS", "type": "percentage", "value": "10", "applies_to": "products",
			"product_ids": array{products[1], products[0], products[1]}, "category_ids": categories[:2],
		}).want(http.StatusCreated).object()
		if got := made["product_ids"].(array); len(got) != 2 || got[0] != products[0] || got[1] != products[1] || len(made["category_ids"].(array)) != 2 {
			t.Errorf("discount: %v", made)
		}
		one := path + "/" + made["id"].(string)
		changed := c.patch(one, object{"product_ids": products[5:8]}).want(http.StatusOK).object()
		if got := changed["product_ids"].(array); len(got) != 3 || got[0] != products[5] || len(changed["category_ids"].(array)) != 2 {
			t.Errorf("changed: %v", changed)
		}
		c.patch(one, object{"product_ids": array{p.idsOf(t, foreign, "product")[0]}}).want(http.StatusBadRequest).detail("not in this store")
		c.patch(one, object{"category_ids": array{p.idsOf(t, foreign, "category")[0]}}).want(http.StatusBadRequest).detail("not in this store")
		c.patch(one, object{"product_ids": array{"nonsense"}}).invalid("body.product_ids[0]")
		c.patch(one, object{"product_ids": nil}).invalid()
		c.patch(one, object{"applies_to": "categories", "product_ids": array{}}).want(http.StatusOK)
		for _, d := range c.get(path).array() {
			if d["id"] == made["id"] && (len(d["product_ids"].(array)) != 0 || len(d["category_ids"].(array)) != 2) || d["code"] == "SAVE0" && len(d["product_ids"].(array)) != 2 {
				t.Errorf("listed: %v", d)
			}
		}
	})
}

func TestDiscounts_readExpiredFromTheirExpiryOn(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		path := store + "/discounts"
		soon := began.Add(time.Hour).Format(time.RFC3339)
		one := path + "/" + c.post(path, object{"code": "SOON", "type": "percentage", "value": "10", "expires_at": soon}).want(http.StatusCreated).object()["id"].(string)
		// Making a discount that has expired is allowed.
		past := c.post(path, object{"code": "PAST", "type": "percentage", "value": "10", "expires_at": "2025-12-31T00:00:00Z"}).want(http.StatusCreated).object()
		if past["status"] != "expired" || c.get(one).object()["status"] != "active" {
			t.Errorf("status %v", past["status"])
		}
		off := c.post(path, object{"code": "OFF", "type": "percentage", "value": "10", "status": "disabled", "expires_at": "2025-12-31T00:00:00Z"}).want(http.StatusCreated).object()
		over := c.post(path, object{"code": "OVER", "type": "percentage", "value": "10", "status": "expired"}).want(http.StatusCreated).object()
		if off["status"] != "disabled" || over["status"] != "expired" {
			t.Errorf("status %v and %v", off["status"], over["status"])
		}
		p.clock.Advance(time.Hour)
		if got := c.get(one).object()["status"]; got != "expired" {
			t.Errorf("status at its expiry: %v", got)
		}
		if got := c.patch(one, object{"expires_at": "2027-01-01T00:00:00Z"}).want(http.StatusOK).object()["status"]; got != "active" {
			t.Errorf("status with more time: %v", got)
		}
		// Clone 7: what has expired stays behind.
		s := c.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
		if got := c.get("/stores/" + s["id"].(string) + "/discounts").array(); len(got) != 1 || got[0]["code"] != "SOON-copy" || got[0]["value"] != "10.00" {
			t.Errorf("the clone has %v", got)
		}
	})
}

func TestDiscounts_checkTokenThenPathThenFormThenRule(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		path := c.store(object{"currency": "JPY"}) + "/discounts"
		one := path + "/" + c.post(path, object{"code": "A", "type": "fixed_amount", "value": "1200"}).want(http.StatusCreated).object()["id"].(string)
		if got := c.get(one).object()["value"]; got != "1200" {
			t.Errorf("value in yen: %v", got)
		}
		c.post(path, object{"code": "TAKEN", "type": "percentage", "value": "1"}).want(http.StatusCreated)
		p.nobody(t).patch(one, object{"x": 1}).want(http.StatusUnauthorized)
		other.patch(one, object{"x": 1}).want(http.StatusNotFound)
		foreign := other.store(object{}) + "/discounts/" + one[len(path)+1:]
		other.get(foreign).want(http.StatusNotFound)
		other.delete(foreign).want(http.StatusNotFound)
		other.patch(foreign, object{"code": "B"}).want(http.StatusNotFound)
		c.patch(path+"/nonsense", object{"x": 1}).want(http.StatusNotFound)
		c.patch(path+"/019bc186-de00-7004-a201-474e24bce60d", object{"x": 1}).want(http.StatusNotFound)
		c.patch(one, object{"times_used": 0}).invalid("body.times_used")
		c.patch(one, object{"code": nil}).invalid()
		c.patch(one, object{"value": nil}).invalid("body.value")
		c.patch(one, object{"type": "percentage"}).invalid("body.value")
		c.patch(one, object{"type": "percentage", "value": "100.01"}).invalid("body.value")
		c.patch(one, object{"type": "free_shipping", "value": "-5"}).invalid("body.value")
		c.patch(one, object{"code": "TAKEN", "value": "0.5"}).invalid("body.value")
		c.patch(one, object{"code": "TAKEN"}).want(http.StatusBadRequest)
		for field, bad := range map[string]any{
			"code": "A B", "type": "gift", "value": "0", "applies_to": "some", "minimum_amount": "-1", "usage_limit": 0,
			"starts_at": "0000-01-01T00:00:00Z", "expires_at": "yesterday", "status": "gone",
		} {
			c.patch(one, object{field: bad}).invalid("body." + field)
		}
		c.patch(one, object{"starts_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T00:00:00Z"}).invalid("body.expires_at")
		c.post(path, object{"code": "B", "type": "percentage"}).invalid("body.value")
		c.post(path, object{"type": "percentage", "value": 1}).invalid()
		if got := c.get(one).object(); got["value"] != "1200" || got["code"] != "A" || got["type"] != "fixed_amount" {
			t.Errorf("after refusals: %v", got)
		}
	})
}

func TestDiscounts_areMadeOnceWithAKey(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/discounts"
		body := object{"code": "ONCE", "type": "percentage", "value": "10"}
		first := c.postKeyed("k", path, body).want(http.StatusCreated)
		again := c.postKeyed("k", path, body).want(http.StatusCreated)
		if string(first.raw) != string(again.raw) || again.header.Get("Idempotency-Replayed") != "true" || len(c.get(path).array()) != 1 {
			t.Errorf("%s and %s", first.raw, again.raw)
		}
	})
}

func TestClone_relinksDiscountsAndCutsLongCodes(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		path := c.largeStore(p)
		products, categories := p.idsOf(t, path, "product"), p.idsOf(t, path, "category")
		long := strings.Repeat("Ä", 199)
		for _, code := range []string{long + "X", long + "Y"} {
			c.post(path+"/discounts", object{
				"code": code, "type": "percentage", "value": "10", "applies_to": "products", "product_ids": products[:3], "category_ids": categories[:2],
			}).want(http.StatusCreated)
		}
		for range 2 { // a clone, and a clone of it
			s := c.post(path+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
			path = "/stores/" + s["id"].(string)
			own, shelves := p.idsOf(t, path, "product"), p.idsOf(t, path, "category")
			found := 0
			for _, d := range c.get(path + "/discounts").array() {
				code := d["code"].(string)
				if !strings.HasPrefix(code, "ÄÄÄ") {
					continue
				}
				found++
				if n := utf8.RuneCountInString(code); n > 200 || !strings.Contains(code, "-copy") {
					t.Errorf("code %q of %d characters", code, n)
				}
				if !slices.Equal(d["product_ids"].(array), own[:3]) || !slices.Equal(d["category_ids"].(array), shelves[:2]) {
					t.Errorf("%s names %v and %v", code, d["product_ids"], d["category_ids"])
				}
				// The clone's code is known in any case.
				c.post(path+"/discounts", object{"code": strings.ToLower(code), "type": "percentage", "value": "10"}).want(http.StatusBadRequest)
			}
			if found != 2 {
				t.Errorf("%d of the discounts were cloned", found)
			}
		}
	})
}
