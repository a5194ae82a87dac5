package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

func TestQA_inventory_edge_warehouseWithoutLevels(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		empty := s.warehouse("Empty")
		s.set(s.variant("A"), object{"quantity": 4})
		if got := s.get(s.path + "/inventory?warehouse_id=" + empty).want(http.StatusOK).array(); len(got) != 0 {
			t.Errorf("%v", got)
		}
		if got := s.get(s.path + "/inventory/summary").object(); got["total_warehouses"] != 2.0 || got["total_in_stock"] != 4.0 {
			t.Errorf("%v", got)
		}
	})
}

func TestQA_inventory_edge_quantityZeroMakesTheLevel(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 0})
		has(t, level, 0, 0, 0)
		ledger := s.ledger(level)
		if len(ledger) != 1 || ledger[0]["quantity_change"] != 0.0 || ledger[0]["reason"] != "received" || level["is_low_stock"] != true {
			t.Errorf("%v %v", level, ledger)
		}
		for member, bad := range map[string]any{"quantity": -1, "reorder_point": -1, "reorder_quantity": 1.5, "colour": "red"} {
			body := object{"variant_id": level["variant_id"], "quantity": 1}
			body[member] = bad
			s.post(s.path+"/inventory", body).invalid("body." + member)
		}
		for _, bad := range []object{{"quantity": 1}, {"variant_id": level["variant_id"]}, {"variant_id": "x", "quantity": 1}, {"variant_id": level["variant_id"], "warehouse_id": "x", "quantity": 1}} {
			s.post(s.path+"/inventory", bad).want(http.StatusUnprocessableEntity)
		}
		s.post(s.path+"/inventory", object{"variant_id": s.main, "quantity": 1}).want(http.StatusNotFound)
		s.post(s.path+"/inventory", object{"variant_id": level["variant_id"], "warehouse_id": level["variant_id"], "quantity": 1}).want(http.StatusNotFound)
	})
}

// together runs fn n times at once and counts the answers by their status.
func together(n int, fn func(i int) *response) map[int]int {
	var mu sync.Mutex
	counts := map[int]int{}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			status := fn(i).status
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	wg.Wait()
	return counts
}

func TestQA_inventory_edge_concurrentAdjustments(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 30})
		counts := together(50, func(int) *response {
			return s.post(s.on(level)+"/adjust", object{"quantity_change": -1, "reason": "damaged"})
		})
		if counts[http.StatusOK] != 30 || counts[http.StatusBadRequest] != 20 {
			t.Errorf("%v", counts)
		}
		has(t, s.get(s.on(level)).object(), 0, 0, 0)
		if n := len(s.all(s.on(level)+"/adjustments", 200)); n != 31 {
			t.Errorf("%d adjustments", n)
		}
		s.sound()
	})
}

func TestQA_inventory_edge_dropshippingStoreManagesNone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		product := c.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated).object()
		const detail = "this store does not manage inventory"
		any := product["id"].(string)
		level := store + "/inventory/" + any
		for _, path := range []string{store + "/inventory", store + "/inventory/summary", store + "/inventory/low-stock", level, level + "/adjustments"} {
			c.get(path).want(http.StatusBadRequest).detail(detail)
		}
		for path, body := range map[string]object{
			store + "/inventory":           {"variant_id": variantOf(product, 0), "quantity": 1},
			level + "/adjust":              {"quantity_change": 1, "reason": "received"},
			level + "/reserve":             {"quantity": 1},
			level + "/release":             {"quantity": 1},
			level + "/fulfill":             {"quantity": 1},
			store + "/inventory/transfers": {"variant_id": variantOf(product, 0), "from_warehouse_id": any, "to_warehouse_id": any, "quantity": 1},
			store + "/inventory/bulk":      {"items": array{}},
			store + "/warehouses":          {"name": "Here"},
		} {
			c.post(path, body).want(http.StatusBadRequest).detail(detail)
			c.post(path, object{"nonsense": 1}).want(http.StatusUnprocessableEntity)
		}
		if all := c.get(store + "/warehouses").want(http.StatusOK).array(); len(all) != 0 {
			t.Errorf("%v", all)
		}
	})
}

