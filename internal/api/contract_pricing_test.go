package api_test

// The rows "Money" and "Rates" of section 1 of the contract, and the rows of section
// 3 about discounts and tax rules, and their tests; see also
// contract_resources_test.go, which asks all kinds alike.

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// priced makes a product with one price, written as JSON.
func (c *client) priced(store, price string) *response {
	c.t.Helper()
	return c.post(store+"/products", `{"title": "Tea", "variants": [{"price": `+price+`}]}`)
}

func TestContract_moneyIsADecimalStringInTheStoresCurrency(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		for currency, prices := range map[string]map[string]string{
			"USD": {
				`"12.99"`: "12.99", `12.99`: "12.99", `12`: "12.00", `"12"`: "12.00", `"12.9"`: "12.90", `0`: "0.00", `"0.00"`: "0.00", `-0`: "0.00", `"  5 "`: "5.00", `"007"`: "7.00", `12.990`: "12.99",
				`1e2`: "100.00", `1E+2`: "100.00", `1250e-2`: "12.50", `0.1e1`: "1.00", `12.5e0`: "12.50", `0e5`: "0.00", `"999999999999.99"`: "999999999999.99", `999999999999.99`: "999999999999.99", `90071992547.93`: "90071992547.93", `0.1`: "0.10", `1.10`: "1.10",
			},
			"JPY": {`"1200"`: "1200", `1200`: "1200", `"1200.00"`: "1200", `1.2e3`: "1200", `0`: "0"},
			"KWD": {`"1.234"`: "1.234", `1.2`: "1.200", `1234e-3`: "1.234"},
			"IQD": {`"1.234"`: "1.234"}, "HUF": {`"1.23"`: "1.23"}, "CLF": {`"1.2345"`: "1.2345"},
		} {
			store := c.store(object{"currency": currency})
			for sent, want := range prices {
				got := c.priced(store, sent).want(http.StatusCreated).object()["variants"].(array)[0].(object)["price"]
				if got != want {
					t.Errorf("%s %s reads %v, want %s", currency, sent, got, want)
				}
			}
		}
	})
}

func TestContract_moneyThatIsNoAmountIs422(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		for currency, prices := range map[string][]string{
			"USD": {
				`"-1"`, `-1`, `-0.01`, `"12.999"`, `12.999`, `1e-3`, `0.001`, `"1e2"`, `"abc"`, `""`, `" "`, `"12,99"`, `"1 000"`, `"$5"`, `"5 USD"`, `".5"`, `"5."`, `"+5"`, `"0x10"`, `"NaN"`, `"Infinity"`, `"٣"`, `"1_000"`,
				`1e20`, `1e40`, `1e-40`, `1e308`, `1e400`, `-1e400`, `99999999999999999999`, `"1000000000000.00"`, `"` + strings.Repeat("9", 400) + `"`, `true`, `null`, `[]`, `["1"]`, `{}`, `{"amount": 1}`, `"1\u00001"`,
			},
			"JPY": {`"1200.5"`, `0.5`, `12005e-1`}, "KWD": {`"1.2345"`}, "ISK": {`1.5`}, "CLF": {`"1.23456"`},
		} {
			store := c.store(object{"currency": currency})
			for _, sent := range prices {
				r := c.priced(store, sent).want(http.StatusUnprocessableEntity)
				if sent != `1e400` && sent != `-1e400` && !strings.Contains(string(r.raw), `"location":"body.variants[0].price"`) {
					t.Errorf("%s %s: the price is not named in %s", currency, sent, r.raw)
				}
			}
			if n := len(c.get(store + "/products").array()); n != 0 {
				t.Errorf("%d products were made", n)
			}
		}
	})
}

func TestContract_currenciesAreThoseOfISO4217(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		for _, code := range []string{"USD", "EUR", "gbp", " Chf ", "VES", "SLE", "MRU", "XOF"} {
			if got := c.post("/stores", object{"name": "S", "currency": code}).want(http.StatusCreated).object()["currency"]; got != strings.ToUpper(strings.TrimSpace(code)) {
				t.Errorf("%q reads %v", code, got)
			}
		}
		for _, code := range []any{"", "US", "USDD", "ZZZ", "XXX", "XTS", "BTC", "DEM", "€", "U\x00D", nil, 840} {
			c.post("/stores", object{"name": "S", "currency": code}).invalid("body.currency")
		}
	})
}

