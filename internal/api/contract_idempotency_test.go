package api_test

// The row "Idempotency" of section 1 of the contract, sentence by sentence.

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/db"
)

// replayed checks that an answer is the first one again.
func (r *response) replayed(first *response) {
	r.t.Helper()
	if r.status != first.status || !bytes.Equal(r.raw, first.raw) || r.header.Get("Content-Type") != first.header.Get("Content-Type") || r.header.Get("Location") != first.header.Get("Location") {
		r.t.Errorf("%s: %d %s, and again %d %s", r.what, first.status, first.raw, r.status, r.raw)
	}
	if r.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
		r.t.Errorf("%s: Idempotency-Replayed is %q, and first %q", r.what, r.header.Get("Idempotency-Replayed"), first.header.Get("Idempotency-Replayed"))
	}
}

func TestContract_everyPOSTIsReplayed(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		store := c.store(object{})
		posts := map[string]any{
			"/auth/tokens": object{"name": "CI"}, store + "/clone": nil, store + "/clone?dry_run=true": object{"new_name": "X"},
			store + "/themes/" + c.post(store+"/themes", object{"name": "T"}).object()["id"].(string) + "/activate": nil,
		}
		for _, r := range c.resources(store) {
			posts[r.path] = r.body
		}
		for path, body := range posts {
			count := func() int {
				if collection, isClone := strings.CutSuffix(path, "/clone"); isClone || collection == path && !strings.Contains(path, "?") && !strings.HasSuffix(path, "/activate") {
					if isClone {
						collection = "/stores"
					}
					return len(c.all(collection, 200))
				}
				return 0
			}
			key := "key of " + path
			first := c.postKeyed(key, path, body)
			made := count()
			p.clock.Advance(time.Second)
			c.postKeyed(key, path, body).replayed(first)
			if first.status >= 300 || count() != made {
				t.Errorf("%s: %d, and %d became %d", path, first.status, made, count())
			}
		}
	})
}

func TestContract_aKeyIsForOneRequest(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		store := c.store(object{})
		first := c.postKeyed("k", store+"/categories", object{"name": "Tea"}).want(http.StatusCreated)
		c.postKeyed("k", store+"/categories", object{"name": "Coffee"}).want(http.StatusUnprocessableEntity)
		c.postKeyed("k", store+"/categories", `{"name":  "Tea"}`).want(http.StatusUnprocessableEntity) // other bytes, other body
		c.postKeyed("k", store+"/suppliers", object{"name": "Tea"}).want(http.StatusUnprocessableEntity)
		c.postKeyed("k", "/stores", object{"name": "Tea"}).want(http.StatusUnprocessableEntity)
		c.postKeyed("k", store+"/clone", nil).want(http.StatusUnprocessableEntity)
		c.postKeyed("K", store+"/suppliers", object{"name": "Tea"}).want(http.StatusCreated) // case counts
		other.postKeyed("k", "/stores", object{"name": "Theirs"}).want(http.StatusCreated)   // keys are a user's own
		c.postKeyed("k", store+"/categories", object{"name": "Tea"}).replayed(first)
		if n := len(c.get(store + "/categories").array()); n != 1 {
			t.Errorf("%d categories", n)
		}
		dry := c.postKeyed("dry", store+"/clone?dry_run=true", nil).want(http.StatusOK)
		c.postKeyed("dry", store+"/clone", nil).want(http.StatusUnprocessableEntity)
		c.postKeyed("dry", store+"/clone?dry_run=true", nil).replayed(dry)
	})
}

func TestContract_keysHave1To255Characters(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/categories"
		for _, bad := range []string{"", " ", strings.Repeat("k", 256), "a\tb", "clé"} {
			c.postKeyed(bad, path, object{"name": "Tea"}).invalid("header.Idempotency-Key")
		}
		for _, good := range []string{"k", strings.Repeat("k", 255), `"8e03978e-40d5-43dd-bc93-6894a57f9324"`, "a b/c;d=%00"} {
			c.postKeyed(good, path, object{"name": "Tea"}).want(http.StatusCreated)
		}
	})
}

