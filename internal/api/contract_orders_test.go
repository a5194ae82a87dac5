package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/inventory"
	"vitrine/internal/order"
)

// accounts checks that stock, orders and what is counted of them agree.
func (c counter) accounts() {
	c.t.Helper()
	for d, err := range inventory.Verify(c.t.Context(), c.p.db) {
		if err != nil {
			c.t.Fatal(err)
		}
		c.t.Error(d)
	}
	for d, err := range order.Verify(c.t.Context(), c.p.db) {
		if err != nil {
			c.t.Fatal(err)
		}
		c.t.Error(d)
	}
}

// ordered places an order and returns its path.
func (c counter) ordered(request object) string {
	c.t.Helper()
	return c.path + "/orders/" + c.post(c.path+"/orders", request).want(http.StatusCreated).object()["id"].(string)
}

var orderMembers = []string{
	"id", "number", "store_id", "status", "payment_status", "customer", "items", "subtotal", "discount_total", "tax_total", "shipping_total", "total", "currency", "created_at",
}

func TestContract_orders_haveTheMembersOfTheContract(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "12.99", 10)
		o := shop.get(shop.ordered(basket(mug, 2))).want(http.StatusOK).object()
		item := o["items"].(array)[0].(object)
		for _, c := range []struct {
			in      object
			members []string
		}{
			{o, orderMembers},
			{o["customer"].(object), []string{"email", "name"}},
			{item, []string{"variant_id", "sku", "title", "quantity", "unit_price", "total", "supplier_id", "allocations"}},
			{item["allocations"].(array)[0].(object), []string{"warehouse_id", "quantity"}},
		} {
			for _, member := range c.members {
				if _, there := c.in[member]; !there {
					t.Errorf("%s is missing in %v", member, c.in)
				}
			}
		}
		if o["store_id"] != strings.TrimPrefix(shop.path, "/stores/") || item["supplier_id"] != nil || item["title"] != "MUG-1" || o["created_at"] != "2026-01-15T12:00:00Z" {
			t.Errorf("%v", o)
		}
	})
}

// TestContract_orders_movesByTheirState has every move in every state: from some it
// leads on, where it has happened it changes nothing, and in others it is refused.
func TestContract_orders_movesByTheirState(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "5.00", 100)
		to := map[string][]string{ // how an order comes into a state
			"pending": {}, "paid": {"pay"}, "fulfilled": {"pay", "fulfill"}, "cancelled": {"cancel"}, "returned": {"pay", "fulfill", "return"},
		}
		for state, way := range to {
			for move, want := range map[string]map[string]int{
				"pay":     {"pending": 200, "paid": 200, "cancelled": 400},
				"fulfill": {"pending": 400, "paid": 200, "fulfilled": 200, "cancelled": 400},
				"cancel":  {"pending": 200, "paid": 200, "fulfilled": 400, "cancelled": 200, "returned": 400},
				"return":  {"pending": 400, "paid": 400, "fulfilled": 200, "cancelled": 400, "returned": 200},
			} {
				if want[state] == 0 {
					continue
				}
				o := shop.ordered(basket(mug, 1))
				for _, step := range way {
					shop.post(o+"/"+step, nil).want(http.StatusOK)
				}
				before := shop.get(o).object()
				moved := shop.post(o+"/"+move, nil).want(want[state])
				if want[state] == http.StatusBadRequest && fmt.Sprint(shop.get(o).object()) != fmt.Sprint(before) {
					t.Errorf("%s of an order that is %s changed it", move, state)
				}
				if want[state] == http.StatusOK && slices.Contains(way, move) && fmt.Sprint(moved.object()) != fmt.Sprint(before) {
					t.Errorf("a second %s changed the order: %v", move, moved.object())
				}
			}
		}
		shop.accounts()
	})
}

