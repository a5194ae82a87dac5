package api_test

import (
	"net/http"
	"testing"
)

func TestStorefront_tellsWhatIsInStockAndNotHowMuch(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, shopper := p.merchant(t), p.nobody(t)
		store := c.store(object{"store_type": "hybrid"})
		product := c.post(store+"/products", object{"title": "Mug", "variants": array{
			object{"title": "Counted", "sku": "C"},
			object{"title": "Shipped by others", "track_inventory": false},
			object{"title": "Made on demand", "allow_backorder": true},
		}}).want(http.StatusCreated).object()
		counted := product["variants"].(array)[0].(object)["id"].(string)
		plate := c.post(store+"/products", object{"title": "Plate"}).want(http.StatusCreated).object()
		front := c.front(store) + "/products/"
		inStock := func(slug string, product bool, variants ...bool) {
			t.Helper()
			got := shopper.get(front + slug).want(http.StatusOK).object()
			if got["in_stock"] != product {
				t.Errorf("%s is in stock: %v", slug, got["in_stock"])
			}
			for i, v := range got["variants"].(array) {
				if v.(object)["in_stock"] != variants[i] {
					t.Errorf("%v is in stock: %v", v.(object)["title"], v.(object)["in_stock"])
				}
			}
		}
		inStock("mug", true, false, true, true)
		inStock("plate", false, false)
		level := c.post(store+"/inventory", object{"variant_id": counted, "quantity": 2}).want(http.StatusCreated).object()["id"].(string)
		inStock("mug", true, true, true, true)
		c.post(store+"/inventory/"+level+"/reserve", object{"quantity": 2}).want(http.StatusOK) // all are held
		inStock("mug", true, false, true, true)
		c.post(store+"/inventory/"+level+"/release", object{"quantity": 1}).want(http.StatusOK)
		inStock("mug", true, true, true, true)
		// What lies in a warehouse that is closed cannot be sold.
		second := c.post(store+"/warehouses", object{"name": "Second"}).want(http.StatusCreated).object()["id"].(string)
		v := plate["variants"].(array)[0].(object)["id"]
		c.post(store+"/inventory", object{"variant_id": v, "warehouse_id": second, "quantity": 5}).want(http.StatusCreated)
		inStock("plate", true, true)
		c.patch(store+"/warehouses/"+second, object{"is_active": false}).want(http.StatusOK)
		inStock("plate", false, false)
		// A store that owns no stock sells all it shows.
		c.patch(store, object{"store_type": "dropshipping"}).want(http.StatusOK)
		inStock("plate", true, true)
	})
}
