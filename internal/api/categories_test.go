package api_test

import (
	"net/http"
	"sync"
	"testing"
)

func TestCategories_formATree(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/categories"
		make := func(name string, parent any) object {
			return c.post(path, object{"name": name, "parent_id": parent}).want(http.StatusCreated).object()
		}
		root := make("Tea", nil)
		green := make("Green tea", root["id"])
		sencha := make("Sencha", green["id"])
		if again := make("Tea", green["id"]); again["slug"] != "tea-2" || again["parent_id"] != green["id"] || root["slug"] != "tea" || root["parent_id"] != nil {
			t.Errorf("root %v, again %v", root, again)
		}
		one := func(o object) string { return path + "/" + o["id"].(string) }
		c.patch(one(root), object{"parent_id": sencha["id"]}).want(http.StatusBadRequest).detail("below itself")
		c.patch(one(root), object{"parent_id": root["id"]}).want(http.StatusBadRequest)
		foreign := c.post(c.store(object{})+"/categories", object{"name": "Elsewhere"}).want(http.StatusCreated).object()
		c.patch(one(root), object{"parent_id": foreign["id"]}).want(http.StatusBadRequest).detail("not in this store")
		c.patch(one(root), object{"parent_id": "nonsense"}).invalid("body.parent_id")
		c.patch(one(root), object{"name": nil}).invalid()
		c.get(path + "/" + foreign["id"].(string)).want(http.StatusNotFound)
		c.delete(one(green)).want(http.StatusNoContent)
		if got := c.get(one(sencha)).want(http.StatusOK).object(); got["parent_id"] != root["id"] {
			t.Errorf("a child of a deleted category is below %v", got["parent_id"])
		}
		c.delete(one(root)).want(http.StatusNoContent)
		if got := c.patch(one(sencha), object{"position": 3}).want(http.StatusOK).object(); got["parent_id"] != nil || got["position"] != 3.0 || got["slug"] != "sencha" {
			t.Errorf("sencha: %v", got)
		}
		if all := c.all(path, 1); len(all) != 2 {
			t.Errorf("%d categories are left", len(all))
		}
	})
}

func TestCategories_twoMovesAtOnceMakeNoCycle(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/categories"
		a := c.post(path, object{"name": "A"}).object()["id"].(string)
		b := c.post(path, object{"name": "B"}).object()["id"].(string)
		for range 10 {
			c.patch(path+"/"+a, object{"parent_id": nil}).want(http.StatusOK)
			c.patch(path+"/"+b, object{"parent_id": nil}).want(http.StatusOK)
			var wg sync.WaitGroup
			statuses := [2]int{}
			wg.Go(func() { statuses[0] = c.patch(path+"/"+a, object{"parent_id": b}).status })
			wg.Go(func() { statuses[1] = c.patch(path+"/"+b, object{"parent_id": a}).status })
			wg.Wait()
			if statuses[0]+statuses[1] != http.StatusOK+http.StatusBadRequest {
				t.Fatalf("statuses %v", statuses)
			}
		}
	})
}
