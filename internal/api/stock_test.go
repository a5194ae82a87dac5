package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"vitrine/internal/inventory"
)

// stockShop is an ecommerce store in the hands of its merchant.
type stockShop struct {
	*client
	p    *platform
	path string
	main string // the default warehouse
}

func (p *platform) stockShop(t *testing.T) *stockShop {
	t.Helper()
	c := p.merchant(t)
	s := &stockShop{client: c, p: p, path: c.store(object{"store_type": "ecommerce"})}
	s.main = c.get(s.path + "/warehouses").array()[0]["id"].(string)
	return s
}

// product makes a product with a variant for each SKU, and returns it.
func (s *stockShop) product(fields object, skus ...string) object {
	s.t.Helper()
	variants := array{}
	for _, sku := range skus {
		variants = append(variants, object{"sku": sku, "title": "In " + sku})
	}
	if fields["title"] == nil {
		fields["title"] = "Mug"
	}
	fields["variants"] = variants
	return s.post(s.path+"/products", fields).want(http.StatusCreated).object()
}

// variant makes a product with one variant, and returns that one's id.
func (s *stockShop) variant(sku string) string {
	s.t.Helper()
	return variantOf(s.product(object{}, sku), 0)
}

func variantOf(product object, i int) string {
	return product["variants"].(array)[i].(object)["id"].(string)
}

// warehouse makes a warehouse and returns its id.
func (s *stockShop) warehouse(name string) string {
	s.t.Helper()
	return s.post(s.path+"/warehouses", object{"name": name}).want(http.StatusCreated).object()["id"].(string)
}

// set sets a level.
func (s *stockShop) set(variant string, fields object) object {
	s.t.Helper()
	fields["variant_id"] = variant
	return s.post(s.path+"/inventory", fields).want(http.StatusCreated).object()
}

// on returns the path of a level.
func (s *stockShop) on(level object) string { return s.path + "/inventory/" + level["id"].(string) }

// has checks a level's numbers.
func has(t *testing.T, level object, quantity, reserved, available float64) {
	t.Helper()
	if level["quantity"] != quantity || level["reserved_quantity"] != reserved || level["available_quantity"] != available {
		t.Errorf("%v on hand, %v reserved, %v available; want %v, %v, %v", level["quantity"], level["reserved_quantity"], level["available_quantity"], quantity, reserved, available)
	}
}

// ledger returns the changes of a level in the order in which they happened.
func (s *stockShop) ledger(level object) []object {
	s.t.Helper()
	all := s.all(s.on(level)+"/adjustments", 3)
	slices.Reverse(all)
	return all
}

// sound checks that ledger, holds and levels agree.
func (s *stockShop) sound() {
	s.t.Helper()
	for d, err := range inventory.Verify(s.t.Context(), s.p.db) {
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Error(d)
	}
}

func TestQA_inventory_01_createWarehouseWithAllFields(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		in := object{"name": "East Coast Warehouse", "address": "123 Main St", "city": "New York", "state": "NY", "country": "US", "zip_code": "10001", "is_default": false}
		made := s.post(s.path+"/warehouses", in).want(http.StatusCreated).object()
		for member, want := range in {
			if made[member] != want {
				t.Errorf("%s is %v, want %v", member, made[member], want)
			}
		}
		if made["is_active"] != true || "/stores/"+made["store_id"].(string) != s.path {
			t.Errorf("%v", made)
		}
		if got := s.get(s.path + "/warehouses/" + made["id"].(string)).want(http.StatusOK).object(); !reflect.DeepEqual(got, made) {
			t.Errorf("read %v, made %v", got, made)
		}
	})
}

func TestQA_inventory_02_createDefaultWarehouseUnsetsThePrevious(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		s.post(s.path+"/warehouses", object{"name": "New", "is_default": true}).want(http.StatusCreated)
		all := s.get(s.path + "/warehouses").array()
		if len(all) != 2 || all[0]["name"] != "New" || all[0]["is_default"] != true || all[1]["is_default"] != false {
			t.Errorf("%v", all)
		}
	})
}

func TestQA_inventory_03_listShowsTheDefaultFirst(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		for _, name := range []string{"Zurich", "Aachen"} {
			s.warehouse(name)
		}
		if names := column(s.get(s.path+"/warehouses").array(), "name"); !slices.Equal(names, []any{"Main Warehouse", "Aachen", "Zurich"}) {
			t.Errorf("%v", names)
		}
	})
}