func TestQA_inventory_edge_fulfillingMoreThanReserved(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 10})
		s.post(s.on(level)+"/fulfill", object{"quantity": 1}).want(http.StatusBadRequest).detail("Only 0 are reserved, not 1.")
		has(t, s.get(s.on(level)).object(), 10, 0, 10)
	})
}

func TestQA_inventory_accept_everyQuantityChangeIsInTheTrail(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		other := s.warehouse("Other")
		level := s.set(s.variant("A"), object{"quantity": 10})
		s.post(s.on(level)+"/adjust", object{"quantity_change": 5, "reason": "received"}).want(http.StatusOK)
		s.post(s.on(level)+"/reserve", object{"quantity": 4}).want(http.StatusOK)
		s.post(s.on(level)+"/release", object{"quantity": 1}).want(http.StatusOK)
		s.post(s.on(level)+"/fulfill", object{"quantity": 2}).want(http.StatusOK)
		s.post(s.path+"/inventory/transfers", object{"variant_id": level["variant_id"], "from_warehouse_id": s.main, "to_warehouse_id": other, "quantity": 3}).want(http.StatusCreated)
		s.set(level["variant_id"].(string), object{"quantity": 20})
		var quantity, reserved float64
		for _, e := range s.ledger(level) {
			quantity += e["quantity_change"].(float64)
			reserved += e["reserved_change"].(float64)
			if e["quantity_after"] != quantity || e["reserved_after"] != reserved {
				t.Errorf("%v says %v and %v, replayed it is %v and %v", e["reason"], e["quantity_after"], e["reserved_after"], quantity, reserved)
			}
		}
		has(t, s.get(s.on(level)).object(), quantity, reserved, quantity-reserved)
		if reasons := column(s.ledger(level), "reason"); !slices.Equal(reasons, []any{"received", "received", "reserved", "unreserved", "sold", "transfer", "correction"}) {
			t.Errorf("%v", reasons)
		}
		s.sound()
	})
}

func TestQA_inventory_accept_availableIsNeverNegative(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		product := s.product(object{}, "A")
		variant := s.path + "/products/" + product["id"].(string) + "/variants/" + variantOf(product, 0)
		level := s.set(variantOf(product, 0), object{"quantity": 2})
		s.patch(variant, object{"allow_backorder": true}).want(http.StatusOK)
		has(t, s.post(s.on(level)+"/reserve", object{"quantity": 5}).want(http.StatusOK).object(), 2, 5, 0)
		s.post(s.on(level)+"/fulfill", object{"quantity": 3}).want(http.StatusBadRequest).detail("Only 2 are on hand, not 3.")
		s.patch(variant, object{"allow_backorder": false}).want(http.StatusBadRequest).detail("5 are reserved and 2 on hand")
		if v := s.get(variant).object(); v["allow_backorder"] != true {
			t.Errorf("%v", v)
		}
		s.post(s.on(level)+"/adjust", object{"quantity_change": 3, "reason": "received"}).want(http.StatusOK)
		s.patch(variant, object{"allow_backorder": false}).want(http.StatusOK)
		s.post(s.on(level)+"/reserve", object{"quantity": 1}).want(http.StatusBadRequest)
		has(t, s.post(s.on(level)+"/fulfill", object{"quantity": 5}).want(http.StatusOK).object(), 0, 0, 0)
		s.sound()
	})
}

func TestQA_inventory_accept_storesThatOwnStockStartWithTheMainWarehouse(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for kind, want := range map[string]int{"ecommerce": 1, "hybrid": 1, "dropshipping": 0} {
			all := c.get(c.store(object{"store_type": kind}) + "/warehouses").want(http.StatusOK).array()
			if len(all) != want || want == 1 && (all[0]["name"] != "Main Warehouse" || all[0]["is_default"] != true || all[0]["is_active"] != true) {
				t.Errorf("%s: %v", kind, all)
			}
		}
	})
}

