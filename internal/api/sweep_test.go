package api_test

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/api"
)

// ownOperations are about the caller alone: nothing of somebody else's can be
// named, so that there is no 404 to ask for. Every other operation must give one.
var ownOperations = map[string]bool{
	"logout": true, "get-me": true, "create-token": true, "list-tokens": true,
	"change-plan": true, "create-store": true, "list-stores": true,
	"search-domains": true, "list-owned-domains": true, "list-account-audit": true, "change-password": true,
}

// publicOperations need no token. Every other operation must ask for one.
var publicOperations = map[string]bool{"register": true, "login": true, "forgot-password": true, "reset-password": true, "list-plans": true, "receive-payment-webhook": true}

// oneOfEach makes a store with one of each thing that a path can name, and returns
// their ids by the parameter. A new parameter has to be made here.
func (c *client) oneOfEach() map[string]string {
	c.t.Helper()
	store := c.store(object{"store_type": "ecommerce"})
	product := c.post(store+"/products", object{"title": "Tea"}).want(http.StatusCreated).object()
	ids := map[string]string{
		"store_id":     strings.TrimPrefix(store, "/stores/"),
		"product_id":   product["id"].(string),
		"variant_id":   product["variants"].(array)[0].(object)["id"].(string),
		"category_id":  c.id(store+"/categories", object{"name": "Tea"}),
		"supplier_id":  c.id(store+"/suppliers", object{"name": "Leaf"}),
		"theme_id":     c.id(store+"/themes", object{"name": "Dark"}),
		"discount_id":  c.id(store+"/discounts", object{"code": "TEN", "type": "percentage", "value": "10"}),
		"tax_rule_id":  c.id(store+"/tax-rules", object{"name": "VAT", "country": "DE", "rate": "19"}),
		"warehouse_id": c.get(store + "/warehouses").want(http.StatusOK).array()[0]["id"].(string),
		"member_id":    c.id(store+"/members", object{"email": "nobody@example.com", "role": "staff"}),
		"webhook_id":   c.id(store+"/webhooks", object{"url": "https://hooks.example/in", "events": array{"product.created"}}),
		"token_id":     c.id("/auth/tokens", object{"name": "CI"}),
		"job_id":       c.do("POST", store+"/clone", nil, respondAsync).want(http.StatusAccepted).object()["job_id"].(string),
	}
	ids["inventory_level_id"] = c.id(store+"/inventory", object{"variant_id": ids["variant_id"], "quantity": 5})
	order := c.post(store+"/orders", basket(ids["variant_id"], 1)).want(http.StatusCreated).object()
	ids["order_id"], ids["customer_id"] = order["id"].(string), order["customer"].(object)["id"].(string)
	c.put(store+"/products/"+ids["product_id"]+"/suppliers/"+ids["supplier_id"], object{}).want(http.StatusOK)
	shelf := c.front(store) + "/products/" + product["slug"].(string)
	ids["review_id"] = c.id(shelf+"/reviews", object{"rating": 4, "author": "Ann"})
	ids["picture_id"] = c.do("POST", store+"/pictures", tinyPicture(c.t), asPNG).want(http.StatusCreated).object()["id"].(string)
	domain := store + "/domain"
	c.post(domain, object{"domain": newDomainName()}).want(http.StatusCreated)
	c.post(domain+"/verify", nil).want(http.StatusOK)
	ids["record_id"] = c.id(domain+"/dns/records", object{"record_type": "TXT", "name": "@", "value": "hello"})
	ids["change_id"] = c.get(domain + "/dns/changes").want(http.StatusOK).array()[0]["id"].(string)
	ids["drift_id"] = "b5a3f8de-44a8-8f3e-9c0f-6a2a1d6f3c11" // no two records differ
	ids["delivery_id"] = c.post(store+"/webhooks/"+ids["webhook_id"]+"/test", nil).want(http.StatusAccepted).object()["id"].(string)
	return ids
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

// address fills the parameters of a path.
func address(t *testing.T, path string, ids map[string]string) string {
	t.Helper()
	return pathParam.ReplaceAllStringFunc(strings.TrimPrefix(path, "/api/v1"), func(param string) string {
		id, known := ids[strings.Trim(param, "{}")]
		if !known {
			t.Fatalf("%s: oneOfEach makes nothing for %s", path, param)
		}
		return id
	})
}

// bodies are sent to every operation: a refusal must not depend on them.
var bodies = []any{nil, object{}, object{"nonsense": true}, `{`}

// eachOperation calls fn for everything in the OpenAPI document.
func eachOperation(t *testing.T, fn func(path string, op *huma.Operation)) {
	t.Helper()
	n := 0
	for path, item := range api.New(api.Deps{}).Operations() {
		for _, op := range api.OperationsOf(item) {
			n++
			fn(path, op)
		}
	}
	if n < 50 {
		t.Errorf("only %d operations were swept", n)
	}
}

// TestOwnership_everyOperationAsksForATokenAndHidesWhatIsSomebodyElses sends every
// operation without a token, and with another user's.
func TestOwnership_everyOperationAsksForATokenAndHidesWhatIsSomebodyElses(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, other := p.merchant(t), p.merchant(t)
		ids := owner.oneOfEach()
		eachOperation(t, func(path string, op *huma.Operation) {
			if len(op.Security) == 0 {
				if !publicOperations[op.OperationID] && !strings.HasPrefix(path, "/api/v1/storefront/") {
					t.Errorf("%s needs no token and is not among the public operations", op.OperationID)
				}
				return
			}
			at := address(t, path, ids)
			for _, body := range bodies {
				p.nobody(t).do(op.Method, at, body, nil).want(http.StatusUnauthorized)
				if !ownOperations[op.OperationID] {
					other.do(op.Method, at, body, nil).want(http.StatusNotFound)
					other.do(op.Method, at+"?nonsense=1", body, nil).want(http.StatusNotFound)
				}
			}
			if !strings.Contains(path, "{") && !ownOperations[op.OperationID] {
				t.Errorf("%s names nothing and is not among the caller's own operations", op.OperationID)
			}
		})
	})
}

