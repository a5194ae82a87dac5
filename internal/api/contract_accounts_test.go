package api_test

// The rows of section 2 of the contract and their tests:
//
//	register       TestContract_registerMakesAUserOnTheFreePlan, TestContract_registerChecksItsForm
//	login          TestContract_loginAnswersLikeRegister, TestContract_loginTakesNoPasswordThatNobodyHas,
//	               TestContract_tenFailuresOfOneAccountAre429, TestContract_bothLoginLimitsAreSettings,
//	               TestLogin_countsFailuresByTheAddressThatATrustedProxyNames (accounts_test.go)
//	logout         TestContract_logoutKillsItsTokenAlone
//	me             TestContract_meCountsTheStores
//	tokens         TestContract_tokensAreShownOnceAndDieAtOnce, TestContract_tokensCheckTheirForm
//	plans          TestContract_plansNeedNoToken
//	billing/plan   TestContract_aPlanBelowWhatIsInUseIs400, TestContract_aPlanAndAStoreAtOnceStayWithinTheLimit

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/api"
	"vitrine/internal/dbtest"
)

// members checks that an object has exactly these.
func members(t testing.TB, got object, names ...string) {
	t.Helper()
	names = slices.Sorted(slices.Values(names)) // whoever gave them may share them
	if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, names) {
		t.Errorf("members %v, want %v", have, names)
	}
	checkForms(t, got)
}

var userMembers = []string{"id", "email", "name", "plan", "store_limit", "store_count", "created_at"}

func checkLogin(t testing.TB, login object) {
	t.Helper()
	members(t, login, "user", "access_token", "token_type", "expires_at")
	members(t, login["user"].(object), userMembers...)
	expires, err := time.Parse(time.RFC3339, login["expires_at"].(string))
	if err != nil || !expires.After(began) || login["token_type"] != "bearer" || len(login["access_token"].(string)) < 32 {
		t.Errorf("login: %v", login)
	}
}

func TestContract_registerMakesAUserOnTheFreePlan(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.nobody(t)
		login := c.post("/auth/register", object{"email": "  Ada@Example.com ", "password": "correct horse", "name": " Ada "}).want(http.StatusCreated).object()
		checkLogin(t, login)
		user := login["user"].(object)
		if user["email"] != "Ada@Example.com" || user["name"] != "Ada" || user["plan"] != "free" || user["store_limit"] != 3.0 || user["store_count"] != 0.0 {
			t.Errorf("user: %v", user)
		}
		c.token = login["access_token"].(string)
		sameBut(c, c.get("/auth/me").want(http.StatusOK).object(), user)
		for _, email := range []string{"Ada@Example.com", "ada@example.com", " ADA@EXAMPLE.COM"} {
			c.post("/auth/register", object{"email": email, "password": "another one"}).want(http.StatusBadRequest).detail("email is already registered")
		}
		if got := c.post("/auth/register", object{"email": "b@example.com", "password": "correct horse"}).want(http.StatusCreated).object()["user"].(object)["name"]; got != nil {
			t.Errorf("no name reads %v", got)
		}
		for i, body := range []object{
			{"password": strings.Repeat("x", 10)},
			{"password": strings.Repeat("ü", 200)},
			{"password": " leading and trailing "},
			{"password": "correct horse", "name": nil},
			{"password": "correct horse", "name": ""},
			{"password": "correct horse", "name": strings.Repeat("é", 200)},
		} {
			body["email"] = fmt.Sprintf("u%d@example.com", i)
			c.post("/auth/register", body).want(http.StatusCreated)
			c.post("/auth/login", object{"email": body["email"], "password": body["password"]}).want(http.StatusOK)
			c.post("/auth/login", object{"email": body["email"], "password": body["password"].(string) + " "}).want(http.StatusUnauthorized)
		}
	})
}