func TestQA_inventory_accept_deletingTheDefaultWarehouseIsRefused(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		path := s.path + "/warehouses/" + s.main
		s.delete(path).want(http.StatusBadRequest).detail("default warehouse cannot be deleted")
		s.get(path).want(http.StatusOK)
		s.patch(s.path+"/warehouses/"+s.warehouse("Other"), object{"is_default": true}).want(http.StatusOK)
		s.delete(path).want(http.StatusNoContent) // the default was reassigned first
	})
}

// TestQA_inventory_steps_aMerchantRunsTwoWarehouses goes through what the document
// tells merchants, in its order.
func TestQA_inventory_steps_aMerchantRunsTwoWarehouses(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		east := s.post(s.path+"/warehouses", object{"name": "East", "address": "1 Pier", "city": "Boston", "state": "MA", "country": "US", "zip_code": "02110"}).want(http.StatusCreated).object()["id"].(string)
		s.patch(s.path+"/warehouses/"+east, object{"is_default": true}).want(http.StatusOK)
		mug := s.variant("MUG")
		level := s.set(mug, object{"quantity": 20, "reorder_point": 5, "reorder_quantity": 50})
		if level["warehouse_id"] != east || level["reorder_quantity"] != 50.0 {
			t.Errorf("a new level is in the default warehouse: %v", level)
		}
		o := s.path + "/orders/" + s.post(s.path+"/orders", basket(mug, 6)).want(http.StatusCreated).object()["id"].(string)
		has(t, s.get(s.on(level)).object(), 20, 6, 14)
		s.post(o+"/pay", nil).want(http.StatusOK)
		s.post(o+"/fulfill", nil).want(http.StatusOK)
		has(t, s.get(s.on(level)).object(), 14, 0, 14)
		s.post(o+"/return", nil).want(http.StatusOK)
		s.post(s.on(level)+"/adjust", object{"quantity_change": 5, "reason": "received"}).want(http.StatusOK)
		s.post(s.on(level)+"/adjust", object{"quantity_change": -2, "reason": "damaged"}).want(http.StatusOK)
		s.post(s.on(level)+"/adjust", object{"quantity_change": -1, "reason": "correction"}).want(http.StatusOK)
		s.post(s.path+"/inventory/transfers", object{"variant_id": mug, "from_warehouse_id": east, "to_warehouse_id": s.main, "quantity": 17}).want(http.StatusCreated)
		has(t, s.get(s.on(level)).object(), 5, 0, 5)
		if got := column(s.ledger(level), "reason"); !slices.Equal(got, []any{"received", "reserved", "sold", "returned", "received", "damaged", "correction", "transfer"}) {
			t.Errorf("history: %v", got)
		}
		if got := s.get(s.path + "/inventory/summary").object(); got["total_warehouses"] != 2.0 || got["total_in_stock"] != 22.0 || got["total_reserved"] != 0.0 || got["low_stock_count"] != 1.0 {
			t.Errorf("summary: %v", got)
		}
		if got := s.get(s.path + "/inventory/low-stock").array(); len(got) != 1 || got[0]["id"] != level["id"] {
			t.Errorf("low: %v", got)
		}
		s.sound()
	})
}

