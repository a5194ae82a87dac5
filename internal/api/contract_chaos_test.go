package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
)

// chaos does random things to a store, together with others who do the same.
type chaos struct {
	*client
	store string
	dice  *rand.Rand

	mu  *sync.Mutex
	ids map[string][]any // what was made, by kind; some of it is deleted by now
}

// any returns the id of something that was made.
func (x *chaos) any(kind string) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.ids[kind]) == 0 {
		return "019bc186-de00-7004-a201-474e24bce60d"
	}
	return x.ids[kind][x.dice.IntN(len(x.ids[kind]))].(string)
}

// body is what makes or changes something of a kind, sometimes with what clashes.
func (x *chaos) body(kind string) object {
	n := x.dice.IntN(8)
	return map[string]object{
		"products":   {"title": fmt.Sprint("Tea ", n), "status": []string{"active", "archived", "draft"}[n%3], "category_ids": array{x.any("categories")}, "slug": fmt.Sprint("tea-", n)},
		"categories": {"name": fmt.Sprint("Shelf ", n), "parent_id": []any{nil, x.any("categories")}[n%2]},
		"suppliers":  {"name": fmt.Sprint("Leaf ", n)},
		"themes":     {"name": fmt.Sprint("Theme ", n), "is_active": n%2 == 0},
		"discounts":  {"code": fmt.Sprint("CODE", n), "applies_to": "products", "product_ids": array{x.any("products")}, "category_ids": array{x.any("categories")}},
		"tax-rules":  {"name": fmt.Sprint("Tax ", n), "is_active": n > 2},
	}[kind]
}

func (x *chaos) make(kind string) *response {
	body := x.body(kind)
	for member, value := range map[string]object{
		"products": {"variants": array{object{"sku": fmt.Sprint("SKU-", x.dice.IntN(20))}, object{}}}, "discounts": {"type": "percentage", "value": "10"}, "tax-rules": {"country": "DE", "rate": "19"},
	}[kind] {
		body[member] = value
	}
	r := x.post(x.store+"/"+kind, body)
	if r.status == http.StatusCreated {
		x.mu.Lock()
		x.ids[kind] = append(x.ids[kind], r.object()["id"])
		x.mu.Unlock()
	}
	return r
}

func (x *chaos) step() *response {
	kind := kinds[x.dice.IntN(len(kinds))]
	one := x.store + "/" + kind + "/" + x.any(kind)
	product := x.store + "/products/" + x.any("products")
	switch x.dice.IntN(8) {
	case 0, 1, 2:
		return x.make(kind)
	case 3:
		return x.patch(one, x.body(kind))
	case 4:
		return x.delete(one)
	case 5:
		return x.put(product+"/suppliers/"+x.any("suppliers"), object{"is_primary": true})
	case 6:
		return x.post(product+"/variants", object{"sku": fmt.Sprint("SKU-", x.dice.IntN(20))})
	}
	if x.dice.IntN(4) > 0 {
		return x.delete(product + "/suppliers/" + x.any("suppliers"))
	}
	return x.post(x.store+"/clone", nil)
}

// TestContract_aStoreIsWholeWhateverHappensAtOnce lets several hands make, change,
// link, delete and clone in one store. None of it fails but for a reason of its own,
// and what is left is a store that clones as the document says.
func TestContract_aStoreIsWholeWhateverHappensAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		store := c.richStore() // none of this is deleted: the hands know only what they made
		var mu sync.Mutex
		ids := map[string][]any{}
		var wg sync.WaitGroup
		for hand := range 6 {
			x := &chaos{client: c, store: store, dice: rand.New(rand.NewPCG(uint64(hand), 7)), mu: &mu, ids: ids} //nolint:gosec // a dice
			wg.Go(func() {
				for range 60 {
					switch r := x.step(); r.status {
					case 200, 201, 204, 400, 404, 409:
					default:
						t.Errorf("%s: %d %s", r.what, r.status, r.raw)
					}
				}
			})
		}
		wg.Wait()
		before := c.contents(store)
		sameContents(t, c.contents(c.clone(store, nil)), before.expected())
	})
}