func TestContract_registerChecksItsForm(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.nobody(t)
		good := object{"email": "a@example.com", "password": "correct horse", "name": "A"}
		for member, bad := range map[string]array{
			"email":    {"", " ", "a", "a@", "@example.com", "a b@example.com", "a@example", "a@b@example.com", "A <a@example.com>", "a@example.com\x00", "a\x00@example.com", strings.Repeat("a", 250) + "@example.com", 5, nil, array{}},
			"password": {"", "123456789", strings.Repeat("x", 201), "correct\x00horse", "correct\nhorse", 1234567890, nil, array{"correct horse"}},
			"name":     {strings.Repeat("x", 201), "A\x00", "A\nB", 5, array{}},
		} {
			for _, value := range bad {
				body := maps.Clone(good)
				body[member] = value
				c.post("/auth/register", body).invalid("body." + member)
			}
		}
		c.post("/auth/register", object{}).invalid("body.email", "body.password")
		c.post("/auth/register", object{"email": "a@example.com", "password": "correct horse", "plan": "scale"}).invalid("body.plan")
		c.post("/auth/register", good).want(http.StatusCreated) // none of them made the account
	})
}

func TestContract_registerTheSameEmailAtOnceMakesOneUser(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		var wg sync.WaitGroup
		statuses := make([]int, 8)
		for i := range statuses {
			wg.Go(func() {
				statuses[i] = p.nobody(t).post("/auth/register", object{"email": []string{"a@example.com", "A@example.com"}[i%2], "password": "correct horse"}).status
			})
		}
		wg.Wait()
		slices.Sort(statuses)
		if statuses[0] != http.StatusCreated || statuses[1] != http.StatusBadRequest || statuses[7] != http.StatusBadRequest {
			t.Errorf("statuses %v", statuses)
		}
	})
}

func TestContract_loginAnswersLikeRegister(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		email := c.user["email"].(string)
		login := c.post("/auth/login", object{"email": " " + strings.ToUpper(email), "password": "correct horse"}).want(http.StatusOK).object()
		checkLogin(t, login)
		if login["user"].(object)["id"] != c.user["id"] || login["access_token"] == c.token {
			t.Errorf("login: %v", login)
		}
		wrong := c.post("/auth/login", object{"email": email, "password": "incorrect horse"}).want(http.StatusUnauthorized)
		for _, unknown := range []string{"nobody@example.com", "no address", "x"} {
			r := c.post("/auth/login", object{"email": unknown, "password": "incorrect horse"}).want(http.StatusUnauthorized)
			if string(r.raw) != string(wrong.raw) || r.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s and %s", r.raw, wrong.raw)
			}
		}
		for _, body := range []any{object{}, object{"email": email}, object{"password": "correct horse"}, object{"email": email, "password": nil}, object{"email": 5, "password": "correct horse"}, object{"email": email, "password": "correct horse", "remember": true}} {
			c.post("/auth/login", body).want(http.StatusUnprocessableEntity)
		}
	})
}

func TestContract_loginTakesNoPasswordThatNobodyHas(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.nobody(t)
		c.post("/auth/login", object{"email": "a\x00@example.com", "password": "correct horse"}).invalid("body.email")
		c.post("/auth/login", object{"email": "a@example.com", "password": "correct\x00horse"}).invalid("body.password")
		// Text that does not compress, longer than an index of PostgreSQL takes.
		var long strings.Builder
		for i := range 30_000 {
			fmt.Fprintf(&long, "%x", i*i*7919)
		}
		c.post("/auth/login", object{"email": long.String() + "@example.com", "password": "correct horse"}).invalid("body.email")
		c.post("/auth/login", object{"email": "a@example.com", "password": long.String()}).want(http.StatusUnauthorized)
		c.post("/auth/login", object{"email": "a@example.com", "password": ""}).want(http.StatusUnauthorized)
	})
}

