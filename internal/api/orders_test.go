package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// counter is a hybrid store with goods to sell.
type counter struct {
	*client
	p    *platform
	path string
}

// open makes a hybrid store.
func (p *platform) open(t *testing.T) counter {
	t.Helper()
	c := p.merchant(t)
	return counter{c, p, c.store(object{"store_type": "hybrid"})}
}

// sells makes a product with one variant, and stock of it unless quantity is less
// than 0: then it is not tracked. It returns the ids of product and variant.
func (c counter) sells(sku, price string, quantity int) (product, variant string) {
	c.t.Helper()
	made := c.post(c.path+"/products", object{"title": sku, "variants": array{object{"sku": sku, "price": price, "track_inventory": quantity >= 0}}}).
		want(http.StatusCreated).object()
	variant = made["variants"].(array)[0].(object)["id"].(string)
	if quantity >= 0 {
		c.post(c.path+"/inventory", object{"variant_id": variant, "quantity": quantity}).want(http.StatusCreated)
	}
	return made["id"].(string), variant
}

// basket is what an order asks for: pairs of variant and quantity.
func basket(pairs ...any) object {
	items := array{}
	for i := 0; i < len(pairs); i += 2 {
		items = append(items, object{"variant_id": pairs[i], "quantity": pairs[i+1]})
	}
	return object{"customer": object{"email": "ada@example.com", "name": "Ada"}, "items": items}
}

// with is an object with one more member.
func with(o object, name string, value any) object {
	o[name] = value
	return o
}

func (c counter) level(variant string) object {
	c.t.Helper()
	return c.get(c.path + "/inventory?variant_id=" + variant).want(http.StatusOK).array()[0]
}

func TestOrders_createComputesPricesAndReserves(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "12.99", 10)
		_, tea := shop.sells("TEA-1", "4.50", -1)
		shop.post(shop.path+"/tax-rules", object{"name": "NY", "country": "US", "state": "NY", "rate": "8.875"}).want(http.StatusCreated)
		shop.post(shop.path+"/discounts", object{"code": "TEN", "type": "percentage", "value": "10"}).want(http.StatusCreated)
		request := with(basket(mug, 2, tea, 1), "discount_code", "ten")
		request["shipping_address"] = object{"name": "Ada", "address": "1 Main St", "city": "New York", "state": "NY", "country": "US", "zip_code": "10001"}
		request["notes"] = "Ring twice."
		o := shop.post(shop.path+"/orders", request).want(http.StatusCreated).object()

		// 25.98 less 2.60 is taxed 2.08 (2.074975), 4.50 less 0.45 is taxed 0.36 (0.3594375).
		for member, want := range map[string]any{
			"status": "pending", "payment_status": "unpaid", "subtotal": "30.48", "discount_total": "3.05", "tax_total": "2.43",
			"shipping_total": "0.00", "total": "29.86", "currency": "USD", "number": 1001.0, "discount_code": "TEN", "notes": "Ring twice.",
		} {
			if o[member] != want {
				t.Errorf("%s is %v, not %v", member, o[member], want)
			}
		}
		item := o["items"].(array)[0].(object)
		if item["sku"] != "MUG-1" || item["unit_price"] != "12.99" || item["total"] != "25.98" || len(item["allocations"].(array)) != 1 {
			t.Errorf("%v", item)
		}
		if customer := o["customer"].(object); customer["email"] != "ada@example.com" || customer["name"] != "Ada" {
			t.Errorf("%v", customer)
		}
		if l := shop.level(mug); l["quantity"] != 10.0 || l["reserved_quantity"] != 2.0 || l["available_quantity"] != 8.0 {
			t.Errorf("%v", l)
		}
		read := shop.get(shop.path + "/orders/" + o["id"].(string)).want(http.StatusOK).object()
		if fmt.Sprint(read) != fmt.Sprint(o) {
			t.Errorf("read:\n%v\nmade:\n%v", read, o)
		}
		adjustments := shop.get(shop.path + "/inventory/" + shop.level(mug)["id"].(string) + "/adjustments").want(http.StatusOK).array()
		if a := adjustments[0]; a["reason"] != "reserved" || a["reserved_change"] != 2.0 || a["quantity_change"] != 0.0 || a["reference_id"] != o["id"] {
			t.Errorf("%v", a)
		}
	})
}

func TestOrders_reserveAllLinesOrNoneAndNameTheShortSKU(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "1.00", 10)
		_, pot := shop.sells("POT-1", "1.00", 1)
		shop.post(shop.path+"/orders", basket(mug, 2, pot, 2)).want(http.StatusBadRequest).detail("POT-1")
		if l := shop.level(mug); l["reserved_quantity"] != 0.0 {
			t.Errorf("%v", l)
		}
		if orders := shop.get(shop.path + "/orders").want(http.StatusOK).array(); len(orders) != 0 {
			t.Errorf("%v", orders)
		}
	})
}

