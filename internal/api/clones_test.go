package api_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
)

// small has some of everything that is copied.
var small = fixture.Size{Products: 12, VariantsEach: 3, Categories: 20, CategoryLinks: 24, Suppliers: 2, SupplierLinks: 24, Discounts: 4, DiscountLinks: 8}

func (c *client) largeStore(p *platform) string {
	c.t.Helper()
	owner, err := id.Parse(c.user["id"].(string))
	if err != nil {
		c.t.Fatal(err)
	}
	s, err := fixture.Catalog(c.t.Context(), p.db, account.ID{UUID: owner}, small)
	if err != nil {
		c.t.Fatal(err)
	}
	return "/stores/" + s.ID.String()
}

func (p *platform) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	n, err := db.One(t.Context(), p.db, db.Value[int], query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestClone_01_03_04_copiesEverythingUnderNewIDs(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.largeStore(p)
		source := c.get(path).object()
		first := c.post(path+"/clone", nil).want(http.StatusCreated).object()
		store := first["store"].(object)
		if first["source_store_id"] != source["id"] || store["name"] != source["name"].(string)+" (Copy)" || store["slug"] != source["slug"].(string)+"-copy" || store["source_store_id"] != source["id"] {
			t.Errorf("clone: %v", first)
		}
		second := c.post(path+"/clone", object{"new_name": " "}).want(http.StatusCreated).object()["store"].(object)
		if second["slug"] != source["slug"].(string)+"-copy-2" {
			t.Errorf("second slug: %v", second["slug"])
		}
		from, _ := id.Parse(source["id"].(string))
		to, _ := id.Parse(store["id"].(string))
		for _, table := range []string{"product", "variant", "category", "supplier", "discount", "theme", "product_category", "product_supplier", "discount_product"} {
			want, got := p.count(t, "SELECT count(*) FROM "+table+" WHERE store_id = $1", from), p.count(t, "SELECT count(*) FROM "+table+" WHERE store_id = $1", to)
			if got != want {
				t.Errorf("%s: %d of %d rows", table, got, want)
			}
		}
		for _, table := range []string{"product", "variant", "category", "supplier", "discount"} {
			if shared := p.count(t, "SELECT count(*) FROM "+table+" a JOIN "+table+" b ON a.id = b.id WHERE a.store_id = $1 AND b.store_id = $2", from, to); shared != 0 {
				t.Errorf("%s: %d shared ids", table, shared)
			}
			if sourced := p.count(t, "SELECT count(*) FROM "+table+" a JOIN "+table+" b ON b.source_id = a.id AND b.store_id = $2 WHERE a.store_id = $1", from, to); sourced == 0 {
				t.Errorf("%s: no row knows its source", table)
			}
		}
		// Clone 9: a child's parent is the copy of the source's parent.
		if n := p.count(t, `
			SELECT count(*) FROM category c JOIN category s ON s.store_id = $1 AND s.id = c.source_id
			LEFT JOIN category cp ON cp.store_id = c.store_id AND cp.id = c.parent_id
			WHERE c.store_id = $2 AND cp.source_id IS DISTINCT FROM s.parent_id`, from, to); n != 0 {
			t.Errorf("%d categories have another parent", n)
		}
		// Clones 5 and 6: codes end in -copy and count from 0.
		if n := p.count(t, "SELECT count(*) FROM discount WHERE store_id = $1 AND (times_used <> 0 OR code NOT LIKE '%-copy')", to); n != 0 {
			t.Errorf("%d discounts keep their code or their use", n)
		}
	})
}

func TestClone_02_nameOverride(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.largeStore(p)
		s := c.post(path+"/clone", object{"new_name": "My Cloned Store"}).want(http.StatusCreated).object()["store"].(object)
		if s["name"] != "My Cloned Store" || s["slug"] != "my-cloned-store" {
			t.Errorf("clone: %v", s)
		}
	})
}

func TestClone_07_08_leavesOutExpiredAndArchived(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.largeStore(p)
		from, _ := id.Parse(path[len("/stores/"):])
		err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
			for _, s := range []string{
				`UPDATE product SET status = 'archived' WHERE store_id = $1 AND slug IN ('product-number-0', 'product-number-1')`,
				`UPDATE discount SET expires_at = '2026-01-15T11:59:59.000000Z' WHERE store_id = $1 AND code = 'SAVE0'`,
				`UPDATE discount SET status = 'expired' WHERE store_id = $1 AND code = 'SAVE1'`,
				`DELETE FROM discount_product WHERE store_id = $1 AND discount_id = (SELECT id FROM discount WHERE store_id = $1 AND code = 'SAVE2')
					AND product_id NOT IN (SELECT id FROM product WHERE store_id = $1 AND status = 'archived')`,
			} {
				if _, err := db.Exec(t.Context(), tx, s, from); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		plan := c.post(path+"/clone?dry_run=true", nil).want(http.StatusOK).object()
		would, skipped := plan["would_clone"].(object), plan["skipped"].(object)
		if would["products"] != 10.0 || would["variants"] != 30.0 || would["discounts"] != 2.0 || skipped["archived_products"] != 2.0 || skipped["expired_discounts"] != 2.0 {
			t.Errorf("plan: %v", plan)
		}
		if got := c.get("/auth/me").object()["store_count"]; got != 1.0 {
			t.Errorf("a dry run made a store: %v", got)
		}
		s := c.post(path+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
		to, _ := id.Parse(s["id"].(string))
		if n := p.count(t, "SELECT count(*) FROM product WHERE store_id = $1", to); n != 10 {
			t.Errorf("%d products", n)
		}
		if n := p.count(t, "SELECT count(*) FROM discount WHERE store_id = $1", to); n != 2 {
			t.Errorf("%d discounts", n)
		}
	})
}

func TestClone_11_12_13_ownershipDeletedStoreAndPlanLimit(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		path := c.largeStore(p)
		other.post(path+"/clone", nil).want(http.StatusNotFound)
		p.nobody(t).post(path+"/clone", nil).want(http.StatusUnauthorized)
		gone := c.store(object{})
		c.delete(gone).want(http.StatusNoContent)
		c.post(gone+"/clone", nil).want(http.StatusNotFound)
		c.store(object{})
		c.store(object{})
		c.post(path+"/clone", nil).want(http.StatusForbidden).detail("store limit")
		c.post(path+"/clone", object{"new_name": 1}).want(http.StatusForbidden)
	})
}

func TestClone_eightAtOnceGetSlugsOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		path := c.largeStore(p)
		base := c.get(path).object()["slug"].(string) + "-copy"
		var wg sync.WaitGroup
		slugs := make([]string, 8)
		for i := range slugs {
			wg.Go(func() {
				r := c.post(path+"/clone", nil)
				if r.status != http.StatusCreated {
					t.Errorf("status %d: %s", r.status, r.raw)
					return
				}
				slugs[i] = r.object()["store"].(object)["slug"].(string)
			})
		}
		wg.Wait()
		slices.Sort(slugs)
		want := []string{base}
		for _, n := range []string{"2", "3", "4", "5", "6", "7", "8"} {
			want = append(want, base+"-"+n)
		}
		if !slices.Equal(slugs, want) {
			t.Errorf("slugs %v", slugs)
		}
	})
}