func TestContract_aDiscountReadsAsTheContractSays(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		path := store + "/discounts"
		least := c.post(path, object{"code": " TEN ", "type": "percentage", "value": 10}).want(http.StatusCreated).object()
		members(t, least, "id", "code", "type", "value", "applies_to", "product_ids", "category_ids", "minimum_amount", "usage_limit", "times_used", "starts_at", "expires_at", "status", "created_at", "updated_at")
		sameBut(c, least, object{
			"code": "TEN", "type": "percentage", "value": "10.00", "applies_to": "all", "product_ids": array{}, "category_ids": array{}, "minimum_amount": nil,
			"usage_limit": nil, "times_used": 0.0, "starts_at": nil, "expires_at": nil, "status": "active",
		})
		product, category := c.id(store+"/products", object{"title": "Tea"}), c.id(store+"/categories", object{"name": "Tea"})
		all := object{
			"code": "FIVE", "type": "fixed_amount", "value": "5.00", "applies_to": "products", "product_ids": array{product}, "category_ids": array{category}, "minimum_amount": "20.00",
			"usage_limit": 3.0, "starts_at": "2026-01-01T00:00:00Z", "expires_at": "2027-01-01T00:00:00Z", "status": "disabled",
		}
		full := c.post(path, all).want(http.StatusCreated).object()
		sameBut(c, full, all)
		sameBut(c, c.get(path+"/"+full["id"].(string)).want(http.StatusOK).object(), full)
		local := c.post(path, object{"code": "LOCAL", "type": "percentage", "value": "1", "starts_at": "2026-01-01T01:00:00+02:00"}).want(http.StatusCreated).object()
		if local["starts_at"] != "2025-12-31T23:00:00Z" {
			t.Errorf("starts_at %v", local["starts_at"])
		}
		for _, scope := range []string{"all", "products", "categories"} {
			for _, kind := range []string{"percentage", "fixed_amount", "free_shipping"} {
				got := c.post(path, object{"code": scope + kind, "type": kind, "value": "10", "applies_to": scope}).want(http.StatusCreated).object()
				if got["applies_to"] != scope || got["type"] != kind {
					t.Errorf("discount %v", got)
				}
			}
		}
		if n := len(c.all(path, 5)); n != 12 {
			t.Errorf("%d discounts", n)
		}
	})
}

func TestContract_aDiscountsValueFitsItsType(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/discounts"
		for kind, values := range map[string]map[string]any{
			"percentage":    {"10": "10.00", "100": "100.00", "0.01": "0.01", "12.5": "12.50", "8.1255": "8.1255"},
			"fixed_amount":  {"10": "10.00", "0.01": "0.01", "1000000": "1000000.00"},
			"free_shipping": {"0": "0.00", "0.00": "0.00", "10": "0.00"},
		} {
			for sent, want := range values {
				if got := c.post(path, object{"code": kind + sent, "type": kind, "value": sent}).want(http.StatusCreated).object()["value"]; got != want {
					t.Errorf("%s of %s reads %v", kind, sent, got)
				}
			}
		}
		for kind, values := range map[string]array{
			"percentage":    {"0", 0, "-1", "100.01", 101, "1e1", "abc", "", nil, true, "8.12345", array{}},
			"fixed_amount":  {"0", "-1", "10.001", "abc", "", nil, true, object{}},
			"free_shipping": {"-1", "abc", true},
			"gift":          {"10"}, "": {"10"}, "Percentage": {"10"},
		} {
			for _, value := range values {
				c.post(path, object{"code": "BAD", "type": kind, "value": value}).want(http.StatusUnprocessableEntity)
			}
		}
		c.post(path, object{"code": "BAD", "type": "percentage"}).invalid("body.value")
		c.post(path, object{"code": "BAD", "type": "fixed_amount"}).invalid("body.value")
		c.post(path, object{"code": "FREE", "type": "free_shipping"}).want(http.StatusCreated)
		c.post(path, object{"code": "FREE2", "type": "free_shipping", "value": nil}).want(http.StatusCreated)
		one := path + "/" + c.id(path, object{"code": "ONE", "type": "fixed_amount", "value": "150"})
		c.patch(one, object{"type": "percentage"}).invalid("body.value") // 150 of what?
		c.patch(one, object{"type": "percentage", "value": "15"}).want(http.StatusOK)
		c.patch(one, object{"value": "150"}).invalid("body.value")
		if got := c.patch(one, object{"type": "free_shipping"}).want(http.StatusOK).object()["value"]; got != "0.00" {
			t.Errorf("value %v", got)
		}
	})
}

