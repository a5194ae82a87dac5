package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"vitrine/internal/audit"
)

// told are the actions of a log, the oldest first.
func told(lines []object) (actions []string) {
	for _, l := range lines {
		actions = append(actions, l["action"].(string))
	}
	slices.Reverse(actions)
	return actions
}

// line returns the newest line of an action.
func line(t *testing.T, lines []object, action audit.Action) object {
	t.Helper()
	for _, l := range lines {
		if l["action"] == string(action) {
			return l
		}
	}
	t.Fatalf("there is no %s in %v", action, told(lines))
	return nil
}

func TestAudit_tellsWhatWasDoneInAStoreByWhomAndWhere(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, admin := p.merchant(t), p.merchant(t)
		store := owner.store(object{"name": "Tea House", "store_type": "ecommerce"})
		member := owner.post(store+"/members", object{"email": admin.user["email"], "role": "admin"}).want(http.StatusCreated).object()
		program := *owner
		program.token = owner.post("/auth/tokens", object{"name": "robot"}).want(http.StatusCreated).object()["token"].(string)
		program.patch(store, object{"niche": "tea", "custom_css": "a{color:red}"}).want(http.StatusOK)
		program.patch(store, object{"niche": "tea"}).want(http.StatusOK) // changes nothing
		made := admin.post(store+"/webhooks", object{"url": "https://hooks.example/x?key=hidden", "events": []string{"order.paid"}}).want(http.StatusCreated).object()
		hook := store + "/webhooks/" + made["id"].(string)
		admin.patch(hook, object{"is_active": false}).want(http.StatusOK)
		admin.delete(hook).want(http.StatusNoContent)
		owner.post(store+"/products", object{"title": "Mug"}).want(http.StatusCreated)
		owner.patch(store+"/members/"+member["id"].(string), object{"role": "viewer"}).want(http.StatusOK)

		lines := owner.all(store+"/audit", 2)
		want := []string{"store.create", "member.add", "settings.change", "webhook.create", "webhook.change", "webhook.delete", "member.change"}
		if got := told(lines); !slices.Equal(got, want) {
			t.Fatalf("told: %v\nwant: %v", got, want)
		}
		l := line(t, lines, audit.SettingsChange)
		if who := l["actor"].(object); who["type"] != "token" || who["token"] != "robot" || who["id"] != owner.user["id"] || who["email"] != owner.user["email"] {
			t.Errorf("who: %v", who)
		}
		if fields := l["fields"].([]any); len(fields) != 2 || fields[0] != "niche" || fields[1] != "custom_css" {
			t.Errorf("fields: %v", fields)
		}
		if l["address"] != "127.0.0.1" || l["subject"].(object)["name"] != "Tea House" || l["created_at"] != began.Format("2006-01-02T15:04:05Z") {
			t.Errorf("line: %v", l)
		}
		l = line(t, lines, audit.WebhookChange)
		if who, what := l["actor"].(object), l["subject"].(object); who["type"] != "user" || who["id"] != admin.user["id"] || what["kind"] != "webhook" || what["name"] != "https://hooks.example" {
			t.Errorf("line: %v", l)
		}
		if who := line(t, owner.all("/account/audit", 50), audit.TokenCreate)["actor"].(object); who["type"] != "user" {
			t.Errorf("who made the token: %v", who)
		}
	})
}

func TestAudit_isForTheOwnerAlone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, other := p.merchant(t), p.merchant(t)
		store := owner.store(object{})
		other.get(store + "/audit").want(http.StatusNotFound)
		owner.post(store+"/members", object{"email": other.user["email"], "role": "admin"}).want(http.StatusCreated)
		other.get(store + "/audit").want(http.StatusForbidden)
		if got := told(other.all("/account/audit", 50)); !slices.Equal(got, []string{"user.register"}) {
			t.Errorf("the other's own: %v", got)
		}
	})
}

