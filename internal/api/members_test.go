package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestMembers_anInvitedEmailThatHasAnAccountGetsAccessAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, guest := p.merchant(t), p.merchant(t)
		store := owner.store(object{"name": "Shared"})
		guest.get(store).want(http.StatusNotFound)
		invited := strings.ToUpper(guest.user["email"].(string))
		made := owner.post(store+"/members", object{"email": " " + invited + " ", "role": "viewer"}).want(http.StatusCreated).object()
		if made["user_id"] != guest.user["id"] || made["email"] != invited || made["role"] != "viewer" || made["status"] != "active" || made["id"] == guest.user["id"] {
			t.Errorf("member: %v", made)
		}
		if got := guest.get(store).want(http.StatusOK).object(); got["name"] != "Shared" || got["user_id"] != owner.user["id"] {
			t.Errorf("store: %v", got)
		}
		one := store + "/members/" + made["id"].(string)
		if got := guest.get(one).want(http.StatusOK).object(); got["email"] != invited {
			t.Errorf("read: %v", got)
		}
		owner.delete(one).want(http.StatusNoContent)
		guest.get(store).want(http.StatusNotFound)
		owner.get(one).want(http.StatusNotFound)
		owner.delete(one).want(http.StatusNotFound)
	})
}

func TestMembers_othersGetAccessWhenTheyRegister(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		store := owner.store(object{})
		made := owner.post(store+"/members", object{"email": "Späť@Example.com", "role": "staff"}).want(http.StatusCreated).object()
		if made["status"] != "invited" || made["user_id"] != nil {
			t.Errorf("member: %v", made)
		}
		late := p.nobody(t)
		session := late.post("/auth/register", object{"email": "SPÄŤ@example.com", "password": "correct horse"}).want(http.StatusCreated).object()
		late.token = session["access_token"].(string)
		late.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		if got := owner.get(store + "/members/" + made["id"].(string)).want(http.StatusOK).object(); got["status"] != "active" || got["user_id"] != session["user"].(object)["id"] {
			t.Errorf("member: %v", got)
		}
	})
}

func TestMembers_theListIncludesTheOwner(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		store := owner.store(object{})
		for i := range 4 {
			owner.post(store+"/members", object{"email": fmt.Sprintf("m%d@example.com", i), "role": "viewer"}).want(http.StatusCreated)
		}
		all := owner.all(store+"/members", 2)
		if len(all) != 5 || all[0]["email"] != "m3@example.com" {
			t.Fatalf("members: %v", all)
		}
		last := all[4]
		if last["role"] != "owner" || last["email"] != owner.user["email"] || last["id"] != owner.user["id"] || last["user_id"] != owner.user["id"] || last["status"] != "active" {
			t.Errorf("owner: %v", last)
		}
	})
}

func TestMembers_aSecondInvitationIsRefused(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		store := owner.store(object{})
		owner.post(store+"/members", object{"email": "one@example.com", "role": "viewer"}).want(http.StatusCreated)
		owner.post(store+"/members", object{"email": "ONE@example.com", "role": "admin"}).want(http.StatusBadRequest).detail("invited already")
		owner.post(store+"/members", object{"email": owner.user["email"], "role": "viewer"}).want(http.StatusBadRequest).detail("owner")
		owner.post(store+"/members", object{"email": "one", "role": "owner"}).invalid("body.email", "body.role")
		owner.post(store+"/members", object{"email": "two@example.com"}).want(http.StatusUnprocessableEntity)
		statuses := make(chan int, 8)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				statuses <- owner.post(store+"/members", object{"email": "race@example.com", "role": "staff"}).status
			})
		}
		wg.Wait()
		close(statuses)
		made := 0
		for s := range statuses {
			if s == http.StatusCreated {
				made++
			} else if s != http.StatusBadRequest {
				t.Errorf("status %d", s)
			}
		}
		if made != 1 {
			t.Errorf("%d of 8 invitations at once were made", made)
		}
	})
}

func TestMembers_ownerAndAdminsManageAndNobodyRaisesTheirOwnRole(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		store := owner.store(object{})
		admin, staff := owner.member(p, store, "admin"), owner.member(p, store, "staff")
		at := func(c *client) string {
			for _, m := range owner.get(store + "/members").array() {
				if m["user_id"] == c.user["id"] {
					return store + "/members/" + m["id"].(string)
				}
			}
			t.Fatal("no such member")
			return ""
		}
		staff.patch(at(staff), object{"role": "admin"}).want(http.StatusForbidden)
		staff.delete(at(admin)).want(http.StatusForbidden)
		admin.patch(at(admin), object{"role": "owner"}).invalid("body.role")
		admin.patch(at(staff), object{"role": "viewer"}).want(http.StatusOK)
		staff.post(store+"/products", object{"title": "Mug"}).want(http.StatusForbidden)
		for _, c := range []*client{owner, admin} {
			c.patch(at(owner), object{"role": "viewer"}).want(http.StatusBadRequest).detail("stays its owner")
			c.patch(at(owner), object{"role": "king"}).invalid("body.role")
			c.delete(at(owner)).want(http.StatusBadRequest)
		}
		if m := admin.patch(at(staff), object{}).want(http.StatusOK).object(); m["role"] != "viewer" {
			t.Errorf("an empty change gave %v", m["role"])
		}
		admin.patch(at(admin), object{"role": "staff"}).want(http.StatusOK)
		admin.patch(at(admin), object{"role": "admin"}).want(http.StatusForbidden)
		owner.patch(at(staff), object{"role": "admin"}).want(http.StatusOK)
		staff.post(store+"/members", object{"email": "new@example.com", "role": "admin"}).want(http.StatusCreated)
	})
}

func TestMembers_onlyTheOwnerClonesAndDeletes(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		store := owner.store(object{})
		admin := owner.member(p, store, "admin")
		admin.post(store+"/clone", nil).want(http.StatusForbidden).detail("the owner")
		admin.post(store+"/clone?dry_run=true", nil).want(http.StatusForbidden)
		admin.delete(store).want(http.StatusForbidden)
		copied := owner.post(store+"/clone", nil).want(http.StatusCreated).object()["store"].(object)
		admin.get("/stores/" + copied["id"].(string)).want(http.StatusNotFound) // members are not cloned
		owner.delete(store).want(http.StatusNoContent)
		admin.get(store).want(http.StatusNotFound)
		if left := admin.get("/stores").array(); len(left) != 0 {
			t.Errorf("a deleted store is listed: %v", left)
		}
	})
}

func TestMembers_aStoreThatOneIsAMemberOfIsListedAndTakesNoPlaceInThePlan(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, guest := p.merchant(t).onPlan("growth"), p.merchant(t)
		for range 4 {
			store := owner.store(object{"name": "Theirs"})
			owner.post(store+"/members", object{"email": guest.user["email"], "role": "admin"}).want(http.StatusCreated)
		}
		for range 3 {
			guest.store(object{"name": "Own"})
		}
		owner.store(object{"name": "Not shared"})
		seen := guest.all("/stores", 2)
		if len(seen) != 7 || seen[0]["name"] != "Own" || seen[6]["name"] != "Theirs" {
			t.Errorf("stores: %v", column(seen, "name"))
		}
		if me := guest.get("/auth/me").object(); me["store_count"] != 3.0 {
			t.Errorf("me: %v", me)
		}
		guest.post("/stores", object{"name": "Fourth"}).want(http.StatusForbidden)
	})
}
