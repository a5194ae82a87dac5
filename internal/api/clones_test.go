package api_test

import (
	"strings"
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

func TestClone_everyRowKnowsTheRowThatItWasCopiedFrom(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		source := c.largeStore(p)
		from, _ := id.Parse(strings.TrimPrefix(source, "/stores/"))
		to, _ := id.Parse(strings.TrimPrefix(c.clone(source, nil), "/stores/"))
		for _, table := range []string{"product", "variant", "category", "supplier", "discount"} {
			rows := p.count(t, "SELECT count(*) FROM "+table+" WHERE store_id = $1", to)
			sourced := p.count(t, "SELECT count(*) FROM "+table+" a JOIN "+table+" b ON b.source_id = a.id AND b.store_id = $2 WHERE a.store_id = $1", from, to)
			if rows == 0 || sourced != rows {
				t.Errorf("%d of %d rows of %s know their source", sourced, rows, table)
			}
		}
	})
}
