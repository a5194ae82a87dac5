package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/id"
)

func TestStores_takeSlugsOneAfterTheOtherAndGiveThemBack(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		first := c.post("/stores", object{"name": " My Shop ", "niche": "tea", "currency": "eur"}).want(http.StatusCreated).object()
		if first["slug"] != "my-shop" || first["name"] != "My Shop" || first["currency"] != "EUR" || first["store_type"] != "dropshipping" || first["status"] != "active" || first["user_id"] != c.user["id"] {
			t.Errorf("store: %v", first)
		}
		second := c.post("/stores", object{"name": "My shop"}).want(http.StatusCreated).object()
		if second["slug"] != "my-shop-2" {
			t.Errorf("second slug: %v", second["slug"])
		}
		path := "/stores/" + first["id"].(string)
		c.delete(path).want(http.StatusNoContent)
		c.get(path).want(http.StatusNotFound)
		c.delete(path).want(http.StatusNotFound)
		if again := c.post("/stores", object{"name": "My Shop"}).want(http.StatusCreated).object(); again["slug"] != "my-shop" {
			t.Errorf("slug after delete: %v", again["slug"])
		}
		if got := c.get("/auth/me").object()["store_count"]; got != 2.0 {
			t.Errorf("store_count %v", got)
		}
	})
}

func TestStores_onePlaceLeftIsTakenOnceByTwentyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		c.store(object{})
		c.store(object{})
		var wg sync.WaitGroup
		statuses := make([]int, 20)
		for i := range statuses {
			wg.Go(func() { statuses[i] = c.post("/stores", object{"name": "Last"}).status })
		}
		wg.Wait()
		made := 0
		for _, s := range statuses {
			switch s {
			case http.StatusCreated:
				made++
			case http.StatusForbidden:
			default:
				t.Errorf("status %d", s)
			}
		}
		if made != 1 || len(c.get("/stores").array()) != 3 {
			t.Errorf("%d stores were made at one place left", made)
		}
		c.post("/stores", object{"name": ""}).want(http.StatusForbidden)
	})
}

func TestStores_checkTokenThenOwnershipThenForm(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, other := p.merchant(t), p.merchant(t)
		path := owner.store(object{})
		p.nobody(t).patch(path, object{"colour": "red"}).want(http.StatusUnauthorized)
		other.patch(path, object{"colour": "red"}).want(http.StatusNotFound)
		owner.get("/stores/nonsense").want(http.StatusNotFound)
		owner.patch(path, object{"colour": "red"}).invalid("body.colour")
		owner.patch(path, object{"name": nil}).invalid()
		owner.patch(path, object{"name": strings.Repeat("x", 201), "currency": "ZZZ", "store_type": "mall"}).invalid("body.name", "body.currency", "body.store_type")
		owner.get(path + "?colour=red").invalid("query.colour")
		got := owner.patch(path, object{"description": "a\r\nb", "niche": "tea"}).want(http.StatusOK).object()
		if got["description"] != "a\nb" || got["niche"] != "tea" {
			t.Errorf("store: %v", got)
		}
		if got = owner.patch(path, object{"niche": nil}).want(http.StatusOK).object(); got["niche"] != nil || got["description"] != "a\nb" {
			t.Errorf("store: %v", got)
		}
		owner.get("/nothing/here").want(http.StatusNotFound)
		if r := owner.put(path, object{}).want(http.StatusMethodNotAllowed); r.header.Get("Allow") == "" {
			t.Error("no Allow header")
		}
	})
}

func TestStores_pageByKey(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		for range 7 {
			c.store(object{"name": "Paged"})
		}
		whole := column(c.get("/stores").array(), "id")
		if paged := column(c.all("/stores", 3), "id"); len(paged) != 7 || len(whole) != 7 || paged[0] != whole[0] || paged[6] != whole[6] {
			t.Errorf("%v by pages, %v whole", paged, whole)
		}
		c.get("/stores?cursor=x").invalid("query.cursor")
		c.get("/stores?limit=201").invalid("query.limit")
	})
}

func TestIdempotency_answersASecondTimeWithTheFirstAnswer(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		first := c.postKeyed("key-1", "/stores", object{"name": "Once"}).want(http.StatusCreated)
		again := c.postKeyed("key-1", "/stores", object{"name": "Once"}).want(http.StatusCreated)
		if string(first.raw) != string(again.raw) || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
			t.Errorf("%s and %s", first.raw, again.raw)
		}
		c.postKeyed("key-1", "/stores", object{"name": "Twice"}).want(http.StatusUnprocessableEntity)
		if n := len(c.get("/stores").array()); n != 1 {
			t.Errorf("%d stores", n)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if s := c.postKeyed("key-2", "/stores", object{"name": "Race"}).status; s != http.StatusCreated && s != http.StatusConflict {
					t.Errorf("status %d", s)
				}
			})
		}
		wg.Wait()
		if n := len(c.get("/stores").array()); n != 2 {
			t.Errorf("%d stores after the race", n)
		}
	})
}

func TestStores_thatOwnStockStartWithAMainWarehouse(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		warehouses := func(path string) int {
			st, err := id.Parse(strings.TrimPrefix(path, "/stores/"))
			if err != nil {
				t.Fatal(err)
			}
			return p.count(t, `SELECT count(*) FROM warehouse WHERE store_id = $1 AND is_default AND name = 'Main Warehouse'`, st)
		}
		own, ships := c.store(object{"store_type": "ecommerce"}), c.store(object{})
		if warehouses(own) != 1 || warehouses(ships) != 0 {
			t.Errorf("%d and %d warehouses", warehouses(own), warehouses(ships))
		}
		for _, kind := range []string{"hybrid", "ecommerce", "hybrid"} {
			c.patch(ships, object{"store_type": kind}).want(http.StatusOK)
			if n := warehouses(ships); n != 1 {
				t.Errorf("%d warehouses after the change to %s", n, kind)
			}
		}
		s := c.post(own+"/clone", object{"inventory": "none"}).want(http.StatusCreated).object()["store"].(object)
		if n := warehouses("/stores/" + s["id"].(string)); n != 1 {
			t.Errorf("%d warehouses in the clone", n)
		}
		c.post(own+"/clone", object{"inventory": "some"}).want(http.StatusForbidden)
	})
}