func TestQA_inventory_04_updateWarehouse(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		path := s.path + "/warehouses/" + s.main
		changed := s.patch(path, object{"name": " West ", "address": "1 Pine St", "country": "CA", "zip_code": "V5K"}).want(http.StatusOK).object()
		if changed["name"] != "West" || changed["address"] != "1 Pine St" || changed["country"] != "CA" || changed["city"] != nil || changed["is_default"] != true {
			t.Errorf("%v", changed)
		}
		if cleared := s.patch(path, object{"address": nil}).want(http.StatusOK).object(); cleared["address"] != nil || cleared["zip_code"] != "V5K" {
			t.Errorf("%v", cleared)
		}
		for member, bad := range map[string]any{"name": "", "address": "a\x00", "colour": "red"} {
			s.patch(path, object{member: bad}).invalid("body." + member)
		}
		s.patch(path, object{"name": nil}).invalid()
	})
}

func TestQA_inventory_05_setDefaultMovesTheFlag(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		other := s.warehouse("Other")
		if w := s.patch(s.path+"/warehouses/"+other, object{"is_default": true}).want(http.StatusOK).object(); w["is_default"] != true {
			t.Errorf("%v", w)
		}
		if w := s.get(s.path + "/warehouses/" + s.main).object(); w["is_default"] != false {
			t.Errorf("%v", w)
		}
		s.patch(s.path+"/warehouses/"+other, object{"is_default": false}).want(http.StatusBadRequest).detail("default")
		s.patch(s.path+"/warehouses/"+s.main, object{"is_default": false}).want(http.StatusOK)
	})
}

func TestQA_inventory_06_deleteWarehouse(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		path := s.path + "/warehouses/" + s.warehouse("Other")
		s.delete(path).want(http.StatusNoContent)
		if n := len(s.get(s.path + "/warehouses").array()); n != 1 {
			t.Errorf("%d warehouses", n)
		}
		s.get(path).want(http.StatusNotFound)
		s.patch(path, object{"name": "x"}).want(http.StatusNotFound)
		s.delete(path).want(http.StatusNotFound)
	})
}

func TestQA_inventory_07_theDefaultWarehouseCannotBeDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		s.delete(s.path + "/warehouses/" + s.main).want(http.StatusBadRequest).detail("default warehouse cannot be deleted")
	})
}

func TestQA_inventory_08_ownership(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s, other := p.stockShop(t), p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 5})
		other.get(s.path + "/warehouses/" + s.main).want(http.StatusNotFound)
		other.patch(other.path+"/warehouses/"+s.main, object{"name": "x"}).want(http.StatusNotFound)
		other.delete(other.path + "/warehouses/" + s.main).want(http.StatusNotFound)
		other.get(s.path + "/inventory").want(http.StatusNotFound)
		for _, verb := range []string{"/reserve", "/release", "/fulfill"} {
			other.post(other.path+"/inventory/"+level["id"].(string)+verb, object{"quantity": 1}).want(http.StatusNotFound)
		}
		other.get(other.path + "/inventory/" + level["id"].(string)).want(http.StatusNotFound)
		other.get(other.path + "/inventory/" + level["id"].(string) + "/adjustments").want(http.StatusNotFound)
		own := other.variant("B")
		other.post(other.path+"/inventory", object{"variant_id": level["variant_id"], "quantity": 1}).want(http.StatusNotFound)
		other.post(other.path+"/inventory", object{"variant_id": own, "warehouse_id": s.main, "quantity": 1}).want(http.StatusNotFound)
		other.post(other.path+"/inventory/transfers", object{"variant_id": own, "from_warehouse_id": other.main, "to_warehouse_id": s.main, "quantity": 1}).want(http.StatusNotFound)
		has(t, s.get(s.on(level)).object(), 5, 0, 5)
	})
}

func TestQA_inventory_09_setMakesALevel(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		product := s.product(object{"title": "Mug"}, "MUG-1")
		level := s.set(variantOf(product, 0), object{"warehouse_id": s.main, "quantity": 100, "reorder_point": 10, "reorder_quantity": 50})
		has(t, level, 100, 0, 100)
		for member, want := range map[string]any{
			"reorder_point": 10.0, "reorder_quantity": 50.0, "is_low_stock": false, "sku": "MUG-1", "product_title": "Mug", "variant_title": "In MUG-1",
			"warehouse_name": "Main Warehouse", "warehouse_id": s.main, "variant_id": variantOf(product, 0), "store_id": s.path[len("/stores/"):],
		} {
			if level[member] != want {
				t.Errorf("%s is %v, want %v", member, level[member], want)
			}
		}
		if got := s.get(s.on(level)).want(http.StatusOK).object(); !reflect.DeepEqual(got, level) {
			t.Errorf("read %v, made %v", got, level)
		}
		ledger := s.ledger(level)
		if len(ledger) != 1 || ledger[0]["reason"] != "received" || ledger[0]["quantity_change"] != 100.0 || ledger[0]["quantity_after"] != 100.0 {
			t.Errorf("%v", ledger)
		}
		standard := s.set(s.variant("B"), object{"quantity": 1})
		if standard["warehouse_id"] != s.main || standard["reorder_point"] != 0.0 || standard["reorder_quantity"] != 0.0 {
			t.Errorf("%v", standard)
		}
	})
}