func TestContract_inventory_deletingWhatIsReserved(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		product := s.product(object{"title": "Mug"}, "A", "B")
		path := s.path + "/products/" + product["id"].(string)
		a, b := s.set(variantOf(product, 0), object{"quantity": 5}), s.set(variantOf(product, 1), object{"quantity": 5})
		s.post(s.on(a)+"/reserve", object{"quantity": 2}).want(http.StatusOK)
		s.delete(path + "/variants/" + variantOf(product, 0)).want(http.StatusBadRequest).detail("2 units of this variant are reserved")
		s.delete(path).want(http.StatusBadRequest).detail("2 units of this product are reserved")
		if got := s.get(path).want(http.StatusOK).object(); len(got["variants"].(array)) != 2 {
			t.Errorf("%v", got)
		}
		s.delete(path + "/variants/" + variantOf(product, 1)).want(http.StatusNoContent)
		if got := column(s.get(s.path+"/inventory").array(), "id"); !slices.Equal(got, []any{a["id"]}) {
			t.Errorf("%v", got)
		}
		s.get(s.on(b)).want(http.StatusNotFound)
		s.post(s.on(b)+"/reserve", object{"quantity": 1}).want(http.StatusNotFound)
		s.post(s.on(b)+"/adjust", object{"quantity_change": 1, "reason": "received"}).want(http.StatusNotFound)
		s.post(s.path+"/inventory", object{"variant_id": b["variant_id"], "quantity": 1}).want(http.StatusNotFound)
		if n := len(s.ledger(b)); n != 1 {
			t.Errorf("%d adjustments of the deleted variant", n)
		}
		s.post(s.on(a)+"/release", object{"quantity": 2}).want(http.StatusOK)
		s.delete(path).want(http.StatusNoContent)
		if got := s.get(s.path + "/inventory/summary").object(); got["total_in_stock"] != 0.0 || got["total_variants_tracked"] != 0.0 || got["low_stock_count"] != 0.0 {
			t.Errorf("%v", got)
		}
		if got := s.get(s.path + "/inventory/low-stock").array(); len(got) != 0 {
			t.Errorf("%v", got)
		}
		s.set(s.variant("A"), object{"quantity": 1}) // the SKU is free, and its level another
		s.sound()
	})
}

func TestContract_inventory_deletingAWarehouse(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		v, other := s.variant("A"), s.warehouse("Other")
		level := s.set(v, object{"quantity": 5, "warehouse_id": other})
		s.delete(s.path + "/warehouses/" + other).want(http.StatusBadRequest).detail("still holds 5 units")
		s.post(s.path+"/inventory/transfers", object{"variant_id": v, "from_warehouse_id": other, "to_warehouse_id": s.main, "quantity": 5}).want(http.StatusCreated)
		s.delete(s.path + "/warehouses/" + other).want(http.StatusNoContent)
		s.post(s.on(level)+"/adjust", object{"quantity_change": 1, "reason": "received"}).want(http.StatusNotFound)
		s.post(s.path+"/inventory", object{"variant_id": v, "warehouse_id": other, "quantity": 1}).want(http.StatusNotFound)
		if reasons := column(s.ledger(level), "reason"); !slices.Equal(reasons, []any{"received", "transfer"}) {
			t.Errorf("%v", reasons)
		}
		if got := s.get(s.path + "/inventory").array(); len(got) != 1 || got[0]["warehouse_id"] != s.main {
			t.Errorf("%v", got)
		}
	})
}