func TestContract_refusalsAreReplayed(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		taken := c.post(store+"/discounts", object{"code": "TEN", "type": "percentage", "value": "10"}).want(http.StatusCreated).object()["id"].(string)
		c.store(object{})
		c.store(object{})
		posts := map[int]func() *response{
			http.StatusBadRequest: func() *response {
				return c.postKeyed("400", store+"/discounts", object{"code": "ten", "type": "percentage", "value": "10"})
			},
			http.StatusForbidden: func() *response { return c.postKeyed("403", "/stores", object{"name": "Fourth"}) },
			http.StatusNotFound: func() *response {
				return c.postKeyed("404", store+"/products/019bc186-de00-7004-a201-474e24bce60d/variants", object{})
			},
			http.StatusUnprocessableEntity:  func() *response { return c.postKeyed("422", store+"/categories", object{"name": ""}) },
			http.StatusUnsupportedMediaType: func() *response { return c.postForm(store + "/categories") },
		}
		first := map[int]*response{}
		for status, post := range posts {
			first[status] = post().want(status)
		}
		c.delete(store + "/discounts/" + taken).want(http.StatusNoContent)
		c.onPlan("scale")
		for status, post := range posts {
			post().replayed(first[status])
		}
		c.postKeyed("400", store+"/discounts", object{"code": "TEN", "type": "percentage", "value": "10"}).want(http.StatusUnprocessableEntity)
	})
}

// postForm posts what is no JSON with the key "415".
func (c *client) postForm(path string) *response {
	return c.do("POST", path, "name=Tea", http.Header{"Idempotency-Key": {"415"}, "Content-Type": {"application/x-www-form-urlencoded"}})
}

func TestContract_anAnswerIsReplayedWhateverHappenedSince(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		category := c.postKeyed("category", store+"/categories", object{"name": "Tea"}).want(http.StatusCreated)
		c.delete(store + "/categories/" + category.object()["id"].(string)).want(http.StatusNoContent)
		clone := c.postKeyed("clone", store+"/clone", nil).want(http.StatusCreated)
		last := c.postKeyed("last", "/stores", object{"name": "Last"}).want(http.StatusCreated)
		c.postKeyed("more", "/stores", object{"name": "More"}).want(http.StatusForbidden)
		c.postKeyed("category", store+"/categories", object{"name": "Tea"}).replayed(category)
		c.postKeyed("clone", store+"/clone", nil).replayed(clone)
		c.postKeyed("last", "/stores", object{"name": "Last"}).replayed(last)
		if n := len(c.get("/stores").array()); n != 3 {
			t.Errorf("%d stores", n)
		}
	})
}

func TestContract_keysAreKept24Hours(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/categories"
		first := c.postKeyed("k", path, object{"name": "Tea"}).want(http.StatusCreated)
		p.clock.Advance(24*time.Hour - time.Second)
		c.postKeyed("k", path, object{"name": "Tea"}).replayed(first)
		p.clock.Advance(time.Second)
		c.postKeyed("k", path, object{"name": "Coffee"}).want(http.StatusCreated)
	})
}

func TestContract_aKeyAtOnceMakesOneAnd409sTheOthers(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		path := c.store(object{}) + "/categories"
		for round := range 3 {
			var wg sync.WaitGroup
			answers := make([]*response, 8)
			for i := range answers {
				wg.Go(func() { answers[i] = c.postKeyed(fmt.Sprint("k", round), path, object{"name": "Tea"}) })
			}
			wg.Wait()
			ids := map[string]bool{}
			for _, r := range answers {
				switch r.status {
				case http.StatusCreated:
					ids[r.object()["id"].(string)] = true
				default:
					r.want(http.StatusConflict)
				}
			}
			if n := len(c.get(path).array()); len(ids) != 1 || n != round+1 {
				t.Errorf("round %d: %d answers, %d categories", round, len(ids), n)
			}
		}
	})
}

