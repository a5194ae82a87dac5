package api_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// outbox returns the events that are to be sent, oldest first.
func (c counter) outbox(hook string) []string {
	c.t.Helper()
	var events []string
	deliveries := c.all(c.path+"/webhooks/"+hook+"/deliveries", 200)
	for i := len(deliveries) - 1; i >= 0; i-- {
		events = append(events, fmt.Sprint(deliveries[i]["event"]))
	}
	return events
}

func TestWebhooks_areToldOfOrdersAndOfLowStockOncePerCrossing(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		_, mug := shop.sells("MUG-1", "5.00", 10)
		shop.post(shop.path+"/inventory", object{"variant_id": mug, "quantity": 10, "reorder_point": 7}).want(http.StatusCreated)
		hook := shop.post(shop.path+"/webhooks", object{"url": "https://example.com/hook", "events": array{
			"order.created", "order.paid", "order.fulfilled", "order.cancelled", "order.returned", "inventory.low_stock",
		}}).want(http.StatusCreated).object()["id"].(string)
		order := func(n int) string {
			return shop.path + "/orders/" + shop.post(shop.path+"/orders", basket(mug, n)).want(http.StatusCreated).object()["id"].(string)
		}
		first := order(2)
		second := order(2) // 6 left: low
		order(1)           // still low
		shop.post(shop.path+"/orders", basket(mug, 50)).want(http.StatusBadRequest)
		shop.post(first+"/pay", nil).want(http.StatusOK)
		shop.post(first+"/pay", nil).want(http.StatusOK)
		shop.post(first+"/fulfill", nil).want(http.StatusOK)
		shop.post(second+"/cancel", nil).want(http.StatusOK) // 7 are left: still low
		shop.post(first+"/return", nil).want(http.StatusOK)  // 9 are left
		order(2)                                             // 7 are left: low again
		want := "[order.created order.created inventory.low_stock order.created order.paid order.fulfilled order.cancelled order.returned order.created inventory.low_stock]"
		if got := fmt.Sprint(shop.outbox(hook)); got != want {
			t.Errorf("\n%s, not\n%s", got, want)
		}
	})
}

func TestImport_setsLevelsAndExportTellsThem(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		shop := p.open(t)
		const file = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\nmug,Mug,MUG-1,5.00,shopify,12\ntea,Tea,TEA-1,4.00,,\n"
		for i, want := range []float64{1, 0} {
			told := shop.imported(shop.path+"/products/import?dry_run=true", file)
			if got := told["levels_set"]; got != want {
				t.Errorf("before import %d it is told that it sets %v levels: %v", i, got, told)
			}
			report := shop.imported(shop.path+"/products/import", file)
			if got := report["levels_set"]; got != want {
				t.Errorf("import %d sets %v levels: %v", i, got, report)
			}
		}
		levels := shop.get(shop.path + "/inventory").want(http.StatusOK).array()
		if len(levels) != 1 || levels[0]["sku"] != "MUG-1" || levels[0]["quantity"] != 12.0 {
			t.Errorf("%v", levels)
		}
		second := shop.id(shop.path+"/warehouses", object{"name": "Second"})
		shop.post(shop.path+"/inventory", object{"variant_id": levels[0]["variant_id"], "warehouse_id": second, "quantity": 30}).want(http.StatusCreated)
		quantities := func(path string) map[string]string {
			rows, err := csv.NewReader(bytes.NewReader(shop.get(path + "/products/export").want(http.StatusOK).raw)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			sku, qty := slices.Index(rows[0], "Variant SKU"), slices.Index(rows[0], "Variant Inventory Qty")
			found := map[string]string{}
			for _, row := range rows[1:] {
				found[row[sku]] = row[qty]
			}
			return found
		}
		if got := quantities(shop.path); got["MUG-1"] != "42" || got["TEA-1"] != "" {
			t.Errorf("the export says %v", got)
		}
		// A store that owns no stock neither sets nor tells any.
		other := shop.store(object{})
		if report := shop.imported(other+"/products/import", file); report["levels_set"] != 0.0 {
			t.Errorf("%v", report)
		}
		if got := quantities(other); got["MUG-1"] != "" && got["MUG-1"] != "0" {
			t.Errorf("the export of a dropshipping store says %v", got)
		}
	})
}