func TestContract_inventory_transfer(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		v, other := s.variant("A"), s.warehouse("Other")
		from := s.set(v, object{"quantity": 10})
		s.post(s.on(from)+"/reserve", object{"quantity": 4}).want(http.StatusOK)
		body := func(changes object) object {
			b := object{"variant_id": v, "from_warehouse_id": s.main, "to_warehouse_id": other, "quantity": 6, "notes": "by van"}
			for member, value := range changes {
				b[member] = value
			}
			return b
		}
		path := s.path + "/inventory/transfers"
		s.post(path, body(object{"quantity": 7})).want(http.StatusBadRequest).detail("Only 6 are available there, not 7.")
		s.post(path, body(object{"from_warehouse_id": other, "to_warehouse_id": s.main})).want(http.StatusBadRequest).detail("Only 0 are available")
		s.post(path, body(object{"to_warehouse_id": s.main})).invalid("body.to_warehouse_id")
		s.post(path, body(object{"quantity": 0})).invalid("body.quantity")
		s.post(path, body(object{"variant_id": other})).want(http.StatusNotFound)
		s.post(path, body(object{"to_warehouse_id": v})).want(http.StatusNotFound)
		s.post(path, body(object{"from_warehouse_id": "x"})).want(http.StatusUnprocessableEntity)
		done := s.post(path, body(nil)).want(http.StatusCreated).object()
		has(t, done["from_level"].(object), 4, 4, 0)
		has(t, done["to_level"].(object), 6, 0, 6)
		for _, side := range []struct {
			level  object
			change float64
		}{{done["from_level"].(object), -6}, {done["to_level"].(object), 6}} {
			ledger := s.ledger(side.level)
			e := ledger[len(ledger)-1]
			if e["reason"] != "transfer" || e["reference_id"] != done["id"] || e["quantity_change"] != side.change || e["notes"] != "by van" || e["actor"] != s.user["id"] {
				t.Errorf("%v", e)
			}
			if got := s.get(s.on(side.level)).object(); !reflect.DeepEqual(got, side.level) {
				t.Errorf("answered %v, found %v", side.level, got)
			}
		}
		s.sound()
	})
}

// TestContract_inventory_transfersCrossing moves units both ways at once: nothing is
// lost, and nobody waits for ever.
func TestContract_inventory_transfersCrossing(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		v, other := s.variant("A"), s.warehouse("Other")
		s.set(v, object{"quantity": 20})
		s.set(v, object{"quantity": 20, "warehouse_id": other})
		counts := together(24, func(i int) *response {
			from, to := s.main, other
			if i%2 == 1 {
				from, to = to, from
			}
			return s.post(s.path+"/inventory/transfers", object{"variant_id": v, "from_warehouse_id": from, "to_warehouse_id": to, "quantity": 1 + i%3})
		})
		if counts[http.StatusCreated] != 24 {
			t.Errorf("%v", counts)
		}
		if got := s.get(s.path + "/inventory/summary").object(); got["total_in_stock"] != 40.0 {
			t.Errorf("%v", got)
		}
		s.sound()
	})
}

func TestContract_inventory_bulk(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s, foreign := p.stockShop(t), p.stockShop(t)
		product := s.product(object{}, "A", "B", "C", "D")
		other := s.warehouse("Other")
		held := s.set(variantOf(product, 0), object{"quantity": 5, "reorder_point": 3})
		s.post(s.on(held)+"/reserve", object{"quantity": 4}).want(http.StatusOK)
		kept := s.set(variantOf(product, 1), object{"quantity": 5, "reorder_point": 3})
		got := s.post(s.path+"/inventory/bulk", object{"items": array{
			object{"sku": "A", "quantity": 3}, // below what is reserved
			object{"sku": "B", "quantity": 9}, // keeps its reorder point
			object{"variant_id": variantOf(product, 2), "quantity": 7, "reorder_point": 2, "warehouse_id": other},
			object{"sku": "nothing", "quantity": 1},
			object{"sku": "D", "quantity": -1},
			object{"quantity": 1},
			object{"sku": "D", "variant_id": variantOf(product, 3), "quantity": 1},
			object{"variant_id": "x", "quantity": 1},
			object{"sku": "D", "warehouse_id": foreign.main, "quantity": 1},
			object{"sku": "D", "warehouse_id": "x", "quantity": 1},
			object{"variant_id": foreign.variant("F"), "quantity": 1},
			object{"sku": "D", "quantity": 4},
			object{"variant_id": variantOf(product, 3), "quantity": 5}, // again
		}}).want(http.StatusOK).object()
		if got["updated"] != 3.0 {
			t.Errorf("%v", got)
		}
		var indexes []any
		for _, e := range got["errors"].(array) {
			indexes = append(indexes, e.(object)["index"])
			if m := e.(object)["message"].(string); len(m) < 10 || !strings.HasSuffix(m, ".") {
				t.Errorf("message %q", m)
			}
		}
		if !slices.Equal(indexes, []any{0.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0}) {
			t.Errorf("%v", got["errors"])
		}
		has(t, s.get(s.on(held)).object(), 5, 4, 1)
		if l := s.get(s.on(kept)).object(); l["quantity"] != 9.0 || l["reorder_point"] != 3.0 {
			t.Errorf("%v", l)
		}
		if l := s.get(s.path + "/inventory?warehouse_id=" + other).array(); len(l) != 1 || l[0]["quantity"] != 7.0 || l[0]["reorder_point"] != 2.0 {
			t.Errorf("%v", l)
		}
		if got := s.post(s.path+"/inventory/bulk", object{"items": array{}}).want(http.StatusOK).object(); got["updated"] != 0.0 || len(got["errors"].(array)) != 0 {
			t.Errorf("%v", got)
		}
		s.post(s.path+"/inventory/bulk", object{"items": array{object{"sku": "A", "quantity": "x"}}}).want(http.StatusUnprocessableEntity)
		s.post(s.path+"/inventory/bulk", object{"items": array{object{"sku": "A", "quantity": 1, "colour": 1}}}).want(http.StatusUnprocessableEntity)
		s.post(s.path+"/inventory/bulk", object{"items": nil}).want(http.StatusUnprocessableEntity)
		s.sound()
	})
}