func TestContract_aKeyIs409WhileItsFirstCallRuns(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/categories"
		c.postKeyed("k", path, object{"name": "Tea"}).want(http.StatusCreated)
		// As a call leaves its key that was killed before it had an answer.
		err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE idempotency_key SET status = NULL, headers = NULL, body = NULL`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c.postKeyed("k", path, object{"name": "Tea"}).want(http.StatusConflict)
		c.postKeyed("k", path, object{"name": "Coffee"}).want(http.StatusUnprocessableEntity)
		p.clock.Advance(59 * time.Second)
		c.postKeyed("k", path, object{"name": "Tea"}).want(http.StatusConflict)
		p.clock.Advance(time.Second)
		again := c.postKeyed("k", path, object{"name": "Tea"}).want(http.StatusCreated)
		c.postKeyed("k", path, object{"name": "Tea"}).replayed(again)
	})
}

func TestContract_401IsNotKept(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		stranger := &client{t: t, url: p.url, token: c.token + "x"}
		stranger.postKeyed("k", "/stores", object{"name": "Shop"}).want(http.StatusUnauthorized)
		if r := c.postKeyed("k", "/stores", object{"name": "Shop"}).want(http.StatusCreated); r.header.Get("Idempotency-Replayed") != "" {
			t.Error("a first answer is called replayed")
		}
	})
}

func TestContract_secretsAreKeptEncrypted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		first := c.postKeyed("k", "/auth/tokens", object{"name": "CI"}).want(http.StatusCreated)
		c.postKeyed("k", "/auth/tokens", object{"name": "CI"}).replayed(first)
		kept, err := db.One(t.Context(), p.db, db.Value[[]byte], `SELECT body FROM idempotency_key`)
		if err != nil {
			t.Fatal(err)
		}
		secret := first.object()["token"].(string)
		if len(kept) == 0 || bytes.Contains(kept, []byte(secret)) || bytes.Contains(kept, []byte("token")) {
			t.Errorf("%d bytes are kept, with the secret in them", len(kept))
		}
	})
}

func TestContract_registerAndLoginIgnoreTheKey(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.nobody(t)
		body := object{"email": "a@example.com", "password": "correct horse"}
		c.postKeyed("k", "/auth/register", body).want(http.StatusCreated)
		c.postKeyed("k", "/auth/register", body).want(http.StatusBadRequest)
		first, second := c.postKeyed("k", "/auth/login", body).want(http.StatusOK), c.postKeyed("k", "/auth/login", body).want(http.StatusOK)
		if first.object()["access_token"] == second.object()["access_token"] || second.header.Get("Idempotency-Replayed") != "" {
			t.Error("a login is replayed")
		}
		c.postKeyed(strings.Repeat("k", 256), "/auth/login", body).want(http.StatusOK)
	})
}

func TestContract_onlyPOSTTakesAKey(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		key := http.Header{"Idempotency-Key": {"k"}}
		for _, name := range []string{"One", "Two"} {
			if got := c.do("PATCH", store, object{"name": name}, key).want(http.StatusOK).object()["name"]; got != name {
				t.Errorf("name %v", got)
			}
			c.do("GET", store, nil, key).want(http.StatusOK)
			c.do("PUT", "/billing/plan", object{"plan": "growth"}, key).want(http.StatusOK)
		}
		c.do("DELETE", store, nil, key).want(http.StatusNoContent)
		c.do("DELETE", store, nil, key).want(http.StatusNotFound)
	})
}

// A call that is slower than its key's minute loses the key to the next one: what it
// did is undone, since its answer cannot be kept with it. (SQLite's one writer keeps
// the second call waiting for the first.)
func TestContract_aCallThatLostItsKeyHasNoEffect(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		if p.db.Engine() == db.SQLite {
			t.Skip("one writer: nobody can be overtaken")
		}
		c := p.merchant(t)
		claims := func() (n int) {
			n, err := db.One(t.Context(), p.db, db.Value[int], `SELECT count(DISTINCT claim) FROM idempotency_key WHERE claimed_at = $1`, db.Time{Time: p.clock.Now()})
			if err != nil {
				t.Error(err)
			}
			return n
		}
		answers := make(chan *response, 2)
		call := func() {
			go func() { answers <- c.postKeyed("k", "/stores", object{"name": "Shop"}) }()
			for claims() == 0 && !t.Failed() {
				runtime.Gosched()
			}
		}
		err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := db.Exec(t.Context(), tx, `UPDATE account SET updated_at = updated_at`); err != nil {
				return err // both wait for this row, with the key in their hands
			}
			call()
			p.clock.Advance(61 * time.Second)
			call()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		first, second := <-answers, <-answers
		if first.status > second.status {
			first, second = second, first
		}
		first.want(http.StatusCreated)
		second.want(http.StatusConflict)
		if n := len(c.get("/stores").array()); n != 1 {
			t.Errorf("%d stores", n)
		}
		c.postKeyed("k", "/stores", object{"name": "Shop"}).replayed(first)
	})
}
