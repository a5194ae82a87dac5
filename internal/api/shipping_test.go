package api_test

import (
	"net/http"
	"reflect"
	"testing"
)

func TestShipping_isNothingUntilTheMerchantSaysWhat(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		path := shop.path + "/shipping"
		is := func(rate string, over any) {
			t.Helper()
			if got := shop.get(path).want(http.StatusOK).object(); !reflect.DeepEqual(got, object{"rate": rate, "free_over": over, "currency": "USD"}) {
				t.Errorf("%v", got)
			}
		}
		is("0.00", nil)
		shop.patch(path, object{"rate": 4.9}).want(http.StatusOK)
		is("4.90", nil)
		shop.patch(path, object{"free_over": "50"}).want(http.StatusOK)
		is("4.90", "50.00")
		for member, bad := range map[string][]any{"rate": {"-1", "1.999", "x", nil, true, "1000000000000.00"}, "free_over": {"-0.01", "1.999", "", object{}}, "colour": {"red"}} {
			for _, value := range bad {
				shop.patch(path, object{member: value}).invalid("body." + member)
			}
		}
		is("4.90", "50.00")
		// Amounts of two decimals cannot be read in a currency without any.
		shop.patch(shop.path, object{"currency": "JPY"}).want(http.StatusBadRequest).detail("decimals")
		shop.patch(path, object{"rate": "0", "free_over": nil}).want(http.StatusOK)
		is("0.00", nil)
		shop.patch(shop.path, object{"currency": "JPY"}).want(http.StatusOK)
		if got := shop.patch(path, object{"rate": "500"}).want(http.StatusOK).object(); got["rate"] != "500" || got["currency"] != "JPY" {
			t.Errorf("%v", got)
		}
		shop.patch(path, object{"rate": "0.5"}).invalid("body.rate")
	})
}

func TestShipping_isChargedTaxedAndFreeOverAnAmount(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop, shopper := p.open(t), p.nobody(t)
		_, mug := shop.sells("MUG-1", "10.00", 100)
		shop.patch(shop.path+"/shipping", object{"rate": "4.90", "free_over": "30.00"}).want(http.StatusOK)
		for _, rule := range []object{
			{"name": "State", "country": "US", "state": "NY", "rate": "10"},
			{"name": "Sending", "country": "US", "rate": "5", "applies_to_shipping": true, "priority": 1},
		} {
			shop.post(shop.path+"/tax-rules", rule).want(http.StatusCreated)
		}
		for _, d := range []object{{"code": "SHIP", "type": "free_shipping"}, {"code": "FIVE", "type": "fixed_amount", "value": "5"}} {
			shop.post(shop.path+"/discounts", d).want(http.StatusCreated)
		}
		front := shop.front(shop.path)
		newYork := object{"address": "1 Main St", "city": "New York", "state": "NY", "country": "US", "zip_code": "10001"}
		for _, c := range []struct {
			units                               int
			code, to                            any
			shipping, shippingTax, taxes, total string
		}{
			{2, nil, nil, "4.90", "0.00", "0.00", "24.90"},
			{2, nil, newYork, "4.90", "0.25", "3.25", "28.15"},    // 15 % of 20, 5 % of 4.90 (0.245)
			{2, "SHIP", newYork, "0.00", "0.00", "3.00", "23.00"}, // no tax on what costs nothing
			{3, nil, newYork, "0.00", "0.00", "4.50", "34.50"},
			{3, "FIVE", newYork, "4.90", "0.25", "4.00", "33.90"}, // 25 after the discount; 15 % is 3.75
		} {
			request := with(with(basket(mug, c.units), "discount_code", c.code), "shipping_address", c.to)
			placed := shop.post(shop.path+"/orders", request).want(http.StatusCreated).object()
			delete(request, "customer")
			quoted := shopper.post(front+"/cart/quote", request).want(http.StatusOK).object()
			for what, got := range map[string]object{"order": placed, "quote": quoted} {
				if got["shipping_total"] != c.shipping || got["shipping_tax"] != c.shippingTax || got["tax_total"] != c.taxes || got["total"] != c.total {
					t.Errorf("%s of %d with %v: shipping %v, its tax %v, tax %v, total %v", what, c.units, c.code, got["shipping_total"], got["shipping_tax"], got["tax_total"], got["total"])
				}
			}
		}
		shop.accounts()
	})
}

func TestShipping_comesWithAClone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		shop.patch(shop.path+"/shipping", object{"rate": "4.90", "free_over": "30.00"}).want(http.StatusOK)
		made := shop.post(shop.path+"/clone", nil).want(http.StatusCreated).object()["store"].(object)["id"].(string)
		copied := "/stores/" + made + "/shipping"
		if got := shop.get(copied).want(http.StatusOK).object(); got["rate"] != "4.90" || got["free_over"] != "30.00" {
			t.Errorf("%v", got)
		}
		shop.patch(copied, object{"rate": "1"}).want(http.StatusOK) // the clone's own
		if got := shop.get(shop.path + "/shipping").object(); got["rate"] != "4.90" {
			t.Errorf("%v", got)
		}
	})
}
