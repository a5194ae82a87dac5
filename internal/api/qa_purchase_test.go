package api_test

// The QA plan of the document's Feature 7: items 1 to 28, its edge cases and its
// acceptance criteria, each with a test named after it.

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/certificate"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	dnsmock "vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/fixture"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/mock"
)

// contact is whom the tests register names for.
func contact() object {
	return object{
		"first_name": "John", "last_name": "Doe", "email": "john@example.com", "phone": "+1234567890", "address": "123 Main St",
		"city": "New York", "state": "NY", "country": "US", "zip_code": "10001",
	}
}

// orderOf is the body that buys a name.
func orderOf(name string, years int) object {
	return object{"domain": name, "years": years, "contact_info": contact()}
}

// bought buys a name for a new store and returns the path of its domain.
func (c *client) bought(name string) string {
	c.t.Helper()
	path := c.store(object{}) + "/domain"
	c.post(path+"/purchase", orderOf(name, 1)).want(http.StatusCreated)
	return path
}

func domainsOf(results array) []string {
	var names []string
	for _, r := range results {
		names = append(names, r.(object)["domain"].(string))
	}
	return names
}

func TestPurchaseQA01_searchHasOneResultPerTLD(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		found := p.merchant(t).get("/domains/search?q=mystore").want(http.StatusOK).object()
		if got := domainsOf(found["results"].(array)); !slices.Equal(got, []string{"mystore.com", "mystore.io", "mystore.store"}) {
			t.Errorf("found %v", got)
		}
	})
}

func TestPurchaseQA02_eachResultHasItsMembers(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		found := c.get("/domains/search?q=mystore&tlds=com,io,store").want(http.StatusOK).object()
		members(t, found, "results", "suggestions", "unsupported")
		for i, want := range []object{
			{"domain": "mystore.com", "available": true, "price": "12.99"}, {"domain": "mystore.io", "available": false, "price": "39.99"}, {"domain": "mystore.store", "available": true, "price": "24.99"},
		} {
			got := found["results"].(array)[i].(object)
			members(t, got, "domain", "available", "price", "currency", "period_years", "renewal_price", "premium", "unknown")
			maps.Copy(want, object{"currency": "USD", "period_years": 1.0, "premium": false})
			sameBut(c, got, want)
		}
	})
}

func TestPurchaseQA03_searchWithOtherTLDs(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for query, want := range map[string]string{
			"q=mystore&tlds=net,org":           "mystore.net mystore.org",
			"q=MyStore&tlds=.NET,%20shop,net":  "mystore.net mystore.shop",
			"q=mystore.dev":                    "mystore.dev mystore.com mystore.io mystore.store",
			"q=mystore.io":                     "mystore.io mystore.com mystore.store",
			"q=www.mystore.io":                 "mystore.io mystore.com mystore.store",
			"q=www.com":                        "www.com www.io www.store",
			"q=b%C3%BCcher&tlds=com":           "xn--bcher-kva.com",
			"q=mystore&tlds=com,nosuchtld,zzz": "mystore.com",
			"q=mystore&tlds=nosuchtld":         "",
		} {
			found := c.get("/domains/search?" + query).want(http.StatusOK).object()
			if got := strings.Join(domainsOf(found["results"].(array)), " "); got != want {
				t.Errorf("%s: found %q, want %q", query, got, want)
			}
			if lacks := strings.Contains(query, "nosuchtld"); lacks != slices.Contains(found["unsupported"].(array), any("nosuchtld")) {
				t.Errorf("%s: unsupported %v", query, found["unsupported"])
			}
		}
	})
}

func TestPurchaseQA04_anEmptySearchIsInvalid(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for _, query := range []string{"", "?q=", "?q=%20", "?q=my%20store", "?q=-mystore", "?q=my_store", "?q=" + strings.Repeat("a", 64), "?q=.com", "?q=mystore&page=2", "?q=a%00b", "?q=a..com"} {
			c.get("/domains/search" + query).want(http.StatusUnprocessableEntity)
		}
		c.get("/domains/search").invalid("query.q").detail("The q is required.")
		c.get("/domains/search?q=my_store").invalid("query.q")
		c.get("/domains/search?q=" + strings.Repeat("a", 63) + "&tlds=com").want(http.StatusOK)
	})
}