// TestOwnership_nothingIsReachedThroughAnotherStore names things of one store below
// another: of the same owner and of somebody else.
func TestOwnership_nothingIsReachedThroughAnotherStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, other := p.merchant(t), p.merchant(t)
		ids, second, theirs := owner.oneOfEach(), owner.oneOfEach(), other.oneOfEach()
		eachOperation(t, func(path string, op *huma.Operation) {
			if !strings.Contains(path, "{store_id}/") {
				return
			}
			for _, param := range pathParam.FindAllStringSubmatch(path, -1) {
				if param[1] == "store_id" {
					continue
				}
				for c, own := range map[*client]map[string]string{owner: second, other: theirs} {
					mixed := maps.Clone(own)
					mixed[param[1]] = ids[param[1]]
					for _, body := range bodies {
						c.do(op.Method, address(t, path, mixed), body, nil).want(http.StatusNotFound)
						c.do(op.Method, address(t, path, mixed)+"?nonsense=1", body, nil).want(http.StatusNotFound)
					}
				}
			}
		})
	})
}

// TestOwnership_aDeletedStoreIsGoneForItsOwnerToo sends every operation on a store
// that was deleted.
func TestOwnership_aDeletedStoreIsGoneForItsOwnerToo(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		ids := owner.oneOfEach()
		owner.delete("/stores/" + ids["store_id"]).want(http.StatusNoContent)
		eachOperation(t, func(path string, op *huma.Operation) {
			if !strings.Contains(path, "{store_id}") {
				return
			}
			for _, body := range bodies {
				owner.do(op.Method, address(t, path, ids), body, nil).want(http.StatusNotFound)
			}
		})
	})
}

// TestOwnership_aDeletedStoreIsGoneForItsMembersToo sends every operation on a store
// that was deleted as each of those who had a role in it, and as somebody who was
// invited and registers only then.
func TestOwnership_aDeletedStoreIsGoneForItsMembersToo(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		ids := owner.oneOfEach()
		store := "/stores/" + ids["store_id"]
		front := owner.front(store)
		members := []*client{owner.member(p, store, "admin"), owner.member(p, store, "staff"), owner.member(p, store, "viewer")}
		owner.post(store+"/members", object{"email": "late@example.com", "role": "admin"}).want(http.StatusCreated)
		members[0].get(store).want(http.StatusOK)
		owner.delete(store).want(http.StatusNoContent)
		late := p.nobody(t)
		late.token = late.post("/auth/register", object{"email": "late@example.com", "password": "correct horse"}).want(http.StatusCreated).object()["access_token"].(string)
		for _, m := range append(members, late) {
			if got := m.get("/stores").want(http.StatusOK).array(); len(got) != 0 {
				t.Errorf("a member lists %v", got)
			}
			eachOperation(t, func(path string, op *huma.Operation) {
				if strings.Contains(path, "{store_id}") {
					m.do(op.Method, address(t, path, ids), object{}, nil).want(http.StatusNotFound)
				}
			})
		}
		for _, path := range []string{"", "/products", "/products/tea", "/products/tea/reviews", "/categories"} {
			p.nobody(t).get(front + path).want(http.StatusNotFound)
		}
		for _, path := range []string{"/cart/quote", "/checkout", "/products/tea/reviews"} {
			p.nobody(t).post(front+path, object{}).want(http.StatusNotFound)
		}
	})
}

// TestPath_whatCannotBeAnIDNamesNothing asks every operation for a thing with an
// id that is none.
func TestPath_whatCannotBeAnIDNamesNothing(t *testing.T) {
	described := api.New(api.Deps{})
	param := regexp.MustCompile(`\{\w+_id\}`)
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		st := strings.TrimPrefix(owner.store(object{}), "/stores/")
		for path, item := range described.Operations() {
			address := strings.Replace(strings.TrimPrefix(path, "/api/v1"), "{store_id}/", st+"/", 1)
			if !param.MatchString(address) {
				continue
			}
			address = param.ReplaceAllString(address, "not-an-id")
			for method, o := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete} {
				if o != nil && len(o.Security) > 0 {
					owner.do(method, address, nil, nil).want(http.StatusNotFound)
					owner.do(method, address, object{"nonsense": true}, nil).want(http.StatusNotFound)
				}
			}
		}
	})
}