func TestContract_inventory_bulkOf10000(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		variants := s.p.manyVariants(t, s.path, 10_000)
		items := make(array, 10_000)
		for i := range items {
			items[i] = object{"variant_id": variants[i], "warehouse_id": s.main, "quantity": i % 50, "reorder_point": 10}
		}
		for round, quantity := range []float64{245_000, 245_000} {
			if got := s.post(s.path+"/inventory/bulk", object{"items": items}).want(http.StatusOK).object(); got["updated"] != 10_000.0 {
				t.Fatalf("round %d: %.200v", round, got)
			}
			if got := s.get(s.path + "/inventory/summary").object(); got["total_in_stock"] != quantity || got["total_variants_tracked"] != 10_000.0 || got["low_stock_count"] != 2200.0 {
				t.Errorf("round %d: %v", round, got)
			}
		}
		if n := s.p.count(t, `SELECT count(*) FROM inventory_adjustment`); n != 10_000 {
			t.Errorf("%d adjustments", n)
		}
		s.post(s.path+"/inventory/bulk", object{"items": append(items, object{"sku": "x", "quantity": 1})}).invalid("body.items")
		s.sound()
	})
}

// manyVariants adds products of 100 variants each, and returns the variants' ids.
func (p *platform) manyVariants(t *testing.T, store string, n int) []string {
	t.Helper()
	st, _ := id.Parse(store[len("/stores/"):])
	var all []string
	err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
		columns := db.NewColumns("id uuid, product_id uuid, sku text")
		set := columns.Set()
		for i := range n {
			if i%100 == 0 {
				product := tx.NewID()
				_, err := db.Exec(t.Context(), tx, `
					INSERT INTO product (store_id, id, title, slug, status, tags, images, options, rating_sum, review_count, search_text, indexed, created_at, updated_at)
					VALUES ($1, $2, 'Many', $3, 'active', '[]', '[]', '[]', 0, 0, 'many', TRUE, $4, $4)`, st, product, fmt.Sprint("many-", i), db.Time{Time: tx.Now()})
				if err != nil {
					return err
				}
				all = append(all, product.String())
			}
			product, _ := id.Parse(all[len(all)-1-i%100])
			variant := tx.NewID()
			set.Add(variant, product, fmt.Sprint("MANY-", i))
			all = append(all, variant.String())
		}
		_, err := set.Exec(t.Context(), tx, `
			WITH @given INSERT INTO variant (store_id, id, product_id, title, sku, price, weight_unit, option_values, track_inventory, allow_backorder, position, created_at, updated_at)
			SELECT $1, id, product_id, 'One', sku, 100, 'kg', '{}', TRUE, FALSE, 1, $2, $2 FROM given`, st, db.Time{Time: tx.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var variants []string
	for i, one := range all {
		if i%101 != 0 {
			variants = append(variants, one)
		}
	}
	return variants
}

func TestContract_inventory_adjustmentsCannotBeChanged(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 5})
		statements := []string{
			`UPDATE inventory_adjustment SET quantity_change = 6`, `DELETE FROM inventory_adjustment`, `DELETE FROM inventory_level`,
		}
		if p.db.Engine() == db.Postgres {
			statements = append(statements, `TRUNCATE inventory_adjustment`, `TRUNCATE inventory_level CASCADE`)
		} else {
			statements = append(statements, `REPLACE INTO inventory_adjustment SELECT * FROM inventory_adjustment`)
		}
		for _, statement := range statements {
			err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := db.Exec(t.Context(), tx, statement)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if n := len(s.ledger(level)); n != 1 {
			t.Errorf("%d adjustments", n)
		}
	})
}