func TestContract_aDiscountCodeIsUniqueIgnoringCase(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path, other := c.store(object{})+"/discounts", c.store(object{})+"/discounts"
		body := func(code string) object { return object{"code": code, "type": "percentage", "value": "10"} }
		for _, pair := range [][2]string{{"Save10", "SAVE10"}, {"ÄRGER", "ärger"}, {"СКИДКА", "скидка"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"CAF\u00c9", "cafe\u0301"}} {
			one := path + "/" + c.id(path, body(pair[0]))
			c.post(path, body(pair[1])).want(http.StatusBadRequest)
			c.post(path, body(" "+pair[1]+" ")).want(http.StatusBadRequest)
			c.post(other, body(pair[1])).want(http.StatusCreated)
			c.patch(one, object{"code": pair[1]}).want(http.StatusOK) // its own
		}
		second := path + "/" + c.id(path, body("SECOND"))
		c.patch(second, object{"code": "save10"}).want(http.StatusBadRequest)
		c.delete(second).want(http.StatusNoContent)
		c.post(path, body("second")).want(http.StatusCreated)
		var wg sync.WaitGroup
		statuses := make([]int, 9)
		for i := range statuses {
			wg.Go(func() { statuses[i] = c.post(path, body([]string{"race", "RACE", "Race"}[i%3])).status })
		}
		wg.Wait()
		slices.Sort(statuses)
		if statuses[0] != http.StatusCreated || statuses[1] != http.StatusBadRequest || statuses[8] != http.StatusBadRequest {
			t.Errorf("statuses %v", statuses)
		}
	})
}

func TestContract_aDiscountReadsExpiredOnceItsTimeHasPassed(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/discounts"
		make := func(code, expires, status string) string {
			return path + "/" + c.id(path, object{"code": code, "type": "percentage", "value": "10", "expires_at": expires, "status": status})
		}
		soon, past, off := make("SOON", began.Add(time.Hour).Format(time.RFC3339), "active"), make("PAST", "2025-01-01T00:00:00Z", "active"), make("OFF", "2025-01-01T00:00:00Z", "disabled")
		status := func(one string) any { return c.get(one).want(http.StatusOK).object()["status"] }
		if status(soon) != "active" || status(past) != "expired" || status(off) != "disabled" {
			t.Errorf("%v, %v and %v", status(soon), status(past), status(off))
		}
		p.clock.Advance(time.Hour)
		if got := column(c.get(path).array(), "status"); status(soon) != "expired" || !slices.Equal(got, []any{"disabled", "expired", "expired"}) {
			t.Errorf("%v, listed %v", status(soon), got)
		}
		c.patch(soon, object{"expires_at": nil}).want(http.StatusOK)
		if status(soon) != "active" {
			t.Errorf("without an end it is %v", status(soon))
		}
		c.patch(soon, object{"starts_at": "2026-02-01T00:00:00Z", "expires_at": "2026-02-01T00:00:00Z"}).invalid("body.expires_at")
		c.patch(soon, object{"starts_at": "2026-02-02T00:00:00Z", "expires_at": "2026-02-01T00:00:00Z"}).invalid("body.expires_at")
	})
}

func TestContract_aDiscountNamesProductsAndCategoriesOfItsStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		store, second, theirs := c.store(object{}), c.store(object{}), other.store(object{})
		path := store + "/discounts"
		var products, categories array
		for range 3 {
			products = append(products, c.id(store+"/products", object{"title": "Tea"}))
			categories = append(categories, c.id(store+"/categories", object{"name": "Tea"}))
		}
		one := path + "/" + c.id(path, object{"code": "A", "type": "percentage", "value": "10", "applies_to": "products", "product_ids": products, "category_ids": categories[:1]})
		for member, foreign := range map[string]array{
			"product_ids":  {c.id(second+"/products", object{"title": "Tea"}), other.id(theirs+"/products", object{"title": "Tea"}), "019bc186-de00-7004-a201-474e24bce60d"},
			"category_ids": {c.id(second+"/categories", object{"name": "Tea"}), other.id(theirs+"/categories", object{"name": "Tea"}), "019bc186-de00-7004-a201-474e24bce60d"},
		} {
			for _, id := range foreign {
				c.patch(one, object{member: array{id}}).want(http.StatusBadRequest)
				c.post(path, object{"code": "B", "type": "percentage", "value": "10", member: array{id}}).want(http.StatusBadRequest)
			}
			for _, bad := range []any{"x", array{"x"}, array{5}, array{nil}, array{array{}}, object{}} {
				c.patch(one, object{member: bad}).want(http.StatusUnprocessableEntity)
			}
		}
		got := c.get(one).object()
		if !reflect.DeepEqual(got["product_ids"], products) || !reflect.DeepEqual(got["category_ids"], categories[:1]) {
			t.Errorf("discount %v", got)
		}
		if got := c.patch(one, object{"category_ids": categories[1:]}).want(http.StatusOK).object(); !reflect.DeepEqual(got["product_ids"], products) || !reflect.DeepEqual(got["category_ids"], categories[1:]) {
			t.Errorf("discount %v", got)
		}
		// What is deleted is named no longer.
		c.delete(store + "/products/" + products[0].(string)).want(http.StatusNoContent)
		c.delete(store + "/categories/" + categories[1].(string)).want(http.StatusNoContent)
		if got := c.get(one).object(); !reflect.DeepEqual(got["product_ids"], products[1:]) || !reflect.DeepEqual(got["category_ids"], categories[2:]) {
			t.Errorf("discount %v", got)
		}
		if got := c.patch(one, object{"product_ids": array{}, "category_ids": array{}}).want(http.StatusOK).object(); len(got["product_ids"].(array)) != 0 || len(got["category_ids"].(array)) != 0 {
			t.Errorf("discount %v", got)
		}
	})
}