func TestOrders_badInput(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "1.00", 10)
		for _, c := range []struct {
			body   object
			status int
		}{
			{object{"items": array{}}, 422},
			{basket(), 422},
			{basket(mug, 0), 422},
			{basket(mug, -1), 422},
			{basket(mug, "two"), 422},
			{basket("nonsense", 1), 422},
			{with(basket(mug, 1), "customer", object{"email": "nobody"}), 422},
			{with(basket(mug, 1), "total", "1.00"), 422},
			{with(basket(mug, 1), "shipping_address", object{"country": "XX"}), 422},
			{basket("00000000-0000-7000-8000-000000000001", 1), 404},
			{with(basket(mug, 1), "discount_code", "NOPE"), 400},
		} {
			shop.post(shop.path+"/orders", c.body).want(c.status)
		}
		if l := shop.level(mug); l["reserved_quantity"] != 0.0 {
			t.Errorf("%v", l)
		}
	})
}

func TestOrders_draftsArchivedAndPausedAreNotSold(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		product, mug := shop.sells("MUG-1", "1.00", 10)
		for _, status := range []string{"draft", "archived"} {
			shop.patch(shop.path+"/products/"+product, object{"status": status}).want(http.StatusOK)
			shop.post(shop.path+"/orders", basket(mug, 1)).want(http.StatusBadRequest)
		}
		shop.patch(shop.path+"/products/"+product, object{"status": "active"}).want(http.StatusOK)
		shop.patch(shop.path, object{"status": "paused"}).want(http.StatusOK)
		shop.post(shop.path+"/orders", basket(mug, 1)).want(http.StatusBadRequest)
	})
}

func TestOrders_lifeCycle(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "5.00", 10)
		o := shop.path + "/orders/" + shop.post(shop.path+"/orders", basket(mug, 3)).want(http.StatusCreated).object()["id"].(string)
		shop.post(o+"/fulfill", nil).want(http.StatusBadRequest)
		shop.post(o+"/return", nil).want(http.StatusBadRequest)
		for _, move := range []struct {
			verb, status, payment string
			quantity, reserved    float64
		}{
			{"pay", "paid", "paid", 10, 3}, {"fulfill", "fulfilled", "paid", 7, 0}, {"return", "returned", "refunded", 10, 0},
		} {
			for range 2 { // repeating one that has happened: 200, nothing happens twice
				moved := shop.post(o+"/"+move.verb, nil).want(http.StatusOK).object()
				if moved["status"] != move.status || moved["payment_status"] != move.payment {
					t.Errorf("%s: %v", move.verb, moved)
				}
				if l := shop.level(mug); l["quantity"] != move.quantity || l["reserved_quantity"] != move.reserved {
					t.Errorf("%s: %v", move.verb, l)
				}
			}
		}
		shop.post(o+"/cancel", nil).want(http.StatusBadRequest)
		var reasons []any
		for _, a := range shop.get(shop.path + "/inventory/" + shop.level(mug)["id"].(string) + "/adjustments").want(http.StatusOK).array() {
			reasons = append(reasons, a["reason"])
		}
		if fmt.Sprint(reasons) != "[returned sold reserved received]" {
			t.Errorf("%v", reasons)
		}
	})
}

func TestOrders_cancelReleasesAndRefunds(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "5.00", 10)
		shop.post(shop.path+"/discounts", object{"code": "ONCE", "type": "fixed_amount", "value": "1.00", "usage_limit": 1}).want(http.StatusCreated)
		order := func() string {
			return shop.path + "/orders/" + shop.post(shop.path+"/orders", with(basket(mug, 3), "discount_code", "ONCE")).want(http.StatusCreated).object()["id"].(string)
		}
		first := order()
		shop.post(shop.path+"/orders", with(basket(mug, 1), "discount_code", "ONCE")).want(http.StatusBadRequest)
		shop.post(first+"/pay", nil).want(http.StatusOK)
		for range 2 {
			if o := shop.post(first+"/cancel", nil).want(http.StatusOK).object(); o["status"] != "cancelled" || o["payment_status"] != "refunded" || o["refunded_total"] != "14.00" {
				t.Errorf("%v", o)
			}
		}
		if l := shop.level(mug); l["reserved_quantity"] != 0.0 || l["quantity"] != 10.0 {
			t.Errorf("%v", l)
		}
		order() // the use was given back, once
	})
}

