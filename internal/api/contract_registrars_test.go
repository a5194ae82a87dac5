package api_test

// What the contract says of registrars that can do less than the mock, or more: terms,
// early renewals, premium names, contacts, names in other scripts.

import (
	"net/http"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/purchase"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/registrartest"
	"vitrine/internal/registrar/resellerclub"
	"vitrine/internal/registrar/resellerclub/resellerclubtest"
	"vitrine/internal/registrar/squarespace"
	"vitrine/internal/registrar/squarespace/squarespacetest"
)

// eachAt runs fn against an API that buys at a registrar, once on every database.
func eachAt(t *testing.T, mode string, start func(t *testing.T, c clock.Clock) registrar.Provider, fn func(t *testing.T, p *platform)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(began)
		d := dbtest.Open(t, address, c)
		domains, _ := fixture.Domains(d, c)
		settings := purchase.Settings{Mode: mode, Nameservers: registrartest.Servers}
		p := serve(t, address, api.Deps{Domains: domains, Purchases: purchase.New(d, domains, start(t, c), sandbox.New(d), settings)})
		p.clock = c // that the registrar goes by
		fn(t, p)
	})
}

func atSquarespace(t *testing.T, c clock.Clock) registrar.Provider {
	t.Helper()
	s := squarespacetest.New(c, 0)
	w := registrartest.NewWire(t, s, 0)
	p, err := squarespace.New(squarespace.Settings{Endpoint: w.URL, Account: s.Account(w.URL), Currency: "USD", Poll: time.Millisecond, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func atResellerClub(t *testing.T, c clock.Clock) registrar.Provider {
	t.Helper()
	w := registrartest.NewWire(t, resellerclubtest.New(c, 0), 0)
	return resellerclub.New(resellerclub.Settings{
		Endpoint: w.URL + "/api/", ResellerID: resellerclubtest.ResellerID, Key: resellerclubtest.Key, Currency: "USD", Poll: time.Millisecond, Clock: c,
	})
}

func TestContract_whatSquarespaceCannotDoIsRefusedClearly(t *testing.T) {
	eachAt(t, "squarespace", atSquarespace, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		c.post(path+"/purchase", orderOf("mystore.com", 2)).want(http.StatusBadRequest).detail("at most one year at first")
		c.post(path+"/purchase", orderOf("mystore.us", 1)).want(http.StatusBadRequest).detail("not sold here")
		stateless := orderOf("mystore.com", 1)
		stateless["contact_info"].(object)["state"] = ""
		c.post(path+"/purchase", stateless).want(http.StatusUnprocessableEntity)
		got := c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusCreated).object()
		sameBut(c, got, object{"status": "success", "expiry_date": "2027-01-15T12:00:00Z", "auto_dns_configured": true, "ssl_provisioned": true})
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"purchase_provider": "squarespace", "is_purchased": true})
		c.post(path+"/renew", object{"years": 1}).want(http.StatusBadRequest).detail("once it has ended")
		c.patch(path+"/auto-renew", object{"auto_renew": true}).want(http.StatusOK)
		for _, until := range []time.Duration{360 * 24 * time.Hour, 5*24*time.Hour + time.Hour} { // days before its end, and an hour after
			p.endsAt(t, "mystore.com", registrar.After(began, 1))
			p.clock.Advance(until)
			if err := p.purchases.RenewDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		p.endsAt(t, "mystore.com", registrar.After(began, 2))
		p.chargedOnce(t, "mystore.com", 2)
	})
}

// endsAt checks when a name ends, long after the caller's session has.
func (p *platform) endsAt(t *testing.T, name string, want time.Time) {
	t.Helper()
	got, err := db.One(t.Context(), p.db, db.Value[db.Time], `SELECT expiry_date FROM custom_domain WHERE domain = $1`, name)
	if err != nil || !got.Equal(want) {
		t.Errorf("%s ends at %v, want %v; %v", name, got, want, err)
	}
}

