package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/dbtest"
	"vitrine/internal/web"
)

func TestRegister_makesAUserOnTheFreePlan(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		r := p.nobody(t).post("/auth/register", object{"email": " Ada@Example.com ", "password": "long enough", "name": "Ada"}).want(http.StatusCreated)
		body := r.object()
		user := body["user"].(object)
		if body["token_type"] != "bearer" || body["expires_at"] == nil || !strings.HasPrefix(body["access_token"].(string), "vtr_") {
			t.Errorf("session: %s", r.raw)
		}
		if user["email"] != "Ada@Example.com" || user["plan"] != "free" || user["store_limit"] != 3.0 || user["store_count"] != 0.0 || user["created_at"] != "2026-01-15T12:00:00Z" {
			t.Errorf("user: %v", user)
		}
		p.nobody(t).post("/auth/register", object{"email": "ada@example.COM", "password": "long enough"}).
			want(http.StatusBadRequest).detail("email is already registered")
	})
}

func TestRegister_namesWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		nobody := p.nobody(t)
		nobody.post("/auth/register", object{"email": "ada", "password": "short"}).invalid("body.email", "body.password")
		nobody.post("/auth/register", object{"email": "a@example.com", "password": strings.Repeat("x", 201)}).invalid("body.password")
		nobody.post("/auth/register", object{"email": "a@example.com", "password": "long enough", "admin": true}).invalid("body.admin")
		nobody.post("/auth/register", object{"email": "a@example.com", "password": "long enough", "name": "A\x00da"}).invalid("body.name")
		nobody.post("/auth/register", object{}).invalid()
		for _, broken := range []string{`{"password": "tell nobody"`, `"tell nobody"`, `{"email": "a@example.com", "password": ["tell nobody"]}`} {
			r := nobody.post("/auth/register", broken).invalid()
			if strings.Contains(string(r.raw), "tell nobody") {
				t.Errorf("the password is sent back: %s", r.raw)
			}
		}
		nobody.do("POST", "/auth/register", "a=b", http.Header{"Content-Type": {"text/plain"}}).want(http.StatusUnsupportedMediaType)
	})
}

func TestLogin_answersAWrongPasswordLikeAnUnknownEmail(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		email := c.user["email"].(string)
		wrong := c.post("/auth/login", object{"email": email, "password": "not this one"}).want(http.StatusUnauthorized)
		unknown := c.post("/auth/login", object{"email": "nobody@example.com", "password": "not this one"}).want(http.StatusUnauthorized)
		if wrong.object()["detail"] != unknown.object()["detail"] {
			t.Errorf("%s and %s", wrong.raw, unknown.raw)
		}
		r := c.post("/auth/login", object{"email": strings.ToUpper(email), "password": "correct horse"}).want(http.StatusOK)
		c.token = r.object()["access_token"].(string)
		c.get("/auth/me").want(http.StatusOK)
	})
}

func TestLogin_isRefusedAfterTenFailuresOfOneAccount(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		right := object{"email": c.user["email"], "password": "correct horse"}
		wrong := object{"email": c.user["email"], "password": "not this one"}
		var wg sync.WaitGroup
		var refused [14]bool
		for i := range refused {
			wg.Go(func() { refused[i] = c.post("/auth/login", wrong).status == http.StatusTooManyRequests })
		}
		wg.Wait()
		n := 0
		for _, r := range refused {
			if r {
				n++
			}
		}
		if n != 4 {
			t.Errorf("%d of 14 failures at once were refused, want 4", n)
		}
		r := c.post("/auth/login", right).want(http.StatusTooManyRequests)
		if r.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		c.get("/auth/me").want(http.StatusOK)
		p.clock.Advance(15*time.Minute + time.Second)
		c.post("/auth/login", right).want(http.StatusOK)
	})
}

func TestLogin_countsFailuresByTheAddressThatATrustedProxyNames(t *testing.T) {
	t.Parallel()
	proxies, err := web.ParseProxies("127.0.0.0/8, ::1")
	if err != nil {
		t.Fatal(err)
	}
	dbtest.EachURL(t, func(t *testing.T, address string) {
		p := serve(t, address, api.Deps{TrustedProxies: proxies})
		c := p.nobody(t)
		from := func(chain string, i int) *response {
			return c.do("POST", "/auth/login", object{"email": "u" + strings.Repeat("x", i) + "@example.com", "password": "not this one"}, http.Header{"X-Forwarded-For": {chain}})
		}
		for i := range 100 {
			from("203.0.113.9, 198.51.100.7", i).want(http.StatusUnauthorized)
		}
		from("192.0.2.1, 198.51.100.7", 100).want(http.StatusTooManyRequests)
		from("198.51.100.7, 203.0.113.9", 101).want(http.StatusUnauthorized)
	})
}