func TestOrders_anUnpaidOneIsCancelledWhenItsHoldRunsOut(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "5.00", 10)
		o := shop.post(shop.path+"/orders", basket(mug, 3)).want(http.StatusCreated).object()
		if o["reserved_until"] != "2026-01-15T13:00:00Z" {
			t.Errorf("%v", o["reserved_until"])
		}
		p.clock.Advance(time.Hour)
		if err := p.orders.CancelExpired(t.Context()); err != nil {
			t.Fatal(err)
		}
		if o = shop.get(shop.path + "/orders/" + o["id"].(string)).want(http.StatusOK).object(); o["status"] != "cancelled" {
			t.Errorf("%v", o)
		}
		if l := shop.level(mug); l["reserved_quantity"] != 0.0 {
			t.Errorf("%v", l)
		}
	})
}

func TestOrders_allocationPrefersTheDefaultThenOneThenFew(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "1.00", 5)
		east := shop.post(shop.path+"/warehouses", object{"name": "East"}).want(http.StatusCreated).object()["id"].(string)
		west := shop.post(shop.path+"/warehouses", object{"name": "West"}).want(http.StatusCreated).object()["id"].(string)
		shop.post(shop.path+"/inventory", object{"variant_id": mug, "warehouse_id": east, "quantity": 8}).want(http.StatusCreated)
		shop.post(shop.path+"/inventory", object{"variant_id": mug, "warehouse_id": west, "quantity": 3}).want(http.StatusCreated)
		main := shop.get(shop.path + "/warehouses").array()[0]["id"].(string)
		for _, c := range []struct {
			n    int
			want string
		}{
			{4, main + ":4"}, {8, east + ":8"}, {4, west + ":3 " + main + ":1"},
		} {
			o := shop.post(shop.path+"/orders", basket(mug, c.n)).want(http.StatusCreated).object()
			var got []string
			for _, a := range o["items"].(array)[0].(object)["allocations"].(array) {
				got = append(got, fmt.Sprintf("%v:%v", a.(object)["warehouse_id"], a.(object)["quantity"]))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%d from %v, not %s", c.n, got, c.want)
			}
		}
		shop.post(shop.path+"/orders", basket(mug, 1)).want(http.StatusBadRequest)
	})
}

func TestOrders_listFiltersAndSearches(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "1.00", 100)
		var ids []string
		for i := range 5 {
			o := shop.post(shop.path+"/orders", with(basket(mug, 1), "customer", object{"email": fmt.Sprintf("c%d@example.com", i), "name": "Émile Zola"})).want(http.StatusCreated).object()
			ids = append(ids, o["id"].(string))
		}
		shop.post(shop.path+"/orders/"+ids[2]+"/pay", nil).want(http.StatusOK)
		for query, want := range map[string]int{
			"": 5, "?status=pending": 4, "?status=paid": 1, "?q=c3@": 1, "?q=ÉMILE": 5, "?q=1002": 1, "?q=nobody": 0, "?status=paid&q=c1": 0,
		} {
			if got := shop.get(shop.path + "/orders" + query).want(http.StatusOK).array(); len(got) != want {
				t.Errorf("%q finds %d, not %d", query, len(got), want)
			}
		}
		shop.get(shop.path + "/orders?status=lost").want(http.StatusUnprocessableEntity)
		if all := shop.all(shop.path+"/orders", 2); len(all) != 5 || all[0]["id"] != ids[4] || all[4]["id"] != ids[0] {
			t.Errorf("%v", column(all, "id"))
		}
	})
}

func TestOrders_twentyAtOnceForTenUnits(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "1.00", 10)
		var mu sync.Mutex
		statuses := map[int]int{}
		numbers := map[any]bool{}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				r := shop.post(shop.path+"/orders", basket(mug, 1))
				mu.Lock()
				defer mu.Unlock()
				statuses[r.status]++
				if r.status == http.StatusCreated {
					numbers[r.object()["number"]] = true
				}
			})
		}
		all.Wait()
		if statuses[http.StatusCreated] != 10 || statuses[http.StatusBadRequest] != 10 || len(numbers) != 10 {
			t.Errorf("%v, %d numbers", statuses, len(numbers))
		}
	})
}

func TestOrders_underOneIdempotencyKeyThereIsOneOrder(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "1.00", 10)
		first := shop.postKeyed("one", shop.path+"/orders", basket(mug, 4)).want(http.StatusCreated)
		again := shop.postKeyed("one", shop.path+"/orders", basket(mug, 4)).want(http.StatusCreated)
		if again.header.Get("Idempotency-Replayed") != "true" || again.object()["id"] != first.object()["id"] {
			t.Errorf("%s", again.raw)
		}
		if l := shop.level(mug); l["reserved_quantity"] != 4.0 {
			t.Errorf("%v", l)
		}
		pay := shop.path + "/orders/" + first.object()["id"].(string) + "/pay"
		for range 2 {
			shop.postKeyed("two", pay, nil).want(http.StatusOK)
		}
	})
}