func TestContract_inventory_postsAreIdempotent(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		v, other := s.variant("A"), s.warehouse("Other")
		level := s.set(v, object{"quantity": 100})
		for i, call := range []struct {
			path string
			body object
		}{
			{s.on(level) + "/reserve", object{"quantity": 9}},
			{s.on(level) + "/release", object{"quantity": 2}},
			{s.on(level) + "/fulfill", object{"quantity": 3}},
			{s.on(level) + "/adjust", object{"quantity_change": -1, "reason": "damaged"}},
			{s.on(level) + "/reserve", object{"quantity": 1000}},
			{s.path + "/inventory/transfers", object{"variant_id": v, "from_warehouse_id": s.main, "to_warehouse_id": other, "quantity": 4}},
			{s.path + "/inventory", object{"variant_id": v, "quantity": 60}},
			{s.path + "/inventory/bulk", object{"items": array{object{"variant_id": v, "quantity": 61}}}},
			{s.path + "/warehouses", object{"name": "Third"}},
		} {
			key := fmt.Sprint("key-", i)
			first := s.postKeyed(key, call.path, call.body)
			before := s.p.count(t, `SELECT count(*) FROM inventory_adjustment`)
			again := s.postKeyed(key, call.path, call.body)
			if again.header.Get("Idempotency-Replayed") != "true" || again.status != first.status || string(again.raw) != string(first.raw) {
				t.Errorf("%s: %d %s, then %d %s", call.path, first.status, first.raw, again.status, again.raw)
			}
			if after := s.p.count(t, `SELECT count(*) FROM inventory_adjustment`); after != before {
				t.Errorf("%s: done again", call.path)
			}
		}
		has(t, s.get(s.on(level)).object(), 61, 4, 57)
		// The same key at once: it happens once.
		key := "at once"
		counts := together(8, func(int) *response { return s.postKeyed(key, s.on(level)+"/reserve", object{"quantity": 1}) })
		if counts[http.StatusOK] == 0 || counts[http.StatusOK]+counts[http.StatusConflict] != 8 {
			t.Errorf("%v", counts)
		}
		has(t, s.get(s.on(level)).object(), 61, 5, 56)
		s.sound()
	})
}

func TestContract_inventory_sixtyFourShoppersAndOneItem(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		level := s.set(s.variant("A"), object{"quantity": 50})
		var sold atomic.Int64
		counts := together(64, func(int) *response {
			var r *response
			for range 4 {
				if r = s.post(s.on(level)+"/reserve", object{"quantity": 1}); r.status == http.StatusOK {
					sold.Add(1)
				} else if r.status != http.StatusBadRequest {
					t.Errorf("%d %s", r.status, r.raw)
				}
			}
			return r
		})
		if sold.Load() != 50 {
			t.Errorf("%d sold, %v", sold.Load(), counts)
		}
		has(t, s.get(s.on(level)).object(), 50, 50, 0)
		s.sound()
	})
}