func TestContract_orders_severalMovesOfOneAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "5.00", 100)
		shop.post(shop.path+"/discounts", object{"code": "TEN", "type": "percentage", "value": "10"}).want(http.StatusCreated)
		moves := []string{"pay", "fulfill", "cancel", "return"}
		for range 5 {
			o := shop.ordered(with(basket(mug, 1), "discount_code", "TEN"))
			together(16, func(i int) *response {
				if i >= 12 { // others come and go meanwhile
					return shop.post(shop.path+"/orders", with(basket(mug, 1), "discount_code", "TEN"))
				}
				r := shop.post(o+"/"+moves[i%4], nil)
				if r.status != http.StatusOK && r.status != http.StatusBadRequest {
					t.Errorf("%s: %d %s", moves[i%4], r.status, r.raw)
				}
				return r
			})
		}
		shop.accounts()
	})
}

func TestContract_orders_ownAndDroppedShippedLinesOfAHybridStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "5.00", 10)
		lampProduct, lamp := shop.sells("LAMP-1", "30.00", -1)
		rugProduct, rug := shop.sells("RUG-1", "80.00", -1)
		_, card := shop.sells("CARD-1", "1.00", -1) // of nobody
		lights := shop.id(shop.path+"/suppliers", object{"name": "Lights"})
		other := shop.id(shop.path+"/suppliers", object{"name": "Other lights"})
		weavers := shop.id(shop.path+"/suppliers", object{"name": "Weavers"})
		link := func(product, supplier, cost string, primary bool) {
			shop.put(shop.path+"/products/"+product+"/suppliers/"+supplier, object{"cost": cost, "is_primary": primary}).want(http.StatusOK)
		}
		link(lampProduct, other, "10.00", false)
		link(lampProduct, lights, "11.50", true)
		link(rugProduct, weavers, "40.00", true)
		o := shop.ordered(basket(mug, 2, lamp, 3, rug, 1, card, 1, lamp, 1))
		items := shop.get(o).object()["items"].(array)
		want := []any{nil, lights, weavers, nil, lights}
		for i, item := range items {
			if got := item.(object)["supplier_id"]; got != want[i] {
				t.Errorf("line %d goes to %v, not %v", i, got, want[i])
			}
			if n := len(item.(object)["allocations"].(array)); (n > 0) != (i == 0) {
				t.Errorf("line %d has %d allocations", i, n)
			}
		}
		if l := shop.level(mug); l["reserved_quantity"] != 2.0 {
			t.Errorf("%v", l)
		}
		shop.post(o+"/pay", nil).want(http.StatusOK)
		shop.post(o+"/pay", nil).want(http.StatusOK)
		costs := map[any]any{}
		for _, po := range shop.get(shop.path + "/purchase-orders").want(http.StatusOK).array() {
			costs[po["supplier_id"]] = po["total_cost"]
		}
		if len(costs) != 2 || costs[lights] != "46.00" || costs[weavers] != "40.00" {
			t.Errorf("%v", costs)
		}
		shop.delete(shop.path + "/suppliers/" + weavers).want(http.StatusNoContent) // what they have to ship stays
		if po := shop.get(shop.path + "/purchase-orders?supplier_id=" + weavers).want(http.StatusOK).array(); len(po) != 1 || po[0]["supplier_name"] != "Weavers" || len(po[0]["items"].(array)) != 1 {
			t.Errorf("%v", po)
		}
		shop.accounts()
	})
}

func TestContract_orders_allocationLeavesClosedWarehousesOut(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "1.00", 2)
		closed := shop.id(shop.path+"/warehouses", object{"name": "Closed"})
		shop.post(shop.path+"/inventory", object{"variant_id": mug, "warehouse_id": closed, "quantity": 50}).want(http.StatusCreated)
		shop.patch(shop.path+"/warehouses/"+closed, object{"is_active": false}).want(http.StatusOK)
		shop.post(shop.path+"/orders", basket(mug, 3)).want(http.StatusBadRequest).detail("MUG-1")
		shop.ordered(basket(mug, 2))
		shop.patch(shop.path+"/warehouses/"+closed, object{"is_active": true}).want(http.StatusOK)
		shop.ordered(basket(mug, 50))
		shop.accounts()
	})
}