func TestContract_namesAreBoughtAndRenewedAtResellerClub(t *testing.T) {
	eachAt(t, "resellerclub", atResellerClub, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		found := c.get("/domains/search?q=mystore&tlds=com,io,us,store").want(http.StatusOK).object()
		sameBut(c, found["results"].(array)[0].(object), object{"domain": "mystore.com", "available": true, "price": "12.99", "currency": "USD", "period_years": 1.0})
		sameBut(c, found["results"].(array)[1].(object), object{"domain": "mystore.io", "available": false, "price": "39.99"})
		if got := found["unsupported"].(array); len(got) != 1 || got[0] != "us" {
			t.Errorf("unsupported: %v", got)
		}
		got := c.post(path+"/purchase", orderOf(" MyStore.com", 3)).want(http.StatusCreated).object()
		sameBut(c, got, object{"domain": "mystore.com", "status": "success", "expiry_date": "2029-01-15T12:00:00Z", "auto_dns_configured": true, "ssl_provisioned": true})
		sameBut(c, c.post(path+"/purchase", orderOf("mystore.com", 3)).want(http.StatusCreated).object(), got)
		before := c.get(path).want(http.StatusOK).object()
		sameBut(c, before, object{"purchase_provider": "resellerclub"})
		renewed := c.post(path+"/renew", object{"years": 2}).want(http.StatusOK).object()
		sameBut(c, renewed, object{"domain": "mystore.com", "new_expiry_date": "2031-01-15T12:00:00Z"})
		if renewed["order_id"] == before["registrar_order_id"] || renewed["order_id"] == "" {
			t.Errorf("the order of the renewal is %v", renewed["order_id"])
		}
		c.post(path+"/renew", object{"years": 6}).want(http.StatusBadRequest).detail("ten years")
		p.chargedOnce(t, "mystore.com", 2)
	})
}

func TestContract_aPremiumNameIsBoughtOnlyAtItsPrice(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		found := c.get("/domains/search?q=premium-gold&tlds=com").want(http.StatusOK).object()["results"].(array)[0].(object)
		sameBut(c, found, object{"premium": true, "price": "649.50", "renewal_price": "12.99"})
		order := orderOf("premium-gold.com", 2)
		c.post(path+"/purchase", order).want(http.StatusBadRequest).detail("is a premium name and costs 649.50 USD")
		p.chargedOnce(t, "premium-gold.com", 0)
		order["price"] = "649.50"
		c.post(path+"/purchase", order).want(http.StatusCreated)
		charged, err := db.One(t.Context(), p.db, db.Value[int], `SELECT amount FROM test_charge WHERE about = $1 AND state = 'captured'`, "premium-gold.com")
		if err != nil || charged != 66249 {
			t.Errorf("charged %d, %v", charged, err)
		}
	})
}

func TestContract_aSearchWarnsOfNamesThatDeceiveAndThinksOfOthers(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		plain := c.get("/domains/search?q=mystore&tlds=com,io").want(http.StatusOK).object()
		if plain["warning"] != nil || len(plain["suggestions"].(array)) == 0 {
			t.Errorf("%v", plain)
		}
		for _, s := range plain["suggestions"].(array) {
			if one := s.(object); one["available"] != true || one["domain"] == "mystore.com" {
				t.Errorf("suggested: %v", one)
			}
		}
		c.bought("mystoreshop.com")
		if again := domainsOf(c.get("/domains/search?q=mystore&tlds=com,io").want(http.StatusOK).object()["suggestions"].(array)); len(again) != len(plain["suggestions"].(array))-1 {
			t.Errorf("suggested after one was bought: %v", again)
		}
		mixed := c.get("/domains/search?q=%D0%B0pple&tlds=com").want(http.StatusOK).object() // its first letter is Cyrillic
		if mixed["warning"] == nil || mixed["results"].(array)[0].(object)["domain"] != "xn--pple-43d.com" {
			t.Errorf("%v", mixed)
		}
	})
}
