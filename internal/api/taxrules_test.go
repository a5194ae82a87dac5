package api_test

import (
	"net/http"
	"testing"
)

func TestTaxRules_areMadeChangedListedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/tax-rules"
		made := c.post(path, object{"name": " Sales tax ", "country": "us", "rate": "8.25", "state": "NY"}).want(http.StatusCreated).object()
		if made["name"] != "Sales tax" || made["country"] != "US" || made["rate"] != "8.25" || made["state"] != "NY" || made["zip_code"] != nil ||
			made["priority"] != 0.0 || made["is_compound"] != false || made["applies_to_shipping"] != false || made["is_active"] != true {
			t.Errorf("rule: %v", made)
		}
		one := path + "/" + made["id"].(string)
		changed := c.patch(one, object{"rate": 7, "state": nil, "is_active": false}).want(http.StatusOK).object()
		if changed["rate"] != "7.00" || changed["state"] != nil || changed["is_active"] != false || changed["name"] != "Sales tax" {
			t.Errorf("changed: %v", changed)
		}
		for range 4 {
			c.post(path, object{"name": "VAT", "country": "DE", "rate": "19"}).want(http.StatusCreated)
		}
		if all := c.all(path, 2); len(all) != 5 || all[4]["id"] != made["id"] {
			t.Errorf("list: %v", column(all, "id"))
		}
		c.delete(one).want(http.StatusNoContent)
		c.delete(one).want(http.StatusNotFound)
		c.get(one).want(http.StatusNotFound)
	})
}

func TestTaxRules_checkTokenThenPathThenForm(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		path := c.store(object{}) + "/tax-rules"
		one := path + "/" + c.post(path, object{"name": "VAT", "country": "DE", "rate": 19}).want(http.StatusCreated).object()["id"].(string)
		p.nobody(t).patch(one, object{"x": 1}).want(http.StatusUnauthorized)
		other.patch(one, object{"x": 1}).want(http.StatusNotFound)
		foreign := other.store(object{}) + "/tax-rules/" + one[len(path)+1:]
		other.get(foreign).want(http.StatusNotFound)
		c.patch(path+"/nonsense", object{"x": 1}).want(http.StatusNotFound)
		c.patch(path+"/019bc186-de00-7004-a201-474e24bce60d", object{"x": 1}).want(http.StatusNotFound)
		c.patch(one, object{"x": 1}).invalid("body.x")
		c.patch(one, object{"name": nil}).invalid()
		for field, bad := range map[string]any{"rate": "100.01", "country": "XX", "name": " ", "priority": -1} {
			c.patch(one, object{field: bad}).invalid("body." + field)
		}
		c.patch(one, object{"rate": "1.00001"}).invalid("body.rate")
		c.patch(one, object{"rate": "-1"}).invalid("body.rate")
	})
}

func TestClone_takesActiveTaxRulesAlone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{"store_type": "ecommerce"})
		c.post(path+"/tax-rules", object{"name": "Kept", "country": "US", "rate": "8.875", "priority": 2, "is_compound": true, "applies_to_shipping": true}).want(http.StatusCreated)
		c.post(path+"/tax-rules", object{"name": "Left", "country": "US", "rate": "1", "is_active": false}).want(http.StatusCreated)
		plan := c.post(path+"/clone?dry_run=true", nil).want(http.StatusOK).object()
		if plan["skipped"].(object)["inactive_tax_rules"] != 1.0 || plan["would_clone"].(object)["tax_rules"] != 1.0 || plan["would_clone"].(object)["themes"] != 1.0 {
			t.Errorf("plan: %v", plan)
		}
		s := c.post(path+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
		clone := "/stores/" + s["id"].(string) + "/tax-rules"
		rules := c.get(clone).array()
		if len(rules) != 1 || rules[0]["name"] != "Kept" || rules[0]["rate"] != "8.875" || rules[0]["priority"] != 2.0 || rules[0]["is_compound"] != true || rules[0]["applies_to_shipping"] != true {
			t.Errorf("rules: %v", rules)
		}
		// Changing the clone leaves the source alone.
		c.patch(clone+"/"+rules[0]["id"].(string), object{"name": "Changed"}).want(http.StatusOK)
		if got := c.get(path + "/tax-rules").array(); got[1]["name"] != "Kept" || got[1]["id"] == rules[0]["id"] {
			t.Errorf("source: %v", got)
		}
	})
}