func TestContract_orders_backorderHoldsMoreThanThereIs(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		product := shop.post(shop.path+"/products", object{"title": "Vase", "variants": array{object{"sku": "VASE", "price": "9.00", "allow_backorder": true}}}).want(http.StatusCreated).object()
		vase := variantOf(product, 0)
		shop.post(shop.path+"/inventory", object{"variant_id": vase, "quantity": 2}).want(http.StatusCreated)
		o := shop.ordered(basket(vase, 5))
		if l := shop.level(vase); l["quantity"] != 2.0 || l["reserved_quantity"] != 5.0 || l["available_quantity"] != 0.0 {
			t.Errorf("%v", l)
		}
		shop.post(o+"/pay", nil).want(http.StatusOK)
		shop.post(o+"/fulfill", nil).want(http.StatusBadRequest).detail("Only 2 are on hand, not 5.")
		shop.patch(shop.path+"/products/"+product["id"].(string)+"/variants/"+vase, object{"allow_backorder": false}).want(http.StatusBadRequest)
		shop.post(shop.path+"/inventory/"+shop.level(vase)["id"].(string)+"/adjust", object{"quantity_change": 4, "reason": "received"}).want(http.StatusOK)
		shop.post(o+"/fulfill", nil).want(http.StatusOK)
		if l := shop.level(vase); l["quantity"] != 1.0 || l["reserved_quantity"] != 0.0 {
			t.Errorf("%v", l)
		}
		shop.accounts()
	})
}

// TestContract_orders_backorderNeedsNoLevel sells what shoppers see as in stock though
// nobody ever said how much there is.
func TestContract_orders_backorderNeedsNoLevel(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		product := shop.post(shop.path+"/products", object{"title": "Vase", "variants": array{
			object{"sku": "MADE", "price": "9.00", "allow_backorder": true}, object{"sku": "COUNTED", "price": "9.00"},
		}}).want(http.StatusCreated).object()
		made, counted := variantOf(product, 0), variantOf(product, 1)
		if v := p.nobody(t).get(shop.front(shop.path) + "/products/vase").object()["variants"].(array); v[0].(object)["in_stock"] != true || v[1].(object)["in_stock"] != false {
			t.Errorf("%v", v)
		}
		shop.post(shop.path+"/orders", basket(made, 2, counted, 1)).want(http.StatusBadRequest).detail("COUNTED")
		if levels := shop.get(shop.path + "/inventory").array(); len(levels) != 0 {
			t.Errorf("a refused order leaves %v", levels)
		}
		counts := together(8, func(int) *response { return shop.post(shop.path+"/orders", basket(made, 2, made, 1)) })
		if counts[http.StatusCreated] != 8 {
			t.Errorf("%v", counts)
		}
		levels := shop.get(shop.path + "/inventory").array()
		if len(levels) != 1 || levels[0]["quantity"] != 0.0 || levels[0]["reserved_quantity"] != 24.0 || levels[0]["warehouse_name"] != "Main Warehouse" {
			t.Fatalf("%v", levels)
		}
		main := shop.path + "/warehouses/" + levels[0]["warehouse_id"].(string)
		shop.patch(main, object{"is_active": false}).want(http.StatusOK)
		shop.post(shop.path+"/orders", basket(made, 1)).want(http.StatusBadRequest).detail("MADE")
		shop.accounts()
	})
}

func TestContract_orders_nothingOfAnotherStoreCanBeOrdered(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop, other := p.open(t), p.open(t)
		_, mug := shop.sells("MUG-1", "1.00", 10)
		_, theirs := other.sells("MUG-1", "1.00", 10)
		other.post(other.path+"/discounts", object{"code": "TEN", "type": "percentage", "value": "10"}).want(http.StatusCreated)
		shop.post(shop.path+"/orders", basket(mug, 1, theirs, 1)).want(http.StatusNotFound)
		shop.post(shop.path+"/orders", with(basket(mug, 1), "discount_code", "TEN")).want(http.StatusBadRequest)
		front := shop.front(shop.path)
		shop.post(front+"/checkout", basket(theirs, 1)).want(http.StatusNotFound)
		shop.post(front+"/cart/quote", object{"items": array{object{"variant_id": theirs, "quantity": 1}}}).want(http.StatusNotFound)
		if l := other.level(theirs); l["reserved_quantity"] != 0.0 {
			t.Errorf("%v", l)
		}
	})
}