func TestContract_aTaxRuleReadsAsTheContractSays(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/tax-rules"
		least := c.post(path, object{"name": "VAT", "country": "de", "rate": 19}).want(http.StatusCreated).object()
		members(t, least, "id", "name", "country", "state", "zip_code", "rate", "priority", "is_compound", "applies_to_shipping", "is_active", "created_at", "updated_at")
		sameBut(c, least, object{
			"name": "VAT", "country": "DE", "state": nil, "zip_code": nil, "rate": "19.00", "priority": 0.0, "is_compound": false, "applies_to_shipping": false, "is_active": true,
		})
		all := object{
			"name": "NY", "country": "US", "state": "NY", "zip_code": "10001", "rate": "8.875", "priority": 2.0, "is_compound": true, "applies_to_shipping": true, "is_active": false,
		}
		full := c.post(path, all).want(http.StatusCreated).object()
		sameBut(c, full, all)
		one := path + "/" + full["id"].(string)
		sameBut(c, c.get(one).want(http.StatusOK).object(), full)
		if got := c.patch(one, object{"state": "", "zip_code": " "}).want(http.StatusOK).object(); got["state"] != nil || got["zip_code"] != nil {
			t.Errorf("cleared %v", got)
		}
		for sent, want := range map[any]string{"8.25": "8.25", 8.25: "8.25", "0": "0.00", 0: "0.00", "100": "100.00", "8.250": "8.25", "0.0001": "0.0001", 7: "7.00"} {
			if got := c.patch(one, object{"rate": sent}).want(http.StatusOK).object()["rate"]; got != want {
				t.Errorf("rate %v reads %v", sent, got)
			}
		}
		for _, bad := range []any{"-1", -1, "100.01", 101, "abc", "", "8,25", "8.25%", "8.12345", nil, true, array{}, object{}} {
			c.patch(one, object{"rate": bad}).invalid("body.rate")
		}
		for _, bad := range []any{"", "D", "DEU", "ZZ", "Germany", "EU", "12", nil, 5} {
			c.patch(one, object{"country": bad}).invalid("body.country")
		}
		for _, bad := range []any{-1, 1.5, "1", nil, 1e12} {
			c.patch(one, object{"priority": bad}).want(http.StatusUnprocessableEntity)
		}
		for _, member := range []string{"name", "country", "rate"} {
			body := object{"name": "VAT", "country": "DE", "rate": "19"}
			delete(body, member)
			c.post(path, body).invalid("body." + member)
		}
		for i := range 3 {
			c.post(path, object{"name": fmt.Sprint("Same place ", i), "country": "DE", "rate": "19"}).want(http.StatusCreated)
		}
	})
}

// A discount must not come to name a product that is deleted at the same moment: a
// clone would find the name without the product.
func TestContract_aDiscountNamesNoProductThatIsDeletedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		for round := range 12 {
			var wg sync.WaitGroup
			for i := range 4 {
				product := c.id(store+"/products", object{"title": "Tea"})
				wg.Go(func() {
					r := c.post(store+"/discounts", object{"code": fmt.Sprint("D", round, "-", i), "type": "percentage", "value": "10", "product_ids": array{product}})
					if r.status != http.StatusCreated {
						r.want(http.StatusBadRequest)
					}
				})
				wg.Go(func() { c.delete(store + "/products/" + product).want(http.StatusNoContent) })
			}
			wg.Wait()
		}
		for _, d := range c.all(store+"/discounts", 200) {
			if len(d["product_ids"].(array)) != 0 {
				t.Errorf("%v names %v", d["code"], d["product_ids"])
			}
		}
		c.post(store+"/clone", nil).want(http.StatusCreated)
	})
}
