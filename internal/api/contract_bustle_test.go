package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// bustle is one of several hands that sell, ship, move, count and tidy up in one
// store at the same time.
type bustle struct {
	counter
	dice *rand.Rand
	made *things
}

// things are what all hands have made, some of it gone by now.
type things struct {
	mu  sync.Mutex
	ids map[string][]string // by kind; a variant is its product's id, a slash and its own
}

func (m *things) add(kind, id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ids[kind] = append(m.ids[kind], id)
}

// any returns one of the last things of a kind.
func (b *bustle) any(kind string) string {
	b.made.mu.Lock()
	defer b.made.mu.Unlock()
	all := b.made.ids[kind]
	if len(all) == 0 {
		return "019bc186-de00-7004-a201-474e24bce60d"
	}
	return all[max(0, len(all)-1-b.dice.IntN(6))]
}

// keep notes what was made.
func (b *bustle) keep(kind string, r *response) *response {
	if r.status == http.StatusCreated {
		b.made.add(kind, r.object()["id"].(string))
	}
	return r
}

// sell makes a product with two variants, of which one may be ordered back.
func (b *bustle) sell() *response {
	r := b.post(b.path+"/products", object{"title": "Mug", "variants": array{
		object{"title": "Plain", "price": "9.99"}, object{"title": "Fine", "price": "20.00", "allow_backorder": b.dice.IntN(2) == 0},
	}})
	if r.status == http.StatusCreated {
		for _, v := range r.object()["variants"].(array) {
			b.made.add("variants", v.(object)["id"].(string))
			b.made.add("paths", r.object()["id"].(string)+"/variants/"+v.(object)["id"].(string))
		}
		b.made.add("products", r.object()["id"].(string))
	}
	return r
}

// order asks for one to three lines, sometimes with a code.
func (b *bustle) order() *response {
	var lines []any
	for range 1 + b.dice.IntN(3) {
		lines = append(lines, b.any("variants"), 1+b.dice.IntN(4))
	}
	request := basket(lines...)
	request["customer"] = object{"email": fmt.Sprintf("c%d@example.com", b.dice.IntN(4))}
	if b.dice.IntN(2) == 0 {
		request["discount_code"] = "FEW"
	}
	return b.keep("orders", b.post(b.path+"/orders", request))
}

func (b *bustle) step() *response {
	level, n := b.path+"/inventory/"+b.any("levels"), 1+b.dice.IntN(6)
	switch b.dice.IntN(16) {
	case 0:
		return b.sell()
	case 1, 2:
		return b.keep("levels", b.post(b.path+"/inventory", object{"variant_id": b.any("variants"), "warehouse_id": b.any("warehouses"), "quantity": 10 * n, "reorder_point": n}))
	case 3:
		return b.keep("warehouses", b.post(b.path+"/warehouses", object{"name": "W", "is_default": n == 1}))
	case 4:
		return b.post(level+"/"+[]string{"reserve", "release", "fulfill"}[n%3], object{"quantity": n})
	case 5:
		return b.post(level+"/adjust", object{"quantity_change": n - 9, "reason": "damaged"})
	case 6:
		return b.post(b.path+"/inventory/transfers", object{"variant_id": b.any("variants"), "from_warehouse_id": b.any("warehouses"), "to_warehouse_id": b.any("warehouses"), "quantity": n})
	case 7:
		return b.post(b.path+"/inventory/bulk", object{"items": array{object{"variant_id": b.any("variants"), "quantity": n}, object{"variant_id": b.any("variants"), "quantity": 30}}})
	case 8, 9, 10:
		return b.order()
	case 11, 12:
		return b.post(b.path+"/orders/"+b.any("orders")+"/"+[]string{"pay", "pay", "fulfill", "cancel", "return"}[b.dice.IntN(5)], nil)
	case 13:
		return b.patch(b.path+"/products/"+b.any("paths"), object{"allow_backorder": n%2 == 0})
	case 14:
		return b.tidy(n)
	}
	return b.post(b.path+"/clone", object{"inventory": []string{"copy", "zero"}[n%2]})
}

// tidy deletes something.
func (b *bustle) tidy(n int) *response {
	switch n {
	case 1:
		return b.delete(b.path + "/products/" + b.any("products"))
	case 2:
		return b.delete(b.path + "/products/" + b.any("paths"))
	default:
		return b.delete(b.path + "/warehouses/" + b.any("warehouses"))
	}
}

// TestContract_stockAndOrdersAreSoundWhateverHappensAtOnce lets several hands do all
// that can be done with stock and orders in one store. Nothing fails but for a reason
// of its own, and in the end every unit and every cent is accounted for.
func TestContract_stockAndOrdersAreSoundWhateverHappensAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		shop := p.open(t)
		shop.onPlan("scale")
		shop.patch(shop.path+"/shipping", object{"rate": "3.00", "free_over": "50"}).want(http.StatusOK)
		shop.post(shop.path+"/discounts", object{"code": "FEW", "type": "percentage", "value": "15", "usage_limit": 30}).want(http.StatusCreated)
		shop.id(shop.path+"/webhooks", object{"url": "https://hooks.example/in", "events": array{"order.created", "inventory.low_stock"}})
		made := &things{ids: map[string][]string{"warehouses": {shop.get(shop.path + "/warehouses").array()[0]["id"].(string)}}}
		var wg sync.WaitGroup
		for hand := range 8 {
			b := &bustle{counter: shop, dice: rand.New(rand.NewPCG(uint64(hand), 11)), made: made} //nolint:gosec // a dice
			wg.Go(func() {
				for range 60 {
					switch r := b.step(); r.status {
					case 200, 201, 204, 400, 404, 422:
					default:
						t.Errorf("%s: %d %s", r.what, r.status, r.raw)
					}
				}
			})
		}
		wg.Wait()
		shop.accounts()
		p.clock.Advance(time.Hour)
		if err := p.orders.CancelExpired(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := shop.get(shop.path + "/orders?status=pending").array(); len(left) != 0 {
			for _, o := range left {
				if o["reserved_until"] != nil {
					t.Errorf("still pending: %v", o)
				}
			}
		}
		shop.accounts()
		if n := len(shop.all(shop.path+"/orders", 200)); n < 10 {
			t.Errorf("only %d orders were placed", n)
		}
	})
}