func TestQA_inventory_10_setAgainUpdates(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		v := s.variant("A")
		first := s.set(v, object{"quantity": 100, "reorder_point": 5})
		p.clock.Advance(1e9)
		second := s.set(v, object{"quantity": 70, "reorder_quantity": 9})
		if second["id"] != first["id"] || second["reorder_point"] != 5.0 || second["reorder_quantity"] != 9.0 || second["updated_at"] == first["updated_at"] || second["created_at"] != first["created_at"] {
			t.Errorf("first %v, then %v", first, second)
		}
		has(t, second, 70, 0, 70)
		s.set(v, object{"quantity": 70}) // unchanged: no adjustment
		ledger := s.ledger(first)
		if len(ledger) != 2 || ledger[1]["reason"] != "correction" || ledger[1]["quantity_change"] != -30.0 {
			t.Errorf("%v", ledger)
		}
		s.sound()
	})
}

func TestQA_inventory_11_oneLevelOfAVariantInAWarehouse(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		v, other := s.variant("A"), s.warehouse("Other")
		done := make(chan string)
		for i := range 8 { // all at once: each is told the same level
			go func() {
				r := s.post(s.path+"/inventory", object{"variant_id": v, "quantity": 10 + i})
				done <- fmt.Sprint(r.status, r.object()["id"])
			}()
		}
		first := <-done
		for range 7 {
			if next := <-done; next != first || next[:3] != "201" {
				t.Errorf("%s and %s", first, next)
			}
		}
		s.set(v, object{"warehouse_id": other, "quantity": 3})
		if n := len(s.get(s.path + "/inventory?variant_id=" + v).array()); n != 2 {
			t.Errorf("%d levels in two warehouses", n)
		}
		s.sound()
	})
}

func TestQA_inventory_12_listShowsAllLevels(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		if got := s.get(s.path + "/inventory").want(http.StatusOK).array(); len(got) != 0 {
			t.Errorf("at first: %v", got)
		}
		other := s.warehouse("Other")
		var made []any
		for i, sku := range []string{"A", "B", "C"} {
			v := s.variant(sku)
			made = append(made, s.set(v, object{"quantity": i})["id"], s.set(v, object{"quantity": 9, "warehouse_id": other})["id"])
		}
		slices.Reverse(made) // the newest first
		if got := column(s.get(s.path+"/inventory").want(http.StatusOK).array(), "id"); !slices.Equal(got, made) {
			t.Errorf("%v, not %v", got, made)
		}
		if got := column(s.all(s.path+"/inventory", 4), "id"); !slices.Equal(got, made) {
			t.Errorf("by pages %v, not %v", got, made)
		}
	})
}

