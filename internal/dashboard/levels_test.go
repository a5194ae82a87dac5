package dashboard_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// shelf is a merchant with a product whose stock is counted.
func (s *site) shelf(t *testing.T, quantity int64) (*merchant, inventory.Level) {
	t.Helper()
	m := s.merchant(t)
	m.post(m.at+"/settings", "name", "Shop", "store_type", "ecommerce", "status", "active", "currency", "USD").want(t, http.StatusSeeOther)
	return m, m.level(m.product("Pen").Variants[0].ID.String(), quantity)
}

// level counts a variant in the default warehouse.
func (m *merchant) level(variant string, quantity int64) inventory.Level {
	m.t.Helper()
	warehouses, _, err := inventory.ListWarehouses(m.t.Context(), m.site.db, m.store.ID, db.Page{Limit: 1})
	if err != nil {
		m.t.Fatal(err)
	}
	m.post(m.at+"/inventory/set", "variant_id", variant, "warehouse_id", warehouses[0].ID.String(), "quantity", strconv.FormatInt(quantity, 10), "reorder_point", "5").want(m.t, http.StatusSeeOther)
	return m.levels()[0]
}

func (m *merchant) levels() []inventory.Level {
	m.t.Helper()
	all, _, err := inventory.List(m.t.Context(), m.site.db, m.store.ID, inventory.Filter{}, db.Page{Limit: 100})
	if err != nil {
		m.t.Fatal(err)
	}
	return all
}

// row is what the form of the table sends of a level: what it showed, and what was
// typed.
func row(l inventory.Level, seen, quantity, point, order string) []string {
	x := "-" + l.ID.String()
	return []string{"level", l.ID.String(), "seen" + x, seen, "quantity" + x, quantity, "reorder_point" + x, point, "reorder_quantity" + x, order}
}

func TestLevels_areChangedTogetherOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m, pen := s.shelf(t, 20)
		cup := m.level(m.product("Cup").Variants[0].ID.String(), 7)
		edit := m.at + "/inventory?edit=1"
		m.get(edit).want(t, http.StatusOK, "Save changes", `value="20 5 0"`, `value="7 5 0"`)
		wrong := append(row(pen, "20 5 0", "12", "6", "30"), row(cup, "7 5 0", "-1", "x", "0")...)
		m.post(edit, wrong...).want(t, http.StatusUnprocessableEntity, "Nothing was changed yet", "Must be a whole number.", `value="12"`)
		wrong = append(row(pen, "20 5 0", "12", "6", "30"), row(cup, "7 5 0", "-1", "5", "0")...)
		m.post(edit, wrong...).want(t, http.StatusUnprocessableEntity, "must be from 0 to 1000000000", `value="12"`)
		if got := m.levels(); got[1].Quantity != 20 || got[0].Quantity != 7 {
			t.Fatalf("levels %+v", got)
		}
		right := append(row(pen, "20 5 0", "12", "6", "30"), row(cup, "7 5 0", "7", "5", "0")...)
		if to := m.post(edit, right...).want(t, http.StatusSeeOther).Header.Get("Location"); to != m.at+"/inventory" {
			t.Errorf("leads to %s", to)
		}
		got := m.levels()
		if l := got[1]; l.Quantity != 12 || l.ReorderPoint != 6 || l.ReorderQuantity != 30 {
			t.Errorf("level %+v", l)
		}
		history, _, err := inventory.ListAdjustments(t.Context(), s.db, m.store.ID, pen.ID, db.Page{Limit: 9})
		if err != nil || len(history) != 2 || history[0].QuantityChange != -8 || history[0].Reason != inventory.Correction {
			t.Errorf("history %+v, %v", history, err)
		}
	})
}

func TestLevels_thatMovedMeanwhileAreNotSetBack(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m, pen := s.shelf(t, 20)
		m.post(m.at+"/inventory/levels/"+pen.ID.String()+"/adjust", "quantity_change", "-3", "reason", "sold").want(t, http.StatusSeeOther)
		edit := m.at + "/inventory?edit=1"
		m.post(edit, row(pen, "20 5 0", "19", "5", "0")...).want(t, http.StatusUnprocessableEntity, "The quantity was 20 and is 17 by now")
		m.post(edit, row(pen, "20 5 0", "20", "9", "0")...).want(t, http.StatusSeeOther)
		if l := m.levels()[0]; l.Quantity != 17 || l.ReorderPoint != 9 {
			t.Errorf("level %+v: a number that nobody typed was set back", l)
		}
	})
}

func TestLevels_ofOthersAndForViewersStay(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m, pen := s.shelf(t, 20)
		other, _ := s.shelf(t, 1)
		other.post(other.at+"/inventory?edit=1", row(pen, "20 5 0", "3", "5", "0")...).want(t, http.StatusSeeOther)
		viewer := m.member(store.Viewer)
		if body := viewer.get(m.at+"/inventory?edit=1").want(t, http.StatusOK).body; strings.Contains(body, "Save changes") {
			t.Error("a viewer is given fields")
		}
		if l := m.levels()[0]; l.Quantity != 20 {
			t.Errorf("level %+v", l)
		}
	})
}

func TestLevels_areExportedAsTheListIsNarrowed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m, _ := s.shelf(t, 20)
		m.level(m.product(`Cup, "large"`).Variants[0].ID.String(), 3)
		const header = "SKU,Product,Variant,Warehouse,On hand,Reserved,Available,Reorder point,Reorder quantity\n"
		for path, want := range map[string]string{
			"":                                 header + `,"Cup, ""large""",Default,Main Warehouse,3,0,3,5,0` + "\n" + ",Pen,Default,Main Warehouse,20,0,20,5,0\n",
			"?stock=low":                       header + `,"Cup, ""large""",Default,Main Warehouse,3,0,3,5,0` + "\n",
			"?q=pen":                           header + ",Pen,Default,Main Warehouse,20,0,20,5,0\n",
			"?q=" + url.QueryEscape("nothing"): header,
		} {
			got := m.get(m.at + "/inventory/export" + path)
			if got.StatusCode != http.StatusOK || got.body != want || !strings.Contains(got.Header.Get("Content-Disposition"), "-inventory.csv") {
				t.Errorf("%s: %d, %q, %q", path, got.StatusCode, got.body, got.Header.Get("Content-Disposition"))
			}
		}
		s.merchant(t).get(m.at+"/inventory/export").want(t, http.StatusNotFound)
	})
}

func TestShipping_isSetInTheStoresCurrency(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		m.get(m.at+"/shipping").want(t, http.StatusOK, `value="0.00"`)
		m.post(m.at+"/shipping", "rate", "4.999", "free_over", "x").want(t, http.StatusUnprocessableEntity, `id="rate-error"`, `id="free_over-error"`, `value="4.999"`)
		m.post(m.at+"/shipping", "rate", "-1").want(t, http.StatusUnprocessableEntity, `id="rate-error"`)
		m.post(m.at+"/shipping", "rate", "4.90", "free_over", "50").want(t, http.StatusSeeOther)
		m.get(m.at+"/shipping").want(t, http.StatusOK, `value="4.90"`, `value="50.00"`)
		m.post(m.at+"/shipping", "rate", "0", "free_over", " ").want(t, http.StatusSeeOther)
		m.get(m.at+"/shipping").want(t, http.StatusOK, `value="0.00"`, `name="free_over" value=""`)
		m.member(store.Staff).post(m.at+"/shipping", "rate", "1").want(t, http.StatusForbidden)
	})
}