func TestClone_inventoryNoneZeroCopy(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		s := p.stockShop(t)
		s.onPlan("growth")
		product := s.product(object{"title": "Mug"}, "A", "B")
		archived := s.product(object{"title": "Old", "status": "archived"}, "C")
		gone := s.product(object{"title": "Gone"}, "D")
		other := s.warehouse("Other")
		a := s.set(variantOf(product, 0), object{"quantity": 10, "reorder_point": 3, "reorder_quantity": 7})
		s.post(s.on(a)+"/reserve", object{"quantity": 4}).want(http.StatusOK)
		s.set(variantOf(product, 0), object{"quantity": 5, "warehouse_id": other})
		s.set(variantOf(product, 1), object{"quantity": 0})
		s.set(variantOf(archived, 0), object{"quantity": 8})
		s.set(variantOf(gone, 0), object{"quantity": 9})
		s.delete(s.path + "/products/" + gone["id"].(string)).want(http.StatusNoContent)
		for kind, want := range map[any][]any{"copy": {2.0, 3.0, 3.0}, "zero": {2.0, 3.0, nil}, "none": {nil, nil, nil}, nil: {nil, nil, nil}} {
			body := object{}
			if kind != nil {
				body["inventory"] = kind
			}
			plan := s.post(s.path+"/clone?dry_run=true", body).want(http.StatusOK).object()["would_clone"].(object)
			if got := []any{plan["warehouses"], plan["inventory_levels"], plan["inventory_adjustments"]}; !slices.Equal(got, want) {
				t.Errorf("%v would clone %v", kind, plan)
			}
		}
		clone := func(body any) *stockShop {
			made := s.post(s.path+"/clone", body).want(http.StatusCreated).object()["store"].(object)
			return &stockShop{client: s.client, p: p, path: "/stores/" + made["id"].(string)}
		}
		for _, body := range []any{nil, object{"inventory": "none"}} {
			none := clone(body)
			if w := none.get(none.path + "/warehouses").array(); len(w) != 1 || w[0]["name"] != "Main Warehouse" || w[0]["id"] == s.main {
				t.Errorf("%v", w)
			}
			if l := none.get(none.path + "/inventory").array(); len(l) != 0 {
				t.Errorf("%v", l)
			}
		}
		for kind, quantities := range map[string][]any{"zero": {0.0, 0.0, 0.0}, "copy": {0.0, 5.0, 10.0}} {
			c := clone(object{"inventory": kind})
			if w := c.get(c.path + "/warehouses").array(); len(w) != 2 || w[0]["name"] != "Main Warehouse" || w[0]["is_default"] != true || w[1]["name"] != "Other" {
				t.Errorf("%s: %v", kind, w)
			}
			levels := c.get(c.path + "/inventory").array()
			if got := column(levels, "quantity"); !slices.Equal(got, quantities) || !slices.Equal(column(levels, "sku"), []any{"B", "A", "A"}) {
				t.Errorf("%s: %v", kind, levels)
			}
			first := levels[2]
			if first["reserved_quantity"] != 0.0 || first["reorder_point"] != 3.0 || first["reorder_quantity"] != 7.0 || first["id"] == a["id"] {
				t.Errorf("%s: %v", kind, first)
			}
			ledger := c.ledger(first)
			if kind == "zero" && len(ledger) != 0 || kind == "copy" && (len(ledger) != 1 || ledger[0]["reason"] != "received" || ledger[0]["quantity_change"] != 10.0) {
				t.Errorf("%s: %v", kind, ledger)
			}
			c.set(first["variant_id"].(string), object{"quantity": 12}) // the clone's own
			c.post(c.on(first)+"/reserve", object{"quantity": 12}).want(http.StatusOK)
		}
		has(t, s.get(s.on(a)).object(), 10, 4, 6)
		s.post(s.path+"/clone", object{"inventory": "half"}).want(http.StatusUnprocessableEntity)
		s.sound()
	})
}