func TestPurchaseQA05_aPurchaseSucceeds(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		got := c.post(c.store(object{})+"/domain/purchase", orderOf("mystore.com", 1)).want(http.StatusCreated).object()
		members(t, got, "domain", "order_id", "status", "expiry_date", "auto_dns_configured", "ssl_provisioned")
		sameBut(c, got, object{"domain": "mystore.com", "status": "success", "expiry_date": "2027-01-15T12:00:00Z", "auto_dns_configured": true, "ssl_provisioned": true})
		if !strings.HasPrefix(got["order_id"].(string), "order-") {
			t.Errorf("order_id %v", got["order_id"])
		}
	})
}

func TestPurchaseQA06to10_theDomainKeepsWhatWasBought(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		made := c.post(path+"/purchase", orderOf("mystore.com", 2)).want(http.StatusCreated).object()
		d := c.get(path).want(http.StatusOK).object()
		members(t, d, domainMembers...)
		sameBut(c, d, object{
			"domain": "mystore.com", "is_purchased": true, "purchase_provider": "mock", "purchase_date": "2026-01-15T12:00:00Z", "expiry_date": "2028-01-15T12:00:00Z",
			"registrar_order_id": made["order_id"], "auto_renew": false, "status": "active", "verified_at": "2026-01-15T12:00:00Z",
		})
		if at, err := p.names.GetDomainInfo(t.Context(), "mystore.com"); err != nil || !slices.Equal(at.Nameservers, []string{"ns1.platform.app", "ns2.platform.app"}) {
			t.Errorf("at the registrar: %+v, %v", at, err)
		}
	})
}

func TestPurchaseQA11_12_theRecordsAndTheCertificateAreThere(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.bought("mystore.com")
		records := c.records(path)
		if len(records) != 2 || records[0]["record_type"] != "A" || records[1]["record_type"] != "CNAME" {
			t.Errorf("records %v", records)
		}
		p.inStep(t, c, path, "mystore.com")
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"ssl_provisioned": true, "auto_dns_configured": true})
	})
}

func TestPurchaseQA13_aStoreHasOneDomain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.bought("mystore.com")
		c.post(path+"/purchase", orderOf("another.com", 1)).want(http.StatusBadRequest).detail("already has a custom domain")
		attached := c.attached("connected.com")
		c.post(attached+"/purchase", orderOf("another.com", 1)).want(http.StatusBadRequest).detail("already has a custom domain")
		c.post(attached+"/purchase", orderOf("connected.com", 1)).want(http.StatusBadRequest).detail("already has a custom domain")
		if _, err := p.names.GetDomainInfo(t.Context(), "another.com"); registrar.KindOf(err) != registrar.NotOurs {
			t.Errorf("another.com: %v", err)
		}
	})
}

func TestPurchaseQA14_aDomainOfAnotherStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		c.bought("mystore.com")
		c.attached("connected.com")
		for _, name := range []string{"mystore.com", "connected.com"} {
			other.post(other.store(object{})+"/domain/purchase", orderOf(name, 1)).want(http.StatusBadRequest).detail("already in use")
		}
		c.post(c.store(object{})+"/domain/purchase", orderOf("mystore.com", 1)).want(http.StatusBadRequest).detail("already in use")
	})
}

func TestPurchaseQA15_16_aStoreThatIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		p.merchant(t).post(store+"/domain/purchase", orderOf("mystore.com", 1)).want(http.StatusNotFound)
		c.delete(store).want(http.StatusNoContent)
		c.post(store+"/domain/purchase", orderOf("mystore.com", 1)).want(http.StatusNotFound)
	})
}

