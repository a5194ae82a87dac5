package api_test

import (
	"net/http"
	"reflect"
	"slices"
	"testing"
)

func TestVariants_areMadeChangedListedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		product := c.store(object{}) + "/products"
		product += "/" + c.post(product, object{"title": "Mug"}).want(http.StatusCreated).object()["id"].(string)
		path := product + "/variants"
		made := c.post(path, object{"sku": " M-L ", "price": "9.9", "option_values": object{"Size": "L", "Colour": "Red"}}).want(http.StatusCreated).object()
		if made["title"] != "Red / L" || made["sku"] != "M-L" || made["price"] != "9.90" || made["position"] != 2.0 || made["weight_unit"] != "kg" || made["track_inventory"] != true {
			t.Errorf("variant %v", made)
		}
		one := path + "/" + made["id"].(string)
		if got := c.get(one).want(http.StatusOK).object(); !reflect.DeepEqual(got, made) {
			t.Errorf("read %v", got)
		}
		changed := c.patch(one, object{"price": 12, "weight": 1.5, "weight_unit": "oz", "option_values": object{"Size": "XL", "Colour": nil}, "position": 1, "allow_backorder": true, "barcode": "b"}).want(http.StatusOK).object()
		if changed["price"] != "12.00" || changed["weight"] != 1.5 || changed["weight_unit"] != "oz" || !reflect.DeepEqual(changed["option_values"], object{"Size": "XL"}) || changed["title"] != "Red / L" || changed["sku"] != "M-L" {
			t.Errorf("changed %v", changed)
		}
		cleared := c.patch(one, object{"sku": nil, "weight": nil, "barcode": " "}).want(http.StatusOK).object()
		if cleared["sku"] != nil || cleared["weight"] != nil || cleared["barcode"] != nil || cleared["price"] != "12.00" {
			t.Errorf("cleared %v", cleared)
		}
		for _, member := range []string{"title", "price", "weight_unit", "option_values", "track_inventory", "allow_backorder", "position"} {
			c.patch(one, object{member: nil}).invalid()
		}
		for member, bad := range map[string]any{
			"title": "", "price": "-1", "compare_at_price": "1.234", "cost": "x", "weight": -1, "weight_unit": "stone", "position": 0,
			"option_values": object{"A": "1", "B": "2", "C": "3", "D": "4"}, "sku": "a\nb", "colour": "red",
		} {
			c.patch(one, object{member: bad}).invalid("body." + member)
		}
		if got := c.get(product).object(); len(got["variants"].(array)) != 2 || !reflect.DeepEqual(got["options"], array{
			object{"name": "Colour", "values": array{"Red"}}, object{"name": "Size", "values": array{"L", "XL"}},
		}) {
			t.Errorf("product %v", got)
		}
		all := c.all(path, 1)
		if len(all) != 2 || all[0]["id"] != made["id"] {
			t.Errorf("list %v", column(all, "id"))
		}
		c.delete(one).want(http.StatusNoContent)
		c.get(one).want(http.StatusNotFound)
		c.delete(one).want(http.StatusNotFound)
		c.delete(path + "/" + all[1]["id"].(string)).want(http.StatusBadRequest).detail("at least one variant")
	})
}

func TestVariants_SKUIsUniqueInTheStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		product := func(store string) string {
			path := store + "/products"
			return path + "/" + c.post(path, object{"title": "Mug"}).want(http.StatusCreated).object()["id"].(string) + "/variants"
		}
		a, b := product(store), product(store)
		first := c.post(a, object{"sku": "X"}).want(http.StatusCreated).object()["id"].(string)
		second := c.post(b, object{"sku": "Y"}).want(http.StatusCreated).object()["id"].(string)
		c.post(b, object{"sku": " X "}).want(http.StatusBadRequest).detail(`SKU "X" is already used.`)
		c.patch(b+"/"+second, object{"sku": "X"}).want(http.StatusBadRequest).detail(`SKU "X" is already used.`)
		c.patch(b+"/"+second, object{"sku": "Y"}).want(http.StatusOK)
		c.delete(a + "/" + first).want(http.StatusNoContent)
		c.patch(b+"/"+second, object{"sku": "X"}).want(http.StatusOK)
		c.post(product(c.store(object{})), object{"sku": "X"}).want(http.StatusCreated)
		list := store + "/products?q="
		if n, m := len(c.get(list+"y").array()), len(c.get(list+"X").array()); n != 0 || m != 1 {
			t.Errorf("the old SKU is found in %d products, the new one in %d", n, m)
		}
	})
}

func TestSupplierLinks_putReplacesAndDeleteRemoves(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		product := store + "/products/" + c.post(store+"/products", object{"title": "Mug"}).object()["id"].(string)
		supplier := func(name string) string {
			return c.post(store+"/suppliers", object{"name": name}).want(http.StatusCreated).object()["id"].(string)
		}
		a, b := supplier("A"), supplier("B")
		got := c.put(product+"/suppliers/"+a, object{"supplier_sku": "P-1", "cost": "3.5", "is_primary": true}).want(http.StatusOK).object()
		if !reflect.DeepEqual(got, object{"supplier_id": a, "supplier_sku": "P-1", "cost": "3.50", "is_primary": true}) {
			t.Errorf("link %v", got)
		}
		c.put(product+"/suppliers/"+b, object{"is_primary": true}).want(http.StatusOK)
		want := array{
			object{"supplier_id": a, "supplier_sku": "P-1", "cost": "3.50", "is_primary": false},
			object{"supplier_id": b, "supplier_sku": nil, "cost": nil, "is_primary": true},
		}
		if links := c.get(product).object()["suppliers"].(array); !reflect.DeepEqual(links, want) {
			t.Errorf("links %v", links)
		}
		c.put(product+"/suppliers/"+a, object{}).want(http.StatusOK)
		if links := c.get(store + "/products").array()[0]["suppliers"].(array); links[0].(object)["supplier_sku"] != nil {
			t.Errorf("PUT did not replace: %v", links)
		}
		c.put(product+"/suppliers/"+a, object{"cost": "-1"}).invalid("body.cost")
		c.put(product+"/suppliers/"+a, object{"is_primary": nil}).invalid()
		foreign := c.post(c.store(object{})+"/suppliers", object{"name": "F"}).object()["id"].(string)
		c.put(product+"/suppliers/"+foreign, object{}).want(http.StatusNotFound)
		c.put(product+"/suppliers/nonsense", object{}).want(http.StatusNotFound)
		c.delete(product + "/suppliers/" + a).want(http.StatusNoContent)
		c.delete(product + "/suppliers/" + a).want(http.StatusNotFound)
		c.delete(product + "/suppliers/nonsense").want(http.StatusNotFound)
		c.delete(store + "/suppliers/" + b).want(http.StatusNoContent)
		if links := c.get(product).object()["suppliers"].(array); !slices.Equal(links, array{}) {
			t.Errorf("links %v", links)
		}
	})
}
