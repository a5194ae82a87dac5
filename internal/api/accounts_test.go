package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"vitrine/internal/account"
	"vitrine/internal/api"
	"vitrine/internal/dbtest"
	"vitrine/internal/web"
)

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

// The contract's login stays as it is for accounts without a second factor; with one it
// takes otp besides.
func TestLogin_asksForOTPWhereItIsOn(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		m := p.merchant(t)
		me := account.Credentials{Email: m.user["email"].(string), Password: "correct horse"}
		session, err := p.api.Accounts.Login(t.Context(), me, "")
		if err != nil {
			t.Fatal(err)
		}
		setup, err := p.api.Accounts.NewSetup(session.User)
		if err != nil {
			t.Fatal(err)
		}
		code := func() string {
			c, err := totp.GenerateCode(setup.Key.Secret(), p.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		m.post("/auth/login", object{"email": me.Email, "password": me.Password, "otp": "ignored"}).want(http.StatusOK)
		personal := m.post("/auth/tokens", object{"name": "CI"}).want(http.StatusCreated).object()["token"].(string)
		if _, err := p.api.Accounts.TurnOn(t.Context(), session.User, setup.Sealed, me.Password, code(), "", session.Secret); err != nil {
			t.Fatal(err)
		}
		m.get("/auth/me").want(http.StatusUnauthorized)
		m.token = personal
		m.get("/auth/me").want(http.StatusOK)
		p.clock.Advance(time.Minute)
		for _, c := range []struct{ otp, password, code string }{{"", me.Password, "otp_required"}, {"000000", me.Password, "wrong_otp"}, {code(), "wrong password", "wrong_credentials"}} {
			problem := m.post("/auth/login", object{"email": me.Email, "password": c.password, "otp": c.otp}).want(http.StatusUnauthorized).object()
			if problem["code"] != c.code {
				t.Errorf("%+v: %v", c, problem)
			}
		}
		m.post("/auth/login", object{"email": me.Email, "password": me.Password, "otp": code()}).want(http.StatusOK)
		m.post("/auth/login", object{"email": me.Email, "password": me.Password, "otp": 123456}).invalid("body.otp")
	})
}