func TestPurchaseQA17_18_aRenewalMovesTheEnd(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.bought("mystore.com")
		got := c.post(path+"/renew", object{"years": 3}).want(http.StatusOK).object()
		members(t, got, "domain", "new_expiry_date", "order_id")
		sameBut(c, got, object{"domain": "mystore.com", "new_expiry_date": "2030-01-15T12:00:00Z"})
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"expiry_date": "2030-01-15T12:00:00Z", "registrar_order_id": got["order_id"], "purchase_date": "2026-01-15T12:00:00Z"})
		if !strings.HasPrefix(got["order_id"].(string), "renewal-") {
			t.Errorf("order_id %v", got["order_id"])
		}
	})
}

func TestPurchaseQA19_aDomainThatWasNotBoughtHere(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		c.post(c.attached("mystore.com")+"/renew", object{"years": 1}).want(http.StatusBadRequest).detail("not purchased")
	})
}

func TestPurchaseQA20_noDomainAtAll(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		c.post(path+"/renew", object{"years": 1}).want(http.StatusNotFound)
		c.patch(path+"/auto-renew", object{"auto_renew": true}).want(http.StatusNotFound)
	})
}

func TestPurchaseQA21_22_autoRenewIsTurnedOnAndOff(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.bought("mystore.com")
		for _, on := range []bool{true, true, false} {
			got := c.patch(path+"/auto-renew", object{"auto_renew": on}).want(http.StatusOK).object()
			members(t, got, "domain", "auto_renew")
			sameBut(c, got, object{"domain": "mystore.com", "auto_renew": on})
			sameBut(c, c.get(path).want(http.StatusOK).object(), object{"auto_renew": on})
		}
	})
}

func TestContract_autoRenewHonoursItsKey(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.bought("mystore.com")
		first := c.patchKeyed("on", path+"/auto-renew", object{"auto_renew": true}).want(http.StatusOK)
		c.patch(path+"/auto-renew", object{"auto_renew": false}).want(http.StatusOK)
		c.patchKeyed("on", path+"/auto-renew", object{"auto_renew": true}).replayed(first)
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"auto_renew": false}) // what was done once is not done again
		c.patchKeyed("on", path+"/auto-renew", object{"auto_renew": false}).want(http.StatusUnprocessableEntity).detail("Idempotency-Key")
	})
}

func TestPurchaseQA23_autoRenewOfADomainThatWasNotBoughtHere(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.attached("mystore.com")
		c.patch(path+"/auto-renew", object{"auto_renew": true}).want(http.StatusBadRequest).detail("not purchased")
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"auto_renew": false})
	})
}

func TestPurchaseQA24to26_ownedDomains(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		c.attached("connected.com")
		c.bought("first.com")
		p.clock.Advance(time.Hour)
		c.bought("second.com")
		gone := c.bought("gone.com")
		c.delete(strings.TrimSuffix(gone, "/domain")).want(http.StatusNoContent)
		owned := c.get("/domains/owned").want(http.StatusOK).object()
		members(t, owned, "domains")
		if got := domainsOf(owned["domains"].(array)); !slices.Equal(got, []string{"second.com", "first.com"}) {
			t.Fatalf("owned %v", got)
		}
		first := owned["domains"].(array)[1].(object)
		members(t, first, "id", "store_id", "store_name", "domain", "status", "purchase_provider", "purchase_date", "expiry_date", "days_to_expiry",
			"auto_renew", "is_purchased", "registrar_order_id", "ssl_provisioned", "auto_dns_configured")
		sameBut(c, first, object{
			"domain": "first.com", "status": "active", "purchase_provider": "mock", "purchase_date": "2026-01-15T12:00:00Z", "expiry_date": "2027-01-15T12:00:00Z",
			"auto_renew": false, "is_purchased": true, "ssl_provisioned": true, "auto_dns_configured": true, "days_to_expiry": 364.0,
		})
		all := c.get("/domains/owned?all=true").want(http.StatusOK).object()["domains"].(array)
		if got := domainsOf(all); !slices.Contains(got, "gone.com") || len(got) != 3 {
			t.Errorf("with those that no store stands under: %v", got)
		}
		if others := p.merchant(t).get("/domains/owned").want(http.StatusOK).object()["domains"].(array); len(others) != 0 {
			t.Errorf("somebody else owns %v", others)
		}
		// A name that lost its store goes under another one, and is not bought again.
		next := c.store(object{}) + "/domain"
		c.post(next+"/purchase", orderOf("gone.com", 1)).want(http.StatusBadRequest).detail("You own gone.com already")
		sameBut(c, c.post(next, object{"domain": "gone.com"}).want(http.StatusCreated).object(), object{"is_purchased": true, "status": "active"}) // its certificate is still good
	})
}