func TestContract_tenFailuresOfOneAccountAre429(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		email := c.user["email"].(string)
		try := func(email, password string) *response {
			return c.post("/auth/login", object{"email": email, "password": password})
		}
		for i := range 9 {
			try([]string{email, strings.ToUpper(email), " " + email}[i%3], "incorrect horse").want(http.StatusUnauthorized)
			p.clock.Advance(time.Minute)
		}
		try(email, "correct horse").want(http.StatusOK) // nine failures are not ten, and end here
		for range 10 {
			try(email, "incorrect horse").want(http.StatusUnauthorized)
			p.clock.Advance(time.Minute)
		}
		for _, password := range []string{"incorrect horse", "correct horse"} {
			if r := try(email, password).want(http.StatusTooManyRequests); r.header.Get("Retry-After") == "" || r.header.Get("Retry-After") == "0" {
				t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
			}
		}
		try(other.user["email"].(string), "correct horse").want(http.StatusOK)
		c.get("/auth/me").want(http.StatusOK) // who is in stays in
		// The first failure is fifteen minutes old: nine count.
		p.clock.Advance(5*time.Minute + time.Second)
		try(email, "incorrect horse").want(http.StatusUnauthorized)
		try(email, "incorrect horse").want(http.StatusTooManyRequests)
		p.clock.Advance(15*time.Minute + time.Second)
		try(email, "correct horse").want(http.StatusOK)
		// An account that is not there is counted alike.
		for range 10 {
			try("nobody@example.com", "incorrect horse").want(http.StatusUnauthorized)
		}
		try("nobody@example.com", "incorrect horse").want(http.StatusTooManyRequests)
	})
}

func TestContract_bothLoginLimitsAreSettings(t *testing.T) {
	t.Parallel()
	settings := account.DefaultSettings
	settings.FailuresPerAccount, settings.FailuresPerAddress = 2, 5
	dbtest.EachURL(t, func(t *testing.T, address string) {
		p := serveWith(t, address, api.Deps{}, settings)
		c := p.merchant(t)
		n := 0
		try := func(email any, password string) *response {
			n++ // without trusted proxies, X-Forwarded-For is anybody's word
			return c.do("POST", "/auth/login", object{"email": email, "password": password}, http.Header{"X-Forwarded-For": {fmt.Sprintf("203.0.113.%d", n)}})
		}
		for _, email := range []string{"a@example.com", "a@example.com", "b@example.com", "c@example.com"} {
			try(email, "incorrect horse").want(http.StatusUnauthorized)
		}
		try("a@example.com", "incorrect horse").want(http.StatusTooManyRequests) // the account's limit
		try(c.user["email"], "correct horse").want(http.StatusOK)
		try("d@example.com", "incorrect horse").want(http.StatusUnauthorized)
		try(c.user["email"], "correct horse").want(http.StatusTooManyRequests) // the address's
		p.clock.Advance(15*time.Minute + time.Second)
		try(c.user["email"], "correct horse").want(http.StatusOK)
	})
}

func TestContract_logoutKillsItsTokenAlone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		session := c.post("/auth/login", object{"email": c.user["email"], "password": "correct horse"}).want(http.StatusOK).object()["access_token"].(string)
		program := c.post("/auth/tokens", object{"name": "CI"}).want(http.StatusCreated).object()["token"].(string)
		as := func(token string) *client { return &client{t: t, url: p.url, token: token} }
		for _, token := range []string{session, program} {
			if r := as(token).post("/auth/logout", nil).want(http.StatusNoContent); len(r.raw) != 0 {
				t.Errorf("a body: %s", r.raw)
			}
			as(token).get("/auth/me").want(http.StatusUnauthorized)
			as(token).post("/auth/logout", nil).want(http.StatusUnauthorized)
		}
		c.get("/auth/me").want(http.StatusOK)
		if n := len(c.get("/auth/tokens").array()); n != 0 {
			t.Errorf("%d tokens are listed", n)
		}
		p.nobody(t).post("/auth/logout", nil).want(http.StatusUnauthorized)
	})
}