func TestContract_orders_quantitiesThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "999999999.99", 10)
		_, tea := shop.sells("TEA-1", "999999999.99", -1)
		for _, n := range []any{0, -1, 1.5, "1", nil, true, 1_000_001, 9_223_372_036_854_775_807, 1e300} {
			shop.post(shop.path+"/orders", basket(mug, n)).want(http.StatusUnprocessableEntity)
		}
		shop.post(shop.path+"/orders", basket(tea, 1_000_000)).want(http.StatusBadRequest).detail("more than can be counted")
		many := array{}
		for range 201 {
			many = append(many, object{"variant_id": mug, "quantity": 1})
		}
		shop.post(shop.path+"/orders", with(basket(), "items", many)).invalid("body.items")
		shop.accounts()
	})
}

func TestContract_orders_roundInTheDecimalsOfTheCurrency(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		for _, x := range []struct{ currency, price, bad, subtotal, discount, tax, total string }{
			{"JPY", "333", "333.5", "999", "100", "74", "973"},                               // 99.9; 8.25 % of 899 is 74.1675
			{"KWD", "1.005", "1.0005", "3.015", "0.302", "0.224", "2.937"},                   // 0.3015; of 2.713: 0.2238…
			{"EUR", "3.35", "3.355", "10.05", "1.01", "0.75", "9.79"},                        // 1.005; of 9.04: 0.7458
			{"USD", "0.01", "0.001", "0.03", "0.00", "0.00", "0.03"},                         // 0.003; 0.002475
			{"CLP", "20", "20.1", "60", "6", "4", "58"},                                      // 6; of 54: 4.455
			{"BHD", "0.006", "0.0061", "0.018", "0.002", "0.001", "0.017"},                   // 0.0018; of 0.016: 0.00132
			{"GBP", "333333.33", "0.001", "999999.99", "100000.00", "74250.00", "974249.99"}, // 99999.999; of 899999.99: 74249.999…
		} {
			shop := counter{c, p, c.store(object{"store_type": "dropshipping", "currency": x.currency})}
			product := shop.post(shop.path+"/products", object{"title": "Mug", "variants": array{object{"price": x.price}}}).want(http.StatusCreated).object()
			shop.post(shop.path+"/products", object{"title": "Mug", "variants": array{object{"price": x.bad}}}).want(http.StatusUnprocessableEntity)
			shop.post(shop.path+"/discounts", object{"code": "TEN", "type": "percentage", "value": "10"}).want(http.StatusCreated)
			shop.post(shop.path+"/tax-rules", object{"name": "All", "country": "DE", "rate": "8.25", "state": "", "zip_code": ""}).want(http.StatusCreated)
			to := object{"address": "1", "city": "Ulm", "state": "BW", "country": "DE", "zip_code": "89073"}
			o := shop.post(shop.path+"/orders", with(with(basket(variantOf(product, 0), 3), "discount_code", "ten"), "shipping_address", to)).want(http.StatusCreated).object()
			if o["subtotal"] != x.subtotal || o["discount_total"] != x.discount || o["tax_total"] != x.tax || o["total"] != x.total || o["currency"] != x.currency {
				t.Errorf("%s: %v, less %v, tax %v, total %v; want %+v", x.currency, o["subtotal"], o["discount_total"], o["tax_total"], o["total"], x)
			}
			shop.accounts()
		}
	})
}