func TestPurchaseQA27_nobodyGetsAnything(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		store, nobody := p.merchant(t).store(object{}), p.nobody(t)
		nobody.get("/domains/search?q=mystore").want(http.StatusUnauthorized)
		nobody.get("/domains/owned").want(http.StatusUnauthorized)
		nobody.post(store+"/domain/purchase", orderOf("mystore.com", 1)).want(http.StatusUnauthorized)
		nobody.post(store+"/domain/renew", object{"years": 1}).want(http.StatusUnauthorized)
		nobody.patch(store+"/domain/auto-renew", object{"auto_renew": true}).want(http.StatusUnauthorized)
	})
}

func TestPurchaseQA28_years(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		for _, years := range []any{0, 11, -1, 1.5, "1", nil} {
			body := orderOf("mystore.com", 1)
			body["years"] = years
			c.post(path+"/purchase", body).want(http.StatusUnprocessableEntity)
		}
		c.post(path+"/purchase", orderOf("mystore.com", 10)).want(http.StatusCreated)
		for _, years := range []int{0, 11} {
			c.post(path+"/renew", object{"years": years}).want(http.StatusUnprocessableEntity)
		}
		c.post(path+"/renew", object{"years": 1}).want(http.StatusBadRequest).detail("ten years")
	})
}

func TestPurchaseEdge_dnsAndSSLFailuresDoNotUndoAPurchase(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address, clock.At(began))
		issuer := &failing{certificate.NewMock(clock.At(began)), 1}
		p := serve(t, address, api.Deps{Domains: domain.New(d, dnsmock.New(d, 0), nil, issuer, fixture.DomainSettings)})
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		got := c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusCreated).object()
		sameBut(c, got, object{"status": "success", "auto_dns_configured": true, "ssl_provisioned": false})
		if err := p.purchases.Due(t.Context()); err != nil { // not yet
			t.Fatal(err)
		}
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"ssl_provisioned": false, "status": "verified"})
		p.clock.Advance(time.Minute)
		if err := p.purchases.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
		sameBut(c, c.get(path).want(http.StatusOK).object(), object{"ssl_provisioned": true, "status": "active"})
	})
	t.Run("records", func(t *testing.T) {
		each(t, func(t *testing.T, p *platform) {
			c := p.merchant(t)
			path := c.store(object{}) + "/domain"
			p.dns.Fail(dnsmock.Fault{Err: dns.Errorf(dns.Refused, "No.")})
			got := c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusCreated).object()
			sameBut(c, got, object{"auto_dns_configured": false, "ssl_provisioned": false})
			sameBut(c, c.get(path).want(http.StatusOK).object(), object{"is_purchased": true, "status": "verified"})
			p.clock.Advance(time.Minute)
			if err := p.purchases.Due(t.Context()); err != nil {
				t.Fatal(err)
			}
			sameBut(c, c.get(path).want(http.StatusOK).object(), object{"auto_dns_configured": true, "ssl_provisioned": true, "status": "active"})
		})
	})
}