func TestContract_sessionsEndByThemselves(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		login := p.nobody(t).post("/auth/register", object{"email": "a@example.com", "password": "correct horse"}).want(http.StatusCreated).object()
		expires, err := time.Parse(time.RFC3339, login["expires_at"].(string))
		if err != nil {
			t.Fatal(err)
		}
		c := &client{t: t, url: p.url, token: login["access_token"].(string)}
		p.clock.Advance(expires.Sub(began) - time.Second)
		c.get("/auth/me").want(http.StatusOK)
		p.clock.Advance(time.Second)
		c.get("/auth/me").want(http.StatusUnauthorized)
	})
}

func TestContract_meCountsTheStores(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		count := func() any {
			me := c.get("/auth/me").want(http.StatusOK).object()
			members(t, me, userMembers...)
			return me["store_count"]
		}
		first := c.store(object{})
		c.store(object{})
		if n := count(); n != 2.0 {
			t.Errorf("store_count %v", n)
		}
		c.delete(first).want(http.StatusNoContent)
		if n := count(); n != 1.0 {
			t.Errorf("store_count %v after a delete", n)
		}
	})
}

func TestContract_tokensAreShownOnceAndDieAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		r := c.post("/auth/tokens", object{"name": " CI ", "expires_at": "2026-01-15T14:00:00+01:00"}).want(http.StatusCreated)
		made := r.object()
		members(t, made, "id", "name", "token", "created_at", "expires_at")
		if made["name"] != "CI" || made["expires_at"] != "2026-01-15T13:00:00Z" || made["created_at"] != "2026-01-15T12:00:00Z" {
			t.Errorf("token %v", made)
		}
		forever := c.post("/auth/tokens", object{"name": "forever", "expires_at": nil}).want(http.StatusCreated).object()
		list := c.get("/auth/tokens").want(http.StatusOK)
		if got := column(list.array(), "id"); !slices.Equal(got, []any{forever["id"], made["id"]}) {
			t.Errorf("listed %v", got)
		}
		for _, token := range list.array() {
			members(t, token, "id", "name", "created_at", "expires_at")
		}
		if strings.Contains(string(list.raw), made["token"].(string)) {
			t.Error("the secret is shown again")
		}
		if n := len(other.get("/auth/tokens").array()); n != 0 {
			t.Errorf("another user sees %d tokens", n)
		}
		program := &client{t: t, url: p.url, token: made["token"].(string)}
		program.store(object{}) // it acts for its user
		p.clock.Advance(time.Hour - time.Microsecond)
		program.get("/auth/me").want(http.StatusOK)
		p.clock.Advance(time.Microsecond)
		program.get("/auth/me").want(http.StatusUnauthorized)

		program.token = forever["token"].(string)
		one := "/auth/tokens/" + forever["id"].(string)
		other.delete(one).want(http.StatusNotFound)
		program.get("/auth/me").want(http.StatusOK)
		c.delete(one).want(http.StatusNoContent)
		program.get("/auth/me").want(http.StatusUnauthorized)
		c.delete(one).want(http.StatusNotFound)
		c.delete("/auth/tokens/nonsense").want(http.StatusNotFound)
	})
}

func TestContract_tokensCheckTheirForm(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for _, name := range []any{"", " ", strings.Repeat("x", 201), "a\x00b", "a\nb", nil, 5} {
			c.post("/auth/tokens", object{"name": name}).invalid("body.name")
		}
		for _, expires := range []any{"2026-01-15T12:00:00Z", "2026-01-15T11:59:59Z", "2020-01-01T00:00:00Z", "tomorrow", "2027-01-01", "2027-13-01T00:00:00Z", "2027-01-01T00:00:00", 1800000000, "", true} {
			c.post("/auth/tokens", object{"name": "t", "expires_at": expires}).invalid("body.expires_at")
		}
		c.post("/auth/tokens", object{"name": "t", "token": "mine"}).invalid("body.token")
		c.post("/auth/tokens", object{}).invalid("body.name")
		if n := len(c.get("/auth/tokens").array()); n != 0 {
			t.Errorf("%d tokens were made", n)
		}
	})
}

