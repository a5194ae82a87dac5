package api_test

import (
	"net/http"
	"slices"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// addWarehouse puts a warehouse into a store that is not its default.
func (p *platform) addWarehouse(t *testing.T, store, name string) string {
	t.Helper()
	st, _ := id.Parse(store[len("/stores/"):])
	var made id.UUID
	err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
		made = tx.NewID()
		_, err := db.Exec(t.Context(), tx, `
			INSERT INTO warehouse (store_id, id, name, is_default, is_active, created_at, updated_at)
			VALUES ($1, $2, $3, FALSE, TRUE, $4, $4)`, st, made, name, db.Time{Time: tx.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.String()
}

func TestWarehouses_everyStoreThatOwnsStockHasItsMainWarehouse(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for _, kind := range []string{"ecommerce", "hybrid"} {
			store := c.store(object{"store_type": kind})
			all := c.get(store + "/warehouses").want(http.StatusOK).array()
			if len(all) != 1 || all[0]["name"] != "Main Warehouse" || all[0]["is_default"] != true || all[0]["is_active"] != true ||
				"/stores/"+all[0]["store_id"].(string) != store || all[0]["address"] != nil {
				t.Errorf("%s: %v", kind, all)
			}
			if one := c.get(store + "/warehouses/" + all[0]["id"].(string)).want(http.StatusOK).object(); one["name"] != "Main Warehouse" {
				t.Errorf("%s: %v", kind, one)
			}
		}
		store := c.store(object{})
		if all := c.get(store + "/warehouses").want(http.StatusOK).array(); len(all) != 0 {
			t.Errorf("dropshipping: %v", all)
		}
		// A store that begins to own stock gets one, once.
		for _, kind := range []string{"hybrid", "dropshipping", "ecommerce"} {
			c.patch(store, object{"store_type": kind}).want(http.StatusOK)
		}
		if all := c.get(store + "/warehouses").array(); len(all) != 1 || all[0]["is_default"] != true {
			t.Errorf("after changes of type: %v", all)
		}
	})
}

func TestWarehouses_listTheDefaultFirstThenByName(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{"store_type": "ecommerce"})
		var berlin string
		for _, name := range []string{"Zurich", "Aachen", "Berlin", "Berlin", "Ávila"} {
			if made := p.addWarehouse(t, store, name); name == "Berlin" {
				berlin = made
			}
		}
		want := []any{"Main Warehouse", "Aachen", "Berlin", "Berlin", "Zurich", "Ávila"}
		for limit := 1; limit <= 6; limit++ {
			if got := column(c.all(store+"/warehouses", limit), "name"); !slices.Equal(got, want) {
				t.Errorf("by %d: %v", limit, got)
			}
		}
		first := c.get(store + "/warehouses?limit=4").want(http.StatusOK)
		// The warehouse that the page ended with is deleted before the next is read.
		st, _ := id.Parse(store[len("/stores/"):])
		gone, _ := id.Parse(berlin)
		err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE warehouse SET deleted_at = $3 WHERE store_id = $1 AND id = $2`, st, gone, db.Time{Time: tx.Now()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if rest := column(c.get(first.next()).array(), "name"); !slices.Equal(rest, []any{"Zurich", "Ávila"}) {
			t.Errorf("next page: %v", rest)
		}
		c.get(store + "/warehouses/" + berlin).want(http.StatusNotFound)
	})
}

func TestWarehouses_ofOthersAreNotFound(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		path := c.store(object{"store_type": "ecommerce"}) + "/warehouses"
		one := path + "/" + c.get(path).array()[0]["id"].(string)
		p.nobody(t).get(one).want(http.StatusUnauthorized)
		other.get(one).want(http.StatusNotFound)
		other.get(other.store(object{"store_type": "hybrid"}) + "/warehouses/" + one[len(path)+1:]).want(http.StatusNotFound)
		c.get(path + "/nonsense").want(http.StatusNotFound)
		c.get(path + "/019bc186-de00-7004-a201-474e24bce60d?x=1").want(http.StatusNotFound)
		c.get(one + "?x=1").invalid("query.x")
		c.get(path + "?cursor=x").invalid("query.cursor")
	})
}