func TestQA_inventory_13_listIsFiltered(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		other := s.warehouse("Other")
		mug := s.product(object{"title": "Blue MUG", "vendor": "Größe & Söhne"}, "M-1", "M-2")
		hat := s.product(object{"title": "Hat"}, "H-1")
		a := s.set(variantOf(mug, 0), object{"quantity": 9})
		b := s.set(variantOf(mug, 1), object{"quantity": 2, "reorder_point": 2})
		c := s.set(variantOf(hat, 0), object{"quantity": 0, "warehouse_id": other})
		d := s.set(variantOf(hat, 0), object{"quantity": 7})
		for query, want := range map[string][]object{
			"":                                      {d, c, b, a},
			"?warehouse_id=" + other:                {c},
			"?warehouse_id=" + s.main:               {d, b, a},
			"?variant_id=" + variantOf(hat, 0):      {d, c},
			"?product_id=" + mug["id"].(string):     {b, a},
			"?low_stock=true":                       {c, b},
			"?low_stock=false":                      {d, c, b, a},
			"?q=blue%20mug":                         {b, a},
			"?q=m-2":                                {b},
			"?q=GR%C3%96SSE":                        {b, a},
			"?q=in%20h":                             {d, c},
			"?q=nothing":                            {},
			"?q=%25":                                {},
			"?q=m&low_stock=true":                   {b},
			"?q=hat&warehouse_id=" + other:          {c},
			"?warehouse_id=" + d["id"].(string):     {},
			"?low_stock=true&warehouse_id=" + other: {c},
		} {
			if got := s.get(s.path + "/inventory" + query).want(http.StatusOK).array(); !slices.Equal(column(got, "id"), column(want, "id")) {
				t.Errorf("%s finds %v", query, column(got, "sku"))
			}
		}
		for limit := 1; limit <= 4; limit++ {
			for query, n := range map[string]int{"": 4, "?q=hat": 2, "?q=m": 2} {
				if got := s.all(s.path+"/inventory"+query, limit); len(got) != n {
					t.Errorf("%q by %d: %v", query, limit, column(got, "sku"))
				}
			}
		}
		for query, where := range map[string]string{"warehouse_id=x": "query.warehouse_id", "low_stock=perhaps": "query.low_stock", "limit=0": "query.limit", "colour=red": "query.colour"} {
			s.get(s.path + "/inventory?" + query).invalid(where)
		}
	})
}

func TestQA_inventory_14_availableIsOnHandWithoutReserved(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 10})
		has(t, s.post(s.on(level)+"/reserve", object{"quantity": 4}).want(http.StatusOK).object(), 10, 4, 6)
		has(t, s.get(s.path + "/inventory").array()[0], 10, 4, 6)
	})
}

func TestQA_inventory_15_adjustUp(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 20})
		up := s.post(s.on(level)+"/adjust", object{"quantity_change": 10, "reason": "received"}).want(http.StatusOK).object()
		has(t, up, 30, 0, 30)
		if got := s.get(s.on(level)).object(); !reflect.DeepEqual(got, up) {
			t.Errorf("answered %v, found %v", up, got)
		}
		if e := s.ledger(level)[1]; e["quantity_change"] != 10.0 || e["reason"] != "received" || e["quantity_after"] != 30.0 {
			t.Errorf("%v", e)
		}
	})
}

func TestQA_inventory_16_adjustDown(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 30})
		down := s.post(s.on(level)+"/adjust", object{"quantity_change": -5, "reason": "damaged", "reference_id": nil, "notes": "Dropped during unloading"}).want(http.StatusOK).object()
		has(t, down, 25, 0, 25)
		if got := s.get(s.on(level)).object(); !reflect.DeepEqual(got, down) {
			t.Errorf("answered %v, found %v", down, got)
		}
	})
}

func TestQA_inventory_17_adjustBelowZeroIsRefused(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 3})
		s.post(s.on(level)+"/adjust", object{"quantity_change": -4, "reason": "damaged"}).want(http.StatusBadRequest).detail("Only 3 on hand; you can remove at most 3.")
		s.post(s.on(level)+"/reserve", object{"quantity": 2}).want(http.StatusOK)
		s.post(s.on(level)+"/adjust", object{"quantity_change": -2, "reason": "damaged"}).want(http.StatusBadRequest).detail("2 are reserved")
		s.post(s.path+"/inventory", object{"variant_id": level["variant_id"], "quantity": 1}).want(http.StatusBadRequest).detail("2 are reserved")
		has(t, s.get(s.on(level)).object(), 3, 2, 1)
		for _, reason := range []any{"reserved", "unreserved", "transfer", "stolen", "", nil} {
			s.post(s.on(level)+"/adjust", object{"quantity_change": 1, "reason": reason}).want(http.StatusUnprocessableEntity)
		}
		for _, change := range []any{0, "x", 1.5, nil, 2_000_000_000} {
			s.post(s.on(level)+"/adjust", object{"quantity_change": change, "reason": "received"}).want(http.StatusUnprocessableEntity)
		}
		s.sound()
	})
}

func TestQA_inventory_18_historyIsNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 10})
		for range 7 { // all in one moment: the order is that of their happening
			s.post(s.on(level)+"/adjust", object{"quantity_change": 1, "reason": "received"}).want(http.StatusOK)
		}
		for _, all := range [][]object{s.get(s.on(level) + "/adjustments").want(http.StatusOK).array(), s.all(s.on(level)+"/adjustments", 3)} {
			if got := column(all, "quantity_after"); !slices.Equal(got, []any{17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0}) {
				t.Errorf("%v", got)
			}
		}
	})
}

