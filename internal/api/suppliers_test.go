package api_test

import (
	"net/http"
	"testing"
)

func TestSuppliers_areMadeChangedListedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.largeStore(p)
		path := store + "/suppliers"
		made := c.post(path, object{"name": "Leaf & Co", "country": "de", "lead_time_days": 7, "notes": " "}).want(http.StatusCreated).object()
		if made["country"] != "DE" || made["lead_time_days"] != 7.0 || made["notes"] != nil || made["is_active"] != true || made["email"] != nil {
			t.Errorf("supplier: %v", made)
		}
		one := path + "/" + made["id"].(string)
		changed := c.patch(one, object{"lead_time_days": nil, "email": "sales@example.com", "is_active": false}).want(http.StatusOK).object()
		if changed["lead_time_days"] != nil || changed["email"] != "sales@example.com" || changed["is_active"] != false || changed["country"] != "DE" {
			t.Errorf("changed: %v", changed)
		}
		if all := c.all(path, 2); len(all) != 3 || all[0]["id"] != made["id"] {
			t.Errorf("list: %v", column(all, "name"))
		}
		// One that is linked to products goes with its links.
		linked := c.get(path).array()[1]["id"].(string)
		c.delete(path + "/" + linked).want(http.StatusNoContent)
		c.get(path + "/" + linked).want(http.StatusNotFound)
		for field, bad := range map[string]any{"name": "", "country": "Germany", "lead_time_days": -1, "email": "nobody"} {
			c.patch(one, object{field: bad}).invalid("body." + field)
		}
		c.patch(one, object{"colour": "red"}).invalid("body.colour")
	})
}