func TestContract_plansNeedNoToken(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		for _, header := range []http.Header{nil, {"Authorization": {"Bearer nonsense"}}} {
			plans := p.nobody(t).do("GET", "/plans", nil, header).want(http.StatusOK).array()
			if got := column(plans, "id"); !slices.Equal(got, []any{"free", "growth", "scale"}) {
				t.Errorf("plans %v", got)
			}
			if got := column(plans, "store_limit"); !slices.Equal(got, []any{3.0, 25.0, nil}) {
				t.Errorf("limits %v", got)
			}
			for _, plan := range plans {
				delete(plan, "id") // which is a word
				members(t, plan, "name", "store_limit", "price", "currency", "period")
				if price, isText := plan["price"].(string); !isText || !strings.Contains(price, ".") {
					t.Errorf("price %v", plan["price"])
				}
			}
		}
	})
}

func TestContract_aPlanBelowWhatIsInUseIs400(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for range 3 {
			c.store(object{})
		}
		c.post("/stores", object{"name": "Fourth"}).want(http.StatusForbidden)
		user := c.put("/billing/plan", object{"plan": "growth"}).want(http.StatusOK).object()
		members(t, user, userMembers...)
		if user["plan"] != "growth" || user["store_limit"] != 25.0 || user["store_count"] != 3.0 {
			t.Errorf("user %v", user)
		}
		fourth := c.store(object{})
		c.put("/billing/plan", object{"plan": "free"}).want(http.StatusBadRequest)
		if user := c.put("/billing/plan", object{"plan": "scale"}).want(http.StatusOK).object(); user["store_limit"] != nil {
			t.Errorf("user %v", user)
		}
		c.put("/billing/plan", object{"plan": "free"}).want(http.StatusBadRequest)
		c.delete(fourth).want(http.StatusNoContent)
		c.put("/billing/plan", object{"plan": "free"}).want(http.StatusOK) // three of three
		c.put("/billing/plan", object{"plan": "free"}).want(http.StatusOK)
		for _, plan := range []any{"gold", "", "FREE", nil, 5, "free\x00", array{"free"}} {
			c.put("/billing/plan", object{"plan": plan}).invalid("body.plan")
		}
		c.put("/billing/plan", object{}).invalid("body.plan")
		p.nobody(t).put("/billing/plan", object{"plan": "free"}).want(http.StatusUnauthorized)
	})
}

func TestContract_plansChosenAtOnceAllTakeEffect(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		var wg sync.WaitGroup
		for i := range 8 {
			plan := []string{"growth", "scale"}[i%2]
			wg.Go(func() {
				if r := c.put("/billing/plan", object{"plan": plan}); r.status != http.StatusOK {
					t.Errorf("%s: status %d: %s", plan, r.status, r.raw)
				}
			})
		}
		wg.Wait()
		if plan := c.get("/auth/me").object()["plan"]; plan != "growth" && plan != "scale" {
			t.Errorf("the plan is %v", plan)
		}
	})
}

func TestContract_aPlanAndAStoreAtOnceStayWithinTheLimit(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		for range 4 {
			c := p.merchant(t).onPlan("growth")
			for range 3 {
				c.store(object{})
			}
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					if i%2 == 0 {
						c.put("/billing/plan", object{"plan": "free"})
					} else {
						c.post("/stores", object{"name": "Fourth"})
					}
				})
			}
			wg.Wait()
			me := c.get("/auth/me").object()
			if n := len(c.get("/stores").array()); float64(n) != me["store_count"] || me["plan"] == "free" && n > 3 {
				t.Errorf("%d stores, and %v", n, me)
			}
		}
	})
}