func TestQA_inventory_19_historyIsComplete(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 10})
		p.clock.Advance(1e9)
		s.post(s.on(level)+"/adjust", object{"quantity_change": -1, "reason": "damaged", "reference_id": "PO-7", "notes": "two\r\nlines"}).want(http.StatusOK)
		s.post(s.on(level)+"/adjust", object{"quantity_change": 5, "reason": "returned"}).want(http.StatusOK)
		all := s.get(s.on(level) + "/adjustments").want(http.StatusOK).array()
		if reasons := column(all, "reason"); !slices.Equal(reasons, []any{"returned", "damaged", "received"}) {
			t.Fatalf("%v", reasons)
		}
		id := all[1]["id"]
		delete(all[1], "id")
		want := object{
			"inventory_level_id": level["id"], "quantity_change": -1.0, "reserved_change": 0.0, "quantity_after": 9.0, "reserved_after": 0.0, "reason": "damaged",
			"reference_id": "PO-7", "notes": "two\nlines", "actor": s.user["id"], "created_at": "2026-01-15T12:00:01Z",
		}
		if !reflect.DeepEqual(all[1], want) || id == nil || id == all[0]["id"] {
			t.Errorf("%v %v", id, all[1])
		}
		for limit := 1; limit <= 3; limit++ {
			if got := s.all(s.on(level)+"/adjustments", limit); !slices.Equal(column(got, "reason"), []any{"returned", "damaged", "received"}) {
				t.Errorf("by %d: %v", limit, column(got, "reason"))
			}
		}
		s.get(s.on(level) + "/adjustments?cursor=x").invalid("query.cursor")
		s.get(s.path + "/inventory/" + s.main + "/adjustments").want(http.StatusNotFound)
		s.get(s.path + "/inventory/nonsense/adjustments").want(http.StatusNotFound)
	})
}

func TestQA_inventory_20_reserve(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 10})
		has(t, s.post(s.on(level)+"/reserve", object{"quantity": 7, "reference_id": "order-1"}).want(http.StatusOK).object(), 10, 7, 3)
		has(t, s.post(s.on(level)+"/reserve", object{"quantity": 3}).want(http.StatusOK).object(), 10, 10, 0)
		last := s.ledger(level)
		if e := last[1]; e["reason"] != "reserved" || e["quantity_change"] != 0.0 || e["reserved_change"] != 7.0 || e["reserved_after"] != 7.0 || e["reference_id"] != "order-1" {
			t.Errorf("%v", e)
		}
		for _, quantity := range []any{0, -1, "1x", nil, 1.5} {
			s.post(s.on(level)+"/reserve", object{"quantity": quantity}).want(http.StatusUnprocessableEntity)
		}
		s.post(s.path+"/inventory/"+s.main+"/reserve", object{"quantity": 1}).want(http.StatusNotFound)
		s.post(s.path+"/inventory/"+s.main+"/reserve", object{"quantity": "x"}).want(http.StatusNotFound)
	})
}

func TestQA_inventory_21_reservingMoreThanIsAvailableIsRefused(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 10})
		s.post(s.on(level)+"/reserve", object{"quantity": 11}).want(http.StatusBadRequest).detail("Only 10 are available, not 11.")
		s.post(s.on(level)+"/reserve", object{"quantity": 7}).want(http.StatusOK)
		s.post(s.on(level)+"/reserve", object{"quantity": 4}).want(http.StatusBadRequest).detail("Only 3 are available, not 4.")
		has(t, s.get(s.on(level)).object(), 10, 7, 3)
		if n := len(s.ledger(level)); n != 2 {
			t.Errorf("%d adjustments: a refusal leaves none", n)
		}
		s.sound()
	})
}

func TestQA_inventory_22_fulfill(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 10})
		s.post(s.on(level)+"/reserve", object{"quantity": 6}).want(http.StatusOK)
		has(t, s.post(s.on(level)+"/fulfill", object{"quantity": 4}).want(http.StatusOK).object(), 6, 2, 4)
		s.post(s.on(level)+"/fulfill", object{"quantity": 3}).want(http.StatusBadRequest).detail("Only 2 are reserved, not 3.")
		ledger := s.ledger(level)
		if e := ledger[2]; len(ledger) != 3 || e["reason"] != "sold" || e["quantity_change"] != -4.0 || e["reserved_change"] != -4.0 {
			t.Errorf("%v", ledger)
		}
		s.sound()
	})
}