func TestOrders_ofADropshippingStoreGoToTheSupplier(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		shop := counter{c, p, c.store(object{})}
		product, lamp := shop.sells("LAMP-1", "30.00", -1)
		supplier := shop.post(shop.path+"/suppliers", object{"name": "Lights & Co"}).want(http.StatusCreated).object()["id"].(string)
		shop.put(shop.path+"/products/"+product+"/suppliers/"+supplier, object{"supplier_sku": "L-9", "cost": "11.00", "is_primary": true}).want(http.StatusOK)
		o := shop.post(shop.path+"/orders", basket(lamp, 2)).want(http.StatusCreated).object()
		if o["items"].(array)[0].(object)["supplier_id"] != supplier || o["reserved_until"] != nil {
			t.Errorf("%v", o)
		}
		if found := shop.get(shop.path + "/purchase-orders").want(http.StatusOK).array(); len(found) != 0 {
			t.Errorf("before it is paid: %v", found)
		}
		shop.post(shop.path+"/orders/"+o["id"].(string)+"/pay", nil).want(http.StatusOK)
		found := shop.get(shop.path + "/purchase-orders?status=open").want(http.StatusOK).array()
		if len(found) != 1 || found[0]["supplier_name"] != "Lights & Co" || found[0]["total_cost"] != "22.00" || found[0]["order_id"] != o["id"] {
			t.Fatalf("%v", found)
		}
		if item := found[0]["items"].(array)[0].(object); item["supplier_sku"] != "L-9" || item["quantity"] != 2.0 || item["cost"] != "11.00" {
			t.Errorf("%v", item)
		}
	})
}

func TestCustomers_haveTotals(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "5.00", 100)
		for _, email := range []string{"ada@example.com", "ADA@example.com", "bob@example.com"} {
			o := shop.post(shop.path+"/orders", with(basket(mug, 2), "customer", object{"email": email})).want(http.StatusCreated).object()
			if email != "bob@example.com" {
				shop.post(shop.path+"/orders/"+o["id"].(string)+"/pay", nil).want(http.StatusOK)
			}
		}
		customers := shop.get(shop.path + "/customers").want(http.StatusOK).array()
		if len(customers) != 2 || customers[1]["email"] != "ada@example.com" || customers[1]["orders_count"] != 2.0 || customers[1]["total_spent"] != "20.00" || customers[0]["total_spent"] != "0.00" {
			t.Errorf("%v", customers)
		}
		if found := shop.get(shop.path + "/customers?q=BOB").want(http.StatusOK).array(); len(found) != 1 {
			t.Errorf("%v", found)
		}
		one := shop.get(shop.path + "/customers/" + customers[1]["id"].(string)).want(http.StatusOK).object()
		if one["email"] != "ada@example.com" {
			t.Errorf("%v", one)
		}
		if orders := shop.get(shop.path + "/orders?customer_id=" + one["id"].(string)).want(http.StatusOK).array(); len(orders) != 2 {
			t.Errorf("%d orders", len(orders))
		}
	})
}

func TestAnalytics_summary(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		product, mug := shop.sells("MUG-1", "5.00", 100)
		kept := shop.post(shop.path+"/orders", basket(mug, 3)).want(http.StatusCreated).object()["id"].(string)
		shop.post(shop.path+"/orders/"+kept+"/pay", nil).want(http.StatusOK)
		gone := shop.post(shop.path+"/orders", basket(mug, 7)).want(http.StatusCreated).object()["id"].(string)
		shop.post(shop.path+"/orders/"+gone+"/cancel", nil).want(http.StatusOK)
		s := shop.get(shop.path + "/analytics/summary?from=2026-01-14&to=2026-01-16").want(http.StatusOK).object()
		if s["revenue"] != "15.00" || s["orders"] != 1.0 || s["units"] != 3.0 || s["average_order_value"] != "15.00" {
			t.Errorf("%v", s)
		}
		daily := s["daily"].(array)
		if len(daily) != 3 || daily[1].(object)["date"] != "2026-01-15" || daily[1].(object)["revenue"] != "15.00" || daily[0].(object)["orders"] != 0.0 {
			t.Errorf("%v", daily)
		}
		if top := s["top_products"].(array); len(top) != 1 || top[0].(object)["product_id"] != product || top[0].(object)["units"] != 3.0 {
			t.Errorf("%v", top)
		}
		shop.get(shop.path + "/analytics/summary?from=yesterday").want(http.StatusUnprocessableEntity)
		shop.get(shop.path + "/analytics/summary?from=2026-02-01&to=2026-01-01").want(http.StatusUnprocessableEntity)
	})
}