func TestToken_isDeadAfterLogoutExpiryAndRevocation(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		made := c.post("/auth/tokens", object{"name": "CI"}).want(http.StatusCreated).object()
		if made["token"] == nil || made["expires_at"] != nil || made["name"] != "CI" {
			t.Errorf("token: %v", made)
		}
		program := &client{t: t, url: p.url, token: made["token"].(string)}
		program.get("/auth/me").want(http.StatusOK)
		listed := c.get("/auth/tokens").want(http.StatusOK)
		if got := listed.array(); len(got) != 1 || got[0]["id"] != made["id"] || got[0]["token"] != nil {
			t.Errorf("tokens: %s", listed.raw)
		}
		p.merchant(t).delete("/auth/tokens/" + made["id"].(string)).want(http.StatusNotFound)
		c.delete("/auth/tokens/" + made["id"].(string)).want(http.StatusNoContent)
		program.get("/auth/me").want(http.StatusUnauthorized)

		program.token = c.post("/auth/tokens", object{"name": "short", "expires_at": "2026-01-15T13:00:00Z"}).want(http.StatusCreated).object()["token"].(string)
		program.get("/auth/me").want(http.StatusOK)
		p.clock.Advance(time.Hour)
		program.get("/auth/me").want(http.StatusUnauthorized)
		c.post("/auth/tokens", object{"name": "late", "expires_at": "2026-01-15T12:30:00Z"}).invalid("body.expires_at")

		c.post("/auth/logout", nil).want(http.StatusNoContent)
		r := c.get("/auth/me").want(http.StatusUnauthorized)
		if r.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("WWW-Authenticate: %q", r.header.Get("WWW-Authenticate"))
		}
	})
}

func TestPlans_areShownToAnybodyAndChangeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		plans := p.nobody(t).get("/plans").want(http.StatusOK).array()
		if len(plans) != 3 || plans[0]["id"] != "free" || plans[0]["store_limit"] != 3.0 || plans[1]["store_limit"] != 25.0 || plans[2]["store_limit"] != nil || plans[1]["price"] != "49.00" {
			t.Errorf("plans: %v", plans)
		}
		c := p.merchant(t)
		if got := c.put("/billing/plan", object{"plan": "growth"}).want(http.StatusOK).object(); got["store_limit"] != 25.0 {
			t.Errorf("user: %v", got)
		}
		c.put("/billing/plan", object{"plan": "gold"}).invalid("body.plan")
		for range 4 {
			c.store(object{})
		}
		c.put("/billing/plan", object{"plan": "free"}).want(http.StatusBadRequest).detail("4 stores")
		if got := c.get("/auth/me").object(); got["plan"] != "growth" || got["store_count"] != 4.0 {
			t.Errorf("user: %v", got)
		}
	})
}

func TestToken_expiresAtATimeThatTheDatabaseCanHold(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		c.post("/auth/tokens", object{"name": "late", "expires_at": "9999-12-31T23:59:59-10:00"}).invalid("body.expires_at")
		made := c.post("/auth/tokens", object{"name": "last", "expires_at": "9999-12-31T23:59:59Z"}).want(http.StatusCreated).object()
		program := &client{t: t, url: p.url, token: made["token"].(string)}
		program.get("/auth/me").want(http.StatusOK)
		if got := c.get("/auth/tokens").want(http.StatusOK).array(); len(got) != 1 || got[0]["expires_at"] != "9999-12-31T23:59:59Z" {
			t.Errorf("tokens: %v", got)
		}
	})
}

func TestBody_thatDoesNotFitIsToldWithoutOurInternals(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/categories"
		r := c.post(path, `{"name": "Tea", "position": 99999999999999999999}`).invalid("body.position")
		if strings.Contains(string(r.raw), "Go struct") || strings.Contains(string(r.raw), "json:") {
			t.Errorf("internals are told: %s", r.raw)
		}
		c.post(path, "{\"name\": \"T\xff\xfea\"}").invalid("body").detail("UTF-8")
		if n := len(c.get(path).array()); n != 0 {
			t.Errorf("%d categories were made", n)
		}
	})
}
