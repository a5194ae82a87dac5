package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestThemes_oneIsActive(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		path := store + "/themes"
		first := c.get(path).array()
		if len(first) != 1 || first[0]["is_active"] != true {
			t.Fatalf("a new store has %v", first)
		}
		made := c.post(path, object{"name": "Night", "settings": object{"colour": "#000", "fonts": array{"Inter"}}}).want(http.StatusCreated).object()
		if made["is_active"] != false || made["settings"].(object)["colour"] != "#000" || made["custom_css"] != nil {
			t.Errorf("theme: %v", made)
		}
		one := path + "/" + made["id"].(string)
		for range 2 {
			if got := c.post(one+"/activate", nil).want(http.StatusOK).object(); got["is_active"] != true {
				t.Errorf("activated: %v", got)
			}
		}
		if got := c.get(path + "/" + first[0]["id"].(string)).object(); got["is_active"] != false {
			t.Error("two themes are active")
		}
		c.delete(path + "/" + first[0]["id"].(string)).want(http.StatusNoContent)
		changed := c.patch(one, object{"settings": object{"colour": nil, "fonts": nil}, "custom_css": "a{}\r\n b{}"}).want(http.StatusOK).object()
		if len(changed["settings"].(object)) != 0 || changed["custom_css"] != "a{}\n b{}" || changed["is_active"] != true || changed["name"] != "Night" {
			t.Errorf("changed: %v", changed)
		}
		c.patch(one, object{"settings": object{"x": strings.Repeat("x", 70_000)}}).invalid("body.settings")
		c.patch(one, object{"settings": array{}}).invalid()
		c.post(path+"/nonsense/activate", nil).want(http.StatusNotFound)

		// Clone 10: the active theme is the active one of the clone.
		c.post(path, object{"name": "Spare"}).want(http.StatusCreated)
		copied := c.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
		for _, theme := range c.get("/stores/" + copied["id"].(string) + "/themes").array() {
			if theme["is_active"] != (theme["name"] == "Night") || theme["name"] == "Night" && theme["custom_css"] != "a{}\n b{}" {
				t.Errorf("the clone's theme: %v", theme)
			}
		}
	})
}

func TestThemes_activatedAtOnceLeaveOneActive(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/themes"
		var wg sync.WaitGroup
		for range 8 {
			one := path + "/" + c.post(path, object{"name": "T"}).want(http.StatusCreated).object()["id"].(string)
			wg.Go(func() {
				if s := c.post(one+"/activate", nil).status; s != http.StatusOK {
					t.Errorf("status %d", s)
				}
			})
		}
		wg.Wait()
		active := 0
		for _, theme := range c.get(path).array() {
			if theme["is_active"] == true {
				active++
			}
		}
		if active != 1 {
			t.Errorf("%d themes are active", active)
		}
	})
}
