package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// Operations of a store that take more than staff, by the role that they take.
var (
	adminOperations = map[string]bool{
		"update-store": true, "update-shipping": true, "invite-member": true, "update-member": true, "delete-member": true,
		"create-webhook": true, "list-webhooks": true, "get-webhook": true, "update-webhook": true, "delete-webhook": true,
		"test-webhook": true, "list-deliveries": true, "get-delivery": true, "redeliver": true,
		"attach-domain": true, "detach-domain": true, "verify-domain": true, "provision-ssl": true, "auto-configure-dns": true, "plan-dns": true, "sync-dns": true,
		"create-dns-record": true, "update-dns-record": true, "delete-dns-record": true,
	}
	ownerOperations = map[string]bool{"delete-store": true, "clone-store": true, "list-store-audit": true}
)

// member registers somebody whom c gives a role in a store.
func (c *client) member(p *platform, store, role string) *client {
	c.t.Helper()
	m := p.merchant(c.t)
	c.post(store+"/members", object{"email": m.user["email"], "role": role}).want(http.StatusCreated)
	return m
}

// TestRoles_everyOperation sends every operation of a store as somebody whose role
// is too low for it: each is refused, whatever is sent, before anything is done.
// Each operation that reads is open to a viewer unless it is said to be not.
func TestRoles_everyOperation(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		ids := owner.oneOfEach()
		ids["drift_id"] = p.oneDrift(t, owner, "/stores/"+ids["store_id"]+"/domain")
		store := "/stores/" + ids["store_id"]
		viewer, staff, admin := owner.member(p, store, "viewer"), owner.member(p, store, "staff"), owner.member(p, store, "admin")
		eachOperation(t, func(path string, op *huma.Operation) {
			if !strings.Contains(path, "{store_id}") {
				return
			}
			var tooLow []*client
			switch {
			case ownerOperations[op.OperationID]:
				tooLow = []*client{viewer, staff, admin}
			case adminOperations[op.OperationID]:
				tooLow = []*client{viewer, staff}
			case op.Method != "GET":
				tooLow = []*client{viewer}
			default:
				viewer.get(address(t, path, ids)).want(http.StatusOK)
			}
			for _, c := range tooLow {
				for _, body := range bodies {
					c.do(op.Method, address(t, path, ids), body, nil).want(http.StatusForbidden)
				}
			}
		})
		admin.patch(store, object{"niche": "cups"}).want(http.StatusOK)
		staff.post(store+"/products", object{"title": "Plate"}).want(http.StatusCreated)
	})
}

func TestRoles_whatIsMissingIsMissingBeforeItIsForbidden(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, stranger := p.merchant(t), p.merchant(t)
		store := owner.store(object{})
		viewer := owner.member(p, store, "viewer")
		missing := store + "/products/" + strings.TrimPrefix(store, "/stores/")
		p.nobody(t).patch(missing, object{"title": ""}).want(http.StatusUnauthorized)
		stranger.patch(missing, object{"title": ""}).want(http.StatusNotFound)
		viewer.patch(missing, object{"title": ""}).want(http.StatusNotFound)
		viewer.post(store+"/products", object{"colour": "red"}).want(http.StatusForbidden).detail("it takes staff")
		owner.patch(missing, object{"title": ""}).want(http.StatusNotFound)
		owner.post(store+"/products", object{"colour": "red"}).want(http.StatusUnprocessableEntity)
	})
}