func TestQA_inventory_23_release(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 10})
		s.post(s.on(level)+"/reserve", object{"quantity": 6, "reference_id": "order-1"}).want(http.StatusOK)
		has(t, s.post(s.on(level)+"/release", object{"quantity": 4, "reference_id": "order-1"}).want(http.StatusOK).object(), 10, 2, 8)
		s.post(s.on(level)+"/release", object{"quantity": 3}).want(http.StatusBadRequest).detail("Only 2 are reserved, not 3.")
		ledger := s.ledger(level)
		if e := ledger[2]; len(ledger) != 3 || e["reason"] != "unreserved" || e["quantity_change"] != 0.0 || e["reserved_change"] != -4.0 {
			t.Errorf("%v", ledger)
		}
		s.sound()
	})
}

func TestQA_inventory_24_summaryMatchesTheLevels(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		zero := object{"total_warehouses": 1.0, "total_variants_tracked": 0.0, "total_in_stock": 0.0, "total_reserved": 0.0, "low_stock_count": 0.0}
		if got := s.get(s.path + "/inventory/summary").want(http.StatusOK).object(); !reflect.DeepEqual(got, zero) {
			t.Errorf("empty: %v", got)
		}
		other, v := s.warehouse("Other"), s.variant("A")
		a := s.set(v, object{"quantity": 10})
		s.set(v, object{"quantity": 5, "warehouse_id": other, "reorder_point": 5})
		s.set(s.variant("B"), object{"quantity": 0})
		s.post(s.on(a)+"/reserve", object{"quantity": 3}).want(http.StatusOK)
		var stock, reserved, low float64
		variants := map[any]bool{}
		for _, l := range s.get(s.path + "/inventory").array() {
			stock += l["quantity"].(float64)
			reserved += l["reserved_quantity"].(float64)
			variants[l["variant_id"]] = true
			if l["is_low_stock"] == true {
				low++
			}
		}
		want := object{"total_warehouses": 2.0, "total_variants_tracked": float64(len(variants)), "total_in_stock": stock, "total_reserved": reserved, "low_stock_count": low}
		if got := s.get(s.path + "/inventory/summary").object(); !reflect.DeepEqual(got, want) || stock != 15 || reserved != 3 || low != 2 {
			t.Errorf("summary %v, levels %v", got, want)
		}
	})
}

func TestQA_inventory_25_belowTheReorderPointIsLow(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		below := s.set(s.variant("A"), object{"quantity": 4, "reorder_point": 5})
		at := s.set(s.variant("B"), object{"quantity": 5, "reorder_point": 5})
		above := s.set(s.variant("C"), object{"quantity": 6, "reorder_point": 5})
		list := func() []any { return column(s.get(s.path+"/inventory/low-stock").want(http.StatusOK).array(), "id") }
		if got := list(); !slices.Equal(got, []any{at["id"], below["id"]}) {
			t.Errorf("%v", got)
		}
		s.post(s.on(above)+"/reserve", object{"quantity": 1}).want(http.StatusOK)
		if got := list(); !slices.Equal(got, []any{above["id"], at["id"], below["id"]}) {
			t.Errorf("after a reservation: %v", got)
		}
		for _, level := range []object{below, at, above} {
			s.post(s.on(level)+"/adjust", object{"quantity_change": 10, "reason": "received"}).want(http.StatusOK)
		}
		if got := list(); len(got) != 0 {
			t.Errorf("after a delivery: %v", got)
		}
		s.set(above["variant_id"].(string), object{"quantity": 16, "reorder_point": 15})
		if got := s.all(s.path+"/inventory/low-stock", 1); len(got) != 1 || got[0]["is_low_stock"] != true {
			t.Errorf("after a new reorder point: %v", got)
		}
	})
}

func TestQA_inventory_26_aboveTheReorderPointIsNotLow(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 11, "reorder_point": 10})
		if level["is_low_stock"] != false {
			t.Errorf("%v", level)
		}
		if got := s.get(s.path + "/inventory/low-stock").want(http.StatusOK).array(); len(got) != 0 {
			t.Errorf("%v", got)
		}
		if got := s.get(s.path + "/inventory/summary").object(); got["low_stock_count"] != 0.0 {
			t.Errorf("%v", got)
		}
		s.post(s.on(level)+"/adjust", object{"quantity_change": -1, "reason": "damaged"}).want(http.StatusOK)
		if got := s.get(s.path + "/inventory/low-stock").array(); len(got) != 1 {
			t.Errorf("at the point: %v", got)
		}
	})
}