func TestPurchaseEdge_pendingIsAnErrorForTheCallerAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		p.names.Fail(mock.Fault{Open: time.Hour})
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusBadGateway).detail("not through with mystore.com")
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusBadGateway)
		p.clock.Advance(30 * time.Minute)
		if err := p.purchases.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusBadGateway)
		p.clock.Advance(2 * time.Hour)
		if err := p.purchases.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusCreated).object()
		sameBut(c, c.post(path+"/purchase", orderOf(" MYSTORE.com ", 1)).want(http.StatusCreated).object(), first)
		sameBut(c, first, object{"auto_dns_configured": true, "ssl_provisioned": true})
		p.chargedOnce(t, "mystore.com", 1)
	})
}

func TestPurchaseEdge_aLostAnswerIsNeverAskedForAgain(t *testing.T) {
	lost := registrar.Errorf(registrar.Unanswered, "cut off")
	for name, x := range map[string]struct {
		late bool
		want int
	}{"it was registered": {true, http.StatusCreated}, "it was not": {false, http.StatusCreated}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, p *platform) {
				c := p.merchant(t)
				path := c.store(object{}) + "/domain"
				p.names.Fail(mock.Fault{Err: lost, Late: x.late})
				c.post(path+"/purchase", orderOf("mystore.com", 1)).want(http.StatusBadGateway)
				p.clock.Advance(time.Minute)
				if err := p.purchases.Due(t.Context()); err != nil {
					t.Fatal(err)
				}
				p.clock.Advance(time.Hour)
				if err := p.purchases.Due(t.Context()); err != nil {
					t.Fatal(err)
				}
				if !x.late {
					c.get(path).want(http.StatusNotFound)
					p.chargedOnce(t, "mystore.com", 0)
				}
				c.post(path+"/purchase", orderOf("mystore.com", 1)).want(x.want)
				p.chargedOnce(t, "mystore.com", 1)
			})
		})
	}
}

func TestPurchaseEdge_caseAndSpaceDoNotMatter(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		got := c.post(c.store(object{})+"/domain/purchase", orderOf("  MyStore.COM \t", 1)).want(http.StatusCreated).object()
		sameBut(c, got, object{"domain": "mystore.com"})
	})
}

func TestPurchaseEdge_oneNameForManyStoresAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		n := 40
		if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
			n = 200
		}
		var mu sync.Mutex
		got := map[int]int{}
		var wg sync.WaitGroup
		for range n {
			c := p.merchant(t)
			path := c.store(object{}) + "/domain/purchase"
			wg.Go(func() {
				r := c.post(path, orderOf("mystore.com", 1))
				if r.status == http.StatusBadRequest {
					r.detail("already in use")
				}
				mu.Lock()
				got[r.status]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if got[http.StatusCreated] != 1 || got[http.StatusBadRequest] != n-1 {
			t.Errorf("statuses %v", got)
		}
		p.chargedOnce(t, "mystore.com", 1)
		if orders, err := db.One(t.Context(), p.db, db.Value[int], `SELECT count(*) FROM purchase WHERE state <> 'released'`); err != nil || orders != 1 {
			t.Errorf("%d orders, %v", orders, err)
		}
	})
}

// chargedOnce checks how many charges for a name were captured, and that all others
// were let go of.
func (p *platform) chargedOnce(t *testing.T, name string, want int) {
	t.Helper()
	got := map[string]int{}
	for _, state := range p.charges(t, name) {
		got[state]++
	}
	if got["captured"] != want || got["authorised"] != 0 {
		t.Errorf("charges for %s: %v, want %d captured and the rest let go of", name, got, want)
	}
}

// charges returns the states of the charges for a name.
func (p *platform) charges(t *testing.T, name string) []string {
	t.Helper()
	all, err := db.All(t.Context(), p.db, db.Value[string], `SELECT state FROM test_charge WHERE about = $1`, name)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// failing is an issuer that fails a few times.
type failing struct {
	certificate.Mock
	left int
}

func (f *failing) Issue(ctx context.Context, names []string, have certificate.Certificate) (certificate.Certificate, error) {
	if f.left--; f.left >= 0 {
		return certificate.Certificate{}, errors.New("no certificate today")
	}
	return f.Mock.Issue(ctx, names, have)
}