func TestAudit_isNarrowedByActionActorAndTime(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, admin := p.merchant(t), p.merchant(t)
		store := owner.store(object{})
		owner.post(store+"/members", object{"email": admin.user["email"], "role": "admin"}).want(http.StatusCreated)
		p.clock.Advance(24 * time.Hour)
		admin.patch(store, object{"niche": "tea"}).want(http.StatusOK)
		admin.patch(store, object{"niche": "tea and cups"}).want(http.StatusOK)
		log := store + "/audit"
		for query, want := range map[string]int{
			"action=settings.change":                                   2,
			"action=member.add":                                        1,
			"actor=" + admin.user["id"].(string):                       2,
			"actor=" + owner.user["id"].(string):                       2,
			"actor=vitrine":                                            0,
			"from=2026-01-16":                                          2,
			"to=2026-01-15":                                            2,
			"to=2026-01-16T12:00:00Z":                                  2,
			"from=2026-01-15T12:00:00Z&to=2026-01-17":                  4,
			"action=settings.change&to=2026-01-15":                     0,
			"action=webhook.create&actor=" + admin.user["id"].(string): 0,
		} {
			if got := len(owner.all(log+"?"+query, 1)); got != want {
				t.Errorf("%s: %d lines, want %d", query, got, want)
			}
		}
		owner.get(log + "?action=user.sign_in").invalid("query.action")
		owner.get(log + "?actor=me").invalid("query.actor")
		owner.get(log+"?from=yesterday&to=soon").invalid("query.from", "query.to")
		owner.get(log + "?cursor=x").invalid("query.cursor")
	})
}

func TestAudit_ofAnAccountTellsOfSignInsAlsoThoseThatFail(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, nobody := p.merchant(t), p.nobody(t)
		nobody.post("/auth/login", object{"email": owner.user["email"], "password": "not the password"}).want(http.StatusUnauthorized)
		nobody.post("/auth/login", object{"email": "nobody@example.com", "password": "not the password"}).want(http.StatusUnauthorized)
		session := nobody.post("/auth/login", object{"email": owner.user["email"], "password": "correct horse"}).want(http.StatusOK).object()
		nobody.token = session["access_token"].(string)
		nobody.post("/auth/logout", nil).want(http.StatusNoContent)
		lines := owner.all("/account/audit", 50)
		if got := told(lines); !slices.Equal(got, []string{"user.register", "user.sign_in_failed", "user.sign_in", "user.sign_out"}) {
			t.Fatalf("told: %v", got)
		}
		failed := line(t, lines, audit.SignInFailed)
		if who := failed["actor"].(object); who["type"] != "somebody" || who["id"] != nil || failed["address"] != "127.0.0.1" || failed["fields"].([]any)[0] != "password" {
			t.Errorf("failed: %v", failed)
		}
		if who := line(t, lines, audit.SignIn)["actor"].(object); who["type"] != "user" || who["id"] != owner.user["id"] {
			t.Errorf("signed in: %v", who)
		}
	})
}

// A deleted store's log goes with it; that it was deleted is known to its owner.
func TestAudit_goesWithItsStoreAndTheOwnerKeepsThatItWasDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner := p.merchant(t)
		store := owner.store(object{"name": "Gone soon"})
		clone := owner.clone(store, object{})
		if got := told(owner.all(store+"/audit", 50)); !slices.Equal(got, []string{"store.create", "store.clone"}) {
			t.Errorf("the source: %v", got)
		}
		if got := told(owner.all(clone+"/audit", 50)); !slices.Equal(got, []string{"store.clone"}) {
			t.Errorf("the clone has none of its source's lines: %v", got)
		}
		owner.delete(store).want(http.StatusNoContent)
		owner.get(store + "/audit").want(http.StatusNotFound)
		if n := p.count(t, `SELECT count(*) FROM store_action`); n != 1 {
			t.Errorf("%d lines are left, want the clone's", n)
		}
		last := owner.all("/account/audit", 50)[0]
		if last["action"] != "store.delete" || last["subject"].(object)["name"] != "Gone soon" {
			t.Errorf("last: %v", last)
		}
	})
}