func TestContract_orders_taxByPriorityCompoundStateAndZipCode(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "100.00", 100)
		for _, rule := range []object{
			{"name": "Federal", "country": "CA", "rate": "5", "priority": 1},
			{"name": "Provincial", "country": "CA", "state": "QC", "rate": "9.975", "priority": 2, "is_compound": true},
			{"name": "City", "country": "CA", "state": "QC", "zip_code": "H2X 1Y4", "rate": "1", "priority": 3},
			{"name": "Off", "country": "CA", "rate": "50", "is_active": false},
			{"name": "Elsewhere", "country": "US", "rate": "7"},
		} {
			shop.post(shop.path+"/tax-rules", rule).want(http.StatusCreated)
		}
		for _, c := range []struct{ country, state, zip, tax string }{
			{"CA", "ON", "K1A 0B1", "5.00"},
			{"CA", "QC", "G1A 0A2", "15.47"}, // 5 + 9.975 % of 105 = 10.47375
			{"CA", "qc", "h2x 1y4", "16.47"},
			{"US", "NY", "10001", "7.00"},
			{"DE", "BW", "89073", "0.00"},
		} {
			to := object{"address": "1", "city": "C", "state": c.state, "country": c.country, "zip_code": c.zip}
			o := shop.post(shop.path+"/orders", with(basket(mug, 1), "shipping_address", to)).want(http.StatusCreated).object()
			if o["tax_total"] != c.tax {
				t.Errorf("%+v: %v", c, o["tax_total"])
			}
		}
		shop.accounts()
	})
}

func TestContract_orders_discountCodesThatCannotBeUsed(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		mugs := shop.id(shop.path+"/categories", object{"name": "Mugs"})
		product, mug := shop.sells("MUG-1", "10.00", 100)
		_, pot := shop.sells("POT-1", "30.00", 100)
		shop.patch(shop.path+"/products/"+product, object{"category_ids": array{mugs}}).want(http.StatusOK)
		for code, fields := range map[string]object{
			"LATER":    {"starts_at": "2026-01-16T00:00:00Z"},
			"OVER":     {"expires_at": "2026-01-15T11:59:59Z"},
			"OFF":      {"status": "disabled"},
			"BIG":      {"minimum_amount": "20.01"},
			"PRODUCT":  {"applies_to": "products", "product_ids": array{product}},
			"CATEGORY": {"applies_to": "categories", "category_ids": array{mugs}},
		} {
			shop.post(shop.path+"/discounts", with(with(with(fields, "code", code), "type", "percentage"), "value", "50")).want(http.StatusCreated)
		}
		quote := shop.front(shop.path) + "/cart/quote"
		for _, c := range []struct {
			code   string
			of     string
			n      int
			reason string // of a refusal
			off    string
		}{
			{"LATER", mug, 1, "is not valid yet", ""},
			{"OVER", mug, 1, "has expired", ""},
			{"OFF", mug, 1, "is not active", ""},
			{"BIG", mug, 2, "needs an order of at least 20.01 USD.", ""},
			{"NONE", mug, 1, "There is no discount code", ""},
			{"PRODUCT", pot, 1, "is not for any of these products", ""},
			{"CATEGORY", pot, 1, "is not for any of these products", ""},
			{"BIG", mug, 3, "", "15.00"},
			{"PRODUCT", mug, 1, "", "5.00"},
			{"category", mug, 1, "", "5.00"},
		} {
			request := with(basket(c.of, c.n), "discount_code", c.code)
			without := object{"items": request["items"], "discount_code": c.code}
			if c.reason != "" {
				shop.post(shop.path+"/orders", request).want(http.StatusBadRequest).detail(c.reason)
				shop.post(quote, without).want(http.StatusBadRequest).detail(c.reason)
				continue
			}
			if o := shop.post(shop.path+"/orders", request).want(http.StatusCreated).object(); o["discount_total"] != c.off {
				t.Errorf("%+v: %v", c, o["discount_total"])
			}
		}
		shop.accounts()
	})
}

func TestContract_orders_usesOfADiscountAreExact(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "10.00", 100)
		code := shop.path + "/discounts/" + shop.id(shop.path+"/discounts", object{"code": "FEW", "type": "fixed_amount", "value": "1", "usage_limit": 5})
		used := func(want float64) {
			t.Helper()
			if got := shop.get(code).object()["times_used"]; got != want {
				t.Errorf("used %v times, not %v", got, want)
			}
		}
		counts := together(20, func(int) *response {
			return shop.post(shop.path+"/orders", with(basket(mug, 1), "discount_code", "few"))
		})
		if counts[http.StatusCreated] != 5 || counts[http.StatusBadRequest] != 15 {
			t.Errorf("%v", counts)
		}
		used(5)
		orders := shop.get(shop.path + "/orders").array()
		first := shop.path + "/orders/" + orders[0]["id"].(string)
		together(8, func(int) *response { return shop.post(first+"/cancel", nil) })
		used(4)
		second := shop.path + "/orders/" + orders[1]["id"].(string)
		for _, move := range []string{"pay", "fulfill", "return"} {
			shop.post(second+"/"+move, nil).want(http.StatusOK)
		}
		used(4) // a return gives no use back
		p.clock.Advance(time.Hour)
		if err := p.orders.CancelExpired(t.Context()); err != nil {
			t.Fatal(err)
		}
		used(1)
		shop.accounts()
	})
}

func TestContract_customersAndAnalytics_subtractWhatWasPaidBack(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "10.00", 100)
		kept, back := shop.ordered(basket(mug, 3)), shop.ordered(basket(mug, 2))
		for _, o := range []string{kept, back} {
			shop.post(o+"/pay", nil).want(http.StatusOK)
			shop.post(o+"/fulfill", nil).want(http.StatusOK)
		}
		shop.post(back+"/return", nil).want(http.StatusOK)
		shop.post(shop.ordered(basket(mug, 7))+"/cancel", nil).want(http.StatusOK)
		customer := shop.get(shop.path + "/customers").want(http.StatusOK).array()[0]
		if customer["orders_count"] != 3.0 || customer["total_spent"] != "30.00" || customer["name"] != "Ada" {
			t.Errorf("%v", customer)
		}
		s := shop.get(shop.path + "/analytics/summary").want(http.StatusOK).object()
		if s["revenue"] != "30.00" || s["orders"] != 2.0 || s["average_order_value"] != "15.00" || len(s["daily"].(array)) != 30 {
			t.Errorf("%v", s)
		}
		if top := s["top_products"].(array)[0].(object); top["revenue"] != "30.00" || top["title"] != "MUG-1" {
			t.Errorf("%v", top)
		}
		shop.accounts()
	})
}

// TestContract_lists_whatIsNoTextIsSearchedForByNobody sends bytes that no database
// takes as text.
func TestContract_lists_whatIsNoTextIsSearchedForByNobody(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		for _, list := range []string{"/orders", "/customers", "/products", "/inventory"} {
			for _, q := range []string{"%00", "a%00b", "%1f", "%7f"} {
				shop.get(shop.path + list + "?q=" + q).invalid("query.q")
			}
			for _, q := range []string{"%25_%5c%27", "%ff", "%c3%28"} {
				if found := shop.get(shop.path + list + "?q=" + q).want(http.StatusOK).array(); len(found) != 0 {
					t.Errorf("%s finds %v", list, found)
				}
			}
		}
		front := shop.front(shop.path)
		shopper := p.nobody(t)
		for _, path := range []string{"/storefront/%00", "/storefront/%ff", front + "/products/%00", front + "/products/%ff", front + "/products/%ff/reviews"} {
			shopper.get(path).want(http.StatusNotFound)
		}
		for _, category := range []string{"%00", "%ff"} {
			if r := shopper.get(front + "/products?category=" + category); r.status != http.StatusOK && r.status != http.StatusUnprocessableEntity {
				t.Errorf("category %s: %d %s", category, r.status, r.raw)
			}
		}
		shop.get(shop.path + "/analytics/summary?from=%00").invalid("query.from").detail("The from must be a date")
		shop.get(shop.path + "/analytics/summary?from=2026-02-01&to=2026-01-01").invalid("query.from").detail("The from must not be after to")
	})
}
