package api_test

// The rows of section 6 of the contract, and their tests:
//
//	CustomDomain             TestContract_aDomainIsAttached
//	POST /domain             TestContract_aDomainIsAttached, TestContract_namesThatNoStoreCanStandUnder, TestContract_aStoreHasOneDomainAndADomainOneStore,
//	                         TestContract_twoAtOnceForOneDomain, TestContract_wwwGoesWithItsDomain
//	GET, DELETE /domain      TestContract_aDetachedDomainIsFree, TestContract_theRecordsOfADetachedDomainLeaveTheProvider
//	verify                   TestContract_verification, TestContract_theProofIsReadOverDNS
//	auto-configure           TestContract_autoConfigureNeedsVerification, TestContract_aRecordInTheWayIsNamed, TestContract_autoConfigureTwiceAtOnce
//	GET records              TestContract_recordsAreListedManagedFirst
//	POST records             TestContract_theValueFitsItsType, TestContract_recordsThatCannotStandTogether
//	PATCH, DELETE records    TestContract_aRecordIsChangedInParts, TestContract_aLostAnswerIsReconciled
//	status, propagation      TestContract_statusFollowsTheRecords, TestContract_slowPropagation, and qa_dns_test.go
//	plan, sync               TestContract_planAndSync, TestContract_whatIsInStepIsNotInThePlan
//	ssl/provision            TestContract_sslNeedsDNS, TestContract_aNewCertificateOnlyWhenItIsDue
//	rulings on domains       TestContract_deletingAStoreFreesItsDomain, TestContract_aCloneHasNoDomain
//	webhooks                 TestContract_webhooksHearOfADomainThatIsActive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/certificate"
	"vitrine/internal/clock"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/fixture"
)

func TestContract_aDomainIsAttached(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		made := c.post(store+"/domain", object{"domain": "  MyStore.COM "}).want(http.StatusCreated).object()
		members(t, made, domainMembers...)
		sameBut(c, made, object{
			"store_id": strings.TrimPrefix(store, "/stores/"), "domain": "mystore.com", "status": "pending", "status_reason": nil, "verified_at": nil, "dns_provider": nil,
			"dns_zone_id": nil, "auto_dns_configured": false, "ssl_provisioned": false, "ssl_provider": nil, "ssl_certificate_id": nil, "ssl_expires_at": nil,
			"is_purchased": false, "purchase_provider": nil, "purchase_date": nil, "expiry_date": nil, "auto_renew": false, "registrar_order_id": nil,
			"created_at": "2026-01-15T12:00:00Z", "updated_at": "2026-01-15T12:00:00Z",
			"verification_record": object{"record_type": "TXT", "name": "_vitrine-challenge.mystore.com", "value": made["verification_token"]},
		})
		sameBut(c, c.get(store+"/domain").want(http.StatusOK).object(), made)
		for written, want := range map[string]string{"Bücher.Example": "xn--bcher-kva.example", "例え.テスト": "xn--r8jz45g.xn--zckzah", "a.b.example.co.uk.": "a.b.example.co.uk", "faß.de": "xn--fa-hia.de"} {
			c.onPlan("scale")
			got := c.post(c.store(object{})+"/domain", object{"domain": written}).want(http.StatusCreated).object()["domain"]
			if got != want {
				t.Errorf("%q becomes %q, want %q", written, got, want)
			}
		}
	})
}

func TestContract_namesThatNoStoreCanStandUnder(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		for _, name := range []string{
			"", " ", ".", "com", "co.uk", "github.io", "localhost", "shop.localhost", "proxy.platform.app", "192.0.2.1", "2001:db8::1", "[::1]", "1.2.3", "my store.com",
			"https://mystore.com", "mystore.com/", "mystore.com:443", "-mystore.com", "my_store.com", "mystore..com", ".mystore.com", "*.mystore.com", "user@mystore.com",
			"xn--a.com", "a\u200db.com", "mystore.com\x00", strings.Repeat("a", 64) + ".com", strings.Repeat("abcdefg.", 40) + "com", strings.Repeat("ü", 5000) + ".com",
		} {
			c.post(store+"/domain", object{"domain": name}).invalid("body.domain")
		}
		for _, body := range []any{nil, object{}, object{"domain": nil}, object{"domain": 7}, object{"domain": "mystore.com", "status": "active"}, `{`} {
			c.post(store+"/domain", body).want(http.StatusUnprocessableEntity)
		}
		c.get(store + "/domain").want(http.StatusNotFound)
	})
}

func TestContract_aStoreHasOneDomainAndADomainOneStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		domain := c.attached("mystore.com")
		c.post(domain, object{"domain": "another.com"}).want(http.StatusBadRequest).detail("already has a custom domain")
		c.post(domain, object{"domain": "mystore.com"}).want(http.StatusBadRequest).detail("already has a custom domain")
		second := c.store(object{})
		c.post(second+"/domain", object{"domain": "MYSTORE.com"}).want(http.StatusBadRequest).detail("already in use")
		other.post(other.store(object{})+"/domain", object{"domain": "mystore.com"}).want(http.StatusBadRequest).detail("already in use")
		c.post(second+"/domain", object{"domain": "shop.mystore.com"}).want(http.StatusCreated)
	})
}

func TestContract_wwwGoesWithItsDomain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		c.attached("mystore.com")
		theirs := other.store(object{})
		other.post(theirs+"/domain", object{"domain": "www.mystore.com"}).want(http.StatusBadRequest).detail("already in use")
		other.post(theirs+"/domain", object{"domain": "www.theirs.com"}).want(http.StatusCreated)
		c.post(c.store(object{})+"/domain", object{"domain": "theirs.com"}).want(http.StatusBadRequest).detail("already in use")
	})
}

func TestContract_twoAtOnceForOneDomain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		var stores []string
		for range 8 {
			stores = append(stores, c.store(object{}))
		}
		var mu sync.Mutex
		got := map[int]int{}
		var wg sync.WaitGroup
		for i, store := range stores {
			name := "mystore.com"
			if i%2 == 1 {
				name = "www.mystore.com"
			}
			wg.Go(func() {
				r := c.post(store+"/domain", object{"domain": name})
				mu.Lock()
				defer mu.Unlock()
				got[r.status]++
			})
		}
		wg.Wait()
		if got[http.StatusCreated] != 1 || got[http.StatusBadRequest] != 7 {
			t.Errorf("answers %v", got)
		}
	})
}

func TestContract_aDetachedDomainIsFree(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		domain := c.configured("mystore.com")
		c.post(domain+"/ssl/provision", nil).want(http.StatusOK)
		token := c.get(domain).want(http.StatusOK).object()["verification_token"]
		c.delete(domain).want(http.StatusNoContent)
		c.get(domain).want(http.StatusNotFound)
		c.delete(domain).want(http.StatusNotFound)
		for _, who := range []*client{other, c} { // a fresh token for whoever comes, also for who had it
			path := who.store(object{}) + "/domain"
			got := who.post(path, object{"domain": "mystore.com"}).want(http.StatusCreated).object()
			sameBut(who, got, object{"status": "pending", "verified_at": nil, "ssl_provisioned": false, "auto_dns_configured": false})
			if got["verification_token"] == token {
				t.Errorf("the token of before: %v", token)
			}
			who.delete(path).want(http.StatusNoContent)
		}
	})
}

func TestContract_theRecordsOfADetachedDomainLeaveTheProvider(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		c.record(domain, "TXT", "@", "hello")
		c.delete(domain).want(http.StatusNoContent)
		if left := p.atProvider(t, "mystore.com"); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		// A provider that is away does not keep anybody; what is left goes when it is back.
		c.post(domain, object{"domain": "mystore.com"}).want(http.StatusCreated)
		c.post(domain+"/verify", nil).want(http.StatusOK)
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK)
		away := mock.Fault{Err: dns.Errorf(dns.Unanswered, "connection refused")}
		p.dns.Fail(away, away)
		c.delete(domain).want(http.StatusNoContent)
		if left := p.atProvider(t, "mystore.com"); len(left) != 2 {
			t.Errorf("while it is away: %v", left)
		}
		p.work(t)
		eventually(t, "the records are gone", func() bool { return len(p.atProvider(t, "mystore.com")) == 0 })
	})
}

func TestContract_verification(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.attached("mystore.com")
		for range 2 {
			got := c.post(domain+"/verify", nil).want(http.StatusOK).object()
			members(t, got, "verified", "status", "detail")
			sameBut(c, got, object{"verified": true, "status": "verified"})
		}
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"status": "verified", "verified_at": "2026-01-15T12:00:00Z"})
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK)
		c.post(domain+"/ssl/provision", nil).want(http.StatusOK)
		sameBut(c, c.post(domain+"/verify", nil).want(http.StatusOK).object(), object{"verified": true, "status": "active"})
	})
}

// texts is a resolver that knows a few TXT records.
type texts struct {
	mu  sync.Mutex
	say map[string][]string
	err error
}

func (r *texts) Text(_ context.Context, name string) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.say[name], r.err
}

func (r *texts) set(name string, err error, values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.say, r.err = map[string][]string{name: values}, err
}

// eachResolving is each, with a resolver of the test's own.
func eachResolving(t *testing.T, fn func(t *testing.T, p *platform, r *texts)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		r, c := &texts{}, clock.At(began)
		d := dbtest.Open(t, address, c)
		domains := domain.New(d, mock.New(d, 0), r, certificate.NewMock(c), fixture.DomainSettings)
		fn(t, serve(t, address, api.Deps{Domains: domains}), r)
	})
}

func TestContract_theProofIsReadOverDNS(t *testing.T) {
	eachResolving(t, func(t *testing.T, p *platform, r *texts) {
		c := p.merchant(t)
		domain := c.attached("mystore.com")
		record := c.get(domain).want(http.StatusOK).object()["verification_record"].(object)
		name, token := record["name"].(string), record["value"].(string)
		not := func(detail string) {
			t.Helper()
			got := c.post(domain+"/verify", nil).want(http.StatusOK).object()
			sameBut(c, got, object{"verified": false, "status": "pending"})
			if !strings.Contains(got["detail"].(string), detail) {
				t.Errorf("detail %q, want %q in it", got["detail"], detail)
			}
		}
		not("no TXT record " + name)
		r.set(name, nil, "something else")
		not("says something else")
		r.set(name, errors.New("timeout"))
		not("could not be asked")
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusBadRequest)
		r.set(name, nil, "something else", token)
		sameBut(c, c.post(domain+"/verify", nil).want(http.StatusOK).object(), object{"verified": true, "status": "verified"})
		r.set(name, errors.New("timeout"))
		sameBut(c, c.post(domain+"/verify", nil).want(http.StatusOK).object(), object{"verified": true, "status": "verified"})
	})
}

func TestContract_autoConfigureNeedsVerification(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.attached("mystore.com")
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusBadRequest).detail("Verify")
		c.post(domain+"/dns/auto-configure?replace=maybe", nil).want(http.StatusUnprocessableEntity)
		c.post(domain+"/dns/auto-configure?force=true", nil).want(http.StatusUnprocessableEntity)
		if left := c.records(domain); len(left) != 0 {
			t.Errorf("made %v", left)
		}
	})
}

func TestContract_aRecordInTheWayIsNamed(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		c.record(domain, "A", "@", "192.0.2.77")
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusBadRequest).detail("192.0.2.77")
		if left := c.records(domain); len(left) != 1 {
			t.Errorf("half of it was done: %v", left)
		}
		got := c.post(domain+"/dns/auto-configure?replace=true", nil).want(http.StatusOK).object()
		sameBut(c, got, object{"records_created": 2.0})
		if left := c.records(domain); len(left) != 2 {
			t.Errorf("left %v", left)
		}
		p.inStep(t, c, domain, "mystore.com")

		c.delete(domain + "/dns/records/" + c.records(domain)[1]["id"].(string)).want(http.StatusNoContent)
		c.record(domain, "TXT", "www", "hello")
		c.record(domain, "TXT", "@", "not in the way")
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusBadRequest).detail("www TXT")
		c.post(domain+"/dns/auto-configure?replace=true", nil).want(http.StatusOK)
		if left := c.records(domain); len(left) != 3 {
			t.Errorf("left %v", left)
		}
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestContract_aRecordThatIsRightIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		own := c.record(domain, "A", "@", "192.0.2.1")
		got := c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object()
		sameBut(c, got, object{"records_created": 1.0})
		sameBut(c, got["records"].(array)[0].(object), object{"id": own["id"], "is_managed": true})
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestContract_autoConfigureTwiceAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		var mu sync.Mutex
		made := 0.0
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				got := c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object()
				mu.Lock()
				defer mu.Unlock()
				made += got["records_created"].(float64)
				if len(got["records"].(array)) != 2 {
					t.Errorf("answered %v", got)
				}
			})
		}
		wg.Wait()
		if made != 2 {
			t.Errorf("made %v records", made)
		}
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestContract_recordsAreListedManagedFirst(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		for _, name := range []string{"zoo", "api", "mail"} {
			c.record(domain, "TXT", name, "hello")
			c.record(domain, "A", name, "192.0.2.7")
		}
		c.record(domain, "TXT", "@", "hello")
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK)
		want := []string{"@ A", "www CNAME", "@ TXT", "api A", "api TXT", "mail A", "mail TXT", "zoo A", "zoo TXT"}
		for _, limit := range []int{1, 2, 50} {
			var got []string
			for _, r := range c.all(domain+"/dns/records", limit) {
				got = append(got, fmt.Sprint(r["name"], " ", r["record_type"]))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d at a time: %v", limit, got)
			}
		}
	})
}

func TestContract_theValueFitsItsType(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.attached("mystore.com")
		rank := func(kind string) any {
			if kind == "MX" || kind == "SRV" {
				return 10
			}
			return nil
		}
		n := 0
		for kind, values := range map[string]map[string]string{ // what is kept; "" is refused
			"A":     {"192.0.2.1": "192.0.2.1", " 192.0.2.2 ": "192.0.2.2", "": "", "192.0.2": "", "192.0.2.256": "", "2001:db8::1": "", "mystore.com": "", "192.0.2.01": ""},
			"AAAA":  {"2001:DB8:0:0::1": "2001:db8::1", "192.0.2.1": "", "::ffff:192.0.2.1": "", "fe80::1%eth0": "", "2001:db8:::1": ""},
			"CNAME": {"Shops.Example.com.": "shops.example.com", "_x._domainkey.example.com": "_x._domainkey.example.com", "": "", "not a host": "", "192.0.2.1": "", "-a.example.com": "", "https://a.example": "", "*.example.com": "", "host": ""},
			"MX":    {"mail.example.com": "mail.example.com", "10 mail.example.com": "", "": "", "192.0.2.1": "", ".": "."},
			"NS":    {"ns1.example.com": "ns1.example.com", "ns1 example": "", "": ""},
			"TXT":   {"v=spf1 include:example.com -all": "v=spf1 include:example.com -all", strings.Repeat("é", 2048): strings.Repeat("é", 2048), strings.Repeat("é", 2049): "", "": "", "a\nb": "", `with "quotes" and \`: `with "quotes" and \`},
			"SRV":   {"5 5060 sip.example.com": "5 5060 sip.example.com", "5  5060 SIP.example.com.": "5 5060 sip.example.com", "5060 sip.example.com": "", "5 65536 sip.example.com": "", "-1 1 sip.example.com": "", "0 0 .": "0 0 ."},
			"CAA":   {`0 issue "letsencrypt.org"`: `0 issue "letsencrypt.org"`, `128 ISSUEWILD letsencrypt.org`: `128 issuewild "letsencrypt.org"`, `0 issue ";"`: `0 issue ";"`, `256 issue "a.org"`: "", `issue "a.org"`: "", `0 issue "a`: "", "": ""},
		} {
			for value, kept := range values {
				n++
				body := object{"record_type": kind, "name": fmt.Sprintf("n%d", n), "value": value, "priority": rank(kind)}
				if kept == "" {
					c.post(domain+"/dns/records", body).invalid("body.value")
					continue
				}
				if got := c.post(domain+"/dns/records", body).want(http.StatusCreated).object(); got["value"] != kept {
					t.Errorf("%s %q is kept as %q", kind, value, got["value"])
				}
			}
		}
		for _, c2 := range []struct {
			body     object
			location string
		}{
			{object{"record_type": "MX", "name": "@", "value": "mail.example.com"}, "body.priority"},
			{object{"record_type": "SRV", "name": "_sip._tcp", "value": "5 5060 sip.example.com", "priority": nil}, "body.priority"},
			{object{"record_type": "MX", "name": "@", "value": "mail.example.com", "priority": -1}, "body.priority"},
			{object{"record_type": "MX", "name": "@", "value": "mail.example.com", "priority": 65536}, "body.priority"},
			{object{"record_type": "A", "name": "@", "value": "192.0.2.1", "priority": 1}, "body.priority"},
			{object{"record_type": "PTR", "name": "@", "value": "a.example.com"}, "body.record_type"},
			{object{"record_type": "A", "name": "", "value": "192.0.2.1"}, "body.name"},
			{object{"record_type": "A", "name": "two words", "value": "192.0.2.1"}, "body.name"},
			{object{"record_type": "A", "name": "a..b", "value": "192.0.2.1"}, "body.name"},
			{object{"record_type": "A", "name": "a.*", "value": "192.0.2.1"}, "body.name"},
			{object{"record_type": "A", "name": "www.other.com.", "value": "192.0.2.1"}, "body.name"},
			{object{"record_type": "A", "name": strings.Repeat("a.", 130) + "b", "value": "192.0.2.1"}, "body.name"},
			{object{"record_type": "A", "name": "x", "value": "192.0.2.1", "is_managed": true}, "body.is_managed"},
			{object{"name": "x", "value": "192.0.2.1"}, "body.record_type"},
		} {
			c.post(domain+"/dns/records", c2.body).invalid(c2.location)
		}
		for given, want := range map[string]string{"Mail.MyStore.com.": "mail", "mystore.com": "@", "*": "*", "*.deep": "*.deep", "_dmarc": "_dmarc"} {
			got := c.record(domain, "TXT", given, "named "+want)
			sameBut(c, got, object{"name": want})
		}
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestContract_recordsThatCannotStandTogether(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		refused := func(body object, detail string) {
			t.Helper()
			c.post(domain+"/dns/records", body).want(http.StatusBadRequest).detail(detail)
		}
		refused(object{"record_type": "CNAME", "name": "@", "value": "shops.example.com"}, "root")
		refused(object{"record_type": "A", "name": "www", "value": "192.0.2.7"}, "beside")
		refused(object{"record_type": "CNAME", "name": "www", "value": "shops.example.com"}, "beside")
		c.record(domain, "TXT", "mail", "hello")
		refused(object{"record_type": "CNAME", "name": "mail", "value": "shops.example.com"}, "beside")
		refused(object{"record_type": "TXT", "name": "mail", "value": "hello"}, "already")
		refused(object{"record_type": "TXT", "name": "MAIL", "value": "hello", "ttl": 60}, "already")
		second := c.record(domain, "TXT", "mail", "Hello")
		c.patch(domain+"/dns/records/"+second["id"].(string), object{"value": "hello"}).want(http.StatusBadRequest).detail("already")
		c.patch(domain+"/dns/records/"+second["id"].(string), object{"name": "www"}).want(http.StatusBadRequest).detail("beside")
		// Records of one name and type have one TTL.
		c.patch(domain+"/dns/records/"+second["id"].(string), object{"ttl": 120}).want(http.StatusOK)
		p.inStep(t, c, domain, "mystore.com")
		for _, r := range c.records(domain) {
			if r["name"] == "mail" && r["ttl"] != 120.0 {
				t.Errorf("%v", r)
			}
		}
	})
}

func TestContract_aRecordIsChangedInParts(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		r := c.post(domain+"/dns/records", object{"record_type": "MX", "name": "@", "value": "mail.example.com", "priority": 10}).want(http.StatusCreated).object()
		path := domain + "/dns/records/" + r["id"].(string)
		sameBut(c, c.patch(path, object{}).want(http.StatusOK).object(), r)
		sameBut(c, c.patch(path, object{"record_type": "MX", "priority": 20}).want(http.StatusOK).object(), object{"value": "mail.example.com", "priority": 20.0, "ttl": 3600.0})
		sameBut(c, c.patch(path, object{"name": "in"}).want(http.StatusOK).object(), object{"name": "in", "priority": 20.0})
		for _, kind := range []string{"A", "TXT", "SRV", "PTR"} {
			c.patch(path, object{"record_type": kind}).invalid("body.record_type")
		}
		for _, body := range []object{{"record_type": "A", "value": "192.0.2.1", "priority": nil}, {"priority": nil}, {"value": nil}, {"ttl": nil}, {"name": nil}, {"value": "192.0.2.1"}, {"value": ""}, {"colour": "red"}} {
			c.patch(path, body).want(http.StatusUnprocessableEntity)
		}
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestContract_aLostAnswerIsReconciled(t *testing.T) {
	lost := dns.Errorf(dns.Unanswered, "connection reset")
	for name, when := range map[string]struct {
		faults []mock.Fault
		status int
	}{
		"asking again tells that it was done":     {[]mock.Fault{{Err: lost, Late: true}}, http.StatusCreated},
		"nobody can be asked, and it was done":    {[]mock.Fault{{Err: lost, Late: true}, {Err: lost}}, http.StatusBadGateway},
		"nobody can be asked, and it was not":     {[]mock.Fault{{Err: lost}, {Err: lost}}, http.StatusBadGateway},
		"asking again shows nothing for now":      {[]mock.Fault{{Err: lost}}, http.StatusBadGateway},
		"an error of another kind, after the act": {[]mock.Fault{{Err: errors.New("broken"), Late: true}, {Err: lost}}, http.StatusBadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, p *platform) {
				c := p.merchant(t)
				domain := c.verified("mystore.com")
				c.record(domain, "TXT", "@", "before")
				kept := c.record(domain, "A", "kept", "192.0.2.7")
				gone := c.record(domain, "A", "gone", "192.0.2.7")
				settle := func() {
					t.Helper()
					p.clock.Advance(time.Minute)
					if err := p.domains.Repair(t.Context()); err != nil {
						t.Fatal(err)
					}
					p.inStep(t, c, domain, "mystore.com")
				}
				p.dns.Fail(when.faults...)
				c.post(domain+"/dns/records", object{"record_type": "A", "name": "new", "value": "192.0.2.8"}).want(when.status)
				settle()
				p.dns.Fail(when.faults...)
				c.patch(domain+"/dns/records/"+kept["id"].(string), object{"value": "192.0.2.9", "ttl": 60}).want(either(when.status, http.StatusOK))
				settle()
				p.dns.Fail(when.faults...)
				c.delete(domain + "/dns/records/" + gone["id"].(string)).want(either(when.status, http.StatusNoContent))
				settle()
				c.record(domain, "TXT", "@", "after")
				p.inStep(t, c, domain, "mystore.com")
			})
		})
	}
}

// either is good where the case goes well, else its status.
func either(status, good int) int {
	if status == http.StatusCreated {
		return good
	}
	return status
}

func TestContract_statusFollowsTheRecords(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.attached("mystore.com")
		status := func(want object) {
			t.Helper()
			got := c.get(domain + "/dns/status").want(http.StatusOK).object()
			members(t, got, "domain", "dns_configured", "ssl_provisioned", "records_count", "propagation_status", "next_step", "wait_seconds")
			sameBut(c, got, want)
		}
		status(object{"domain": "mystore.com", "dns_configured": false, "ssl_provisioned": false, "records_count": 0.0, "propagation_status": "not_configured"})
		c.record(domain, "TXT", "@", "hello")
		status(object{"records_count": 1.0, "propagation_status": "not_configured"})
		c.post(domain+"/verify", nil).want(http.StatusOK)
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK)
		status(object{"dns_configured": true, "ssl_provisioned": false, "records_count": 3.0, "propagation_status": "propagated", "next_step": "Get a certificate."})
		c.post(domain+"/ssl/provision", nil).want(http.StatusOK)
		status(object{"dns_configured": true, "ssl_provisioned": true, "next_step": nil})
	})
}

func TestContract_slowPropagation(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address, clock.At(began)) // its clock stands: nothing gets anywhere
		domains := domain.New(d, mock.New(d, time.Minute), nil, certificate.NewMock(clock.At(began)), fixture.DomainSettings)
		p := serve(t, address, api.Deps{Domains: domains})
		c := p.merchant(t)
		path := c.configured("mystore.com")
		sameBut(c, c.get(path+"/dns/status").want(http.StatusOK).object(), object{"propagation_status": "pending", "wait_seconds": 60.0})
		got := c.get(path + "/dns/propagation").want(http.StatusOK).object()
		sameBut(c, got, object{"propagated": false, "total_records": 2.0, "verified_records": 0.0})
		sameBut(c, got["details"].(array)[0].(object), object{"observed": array{}, "propagated": false, "wait_seconds": 60.0})
	})
}

func TestContract_planAndSync(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.attached("mystore.com")
		nothing := func() {
			t.Helper()
			for _, path := range []string{"/dns/plan", "/dns/sync"} {
				if got := c.post(domain+path, nil).want(http.StatusOK).array(); len(got) != 0 {
					t.Errorf("%s: %v", path, got)
				}
			}
		}
		nothing()
		c.post(domain+"/verify", nil).want(http.StatusOK)
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK)
		changed := c.record(domain, "A", "changed", "192.0.2.7")
		lost := c.record(domain, "A", "lost", "192.0.2.7")
		nothing()

		ctx, zone := t.Context(), "mock-zone-mystore.com"
		if _, err := p.dns.UpdateRecord(ctx, zone, changed["provider_record_id"].(string), dns.Record{Name: "changed.mystore.com", Type: dns.A, Value: "192.0.2.8", TTL: 60}); err != nil {
			t.Fatal(err)
		}
		if err := p.dns.DeleteRecord(ctx, zone, lost["provider_record_id"].(string)); err != nil {
			t.Fatal(err)
		}
		priority := 10
		strange, err := p.dns.CreateRecord(ctx, zone, dns.Record{Name: "mystore.com", Type: dns.MX, Value: "mail.example.com", TTL: 300, Priority: &priority})
		if err != nil {
			t.Fatal(err)
		}
		c.patch(domain+"/dns/records/"+lost["id"].(string), object{"ttl": 60}).want(http.StatusConflict).detail("plan")

		plan := c.post(domain+"/dns/plan", nil).want(http.StatusOK).array()
		if len(plan) != 3 {
			t.Fatalf("the plan is %v", plan)
		}
		members(t, plan[0], "action", "record", "observed")
		sameBut(c, plan[0], object{"action": "update", "record": changed, "observed": object{
			"record_type": "A", "name": "changed", "value": "192.0.2.8", "ttl": 60.0, "priority": nil, "provider_record_id": changed["provider_record_id"],
		}})
		sameBut(c, plan[1], object{"action": "create", "record": lost, "observed": nil})
		sameBut(c, plan[2], object{"action": "adopt", "record": nil, "observed": object{
			"record_type": "MX", "name": "@", "value": "mail.example.com", "ttl": 300.0, "priority": 10.0, "provider_record_id": strange.ID,
		}})
		if got := c.post(domain+"/dns/sync", nil).want(http.StatusOK).array(); fmt.Sprint(got) != fmt.Sprint(plan) {
			t.Errorf("did %v, planned %v", got, plan)
		}
		p.inStep(t, c, domain, "mystore.com")
		if n := len(c.records(domain)); n != 5 {
			t.Errorf("%d records", n)
		}
		nothing()
	})
}

func TestContract_whatIsInStepIsNotInThePlan(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		c.record(domain, "NS", "@", "ns1.example.com")
		c.record(domain, "TXT", "_acme-challenge", "made by hand")
		for _, path := range []string{"/dns/plan", "/dns/sync"} {
			if got := c.post(domain+path, nil).want(http.StatusOK).array(); len(got) != 0 {
				t.Errorf("%s: %v", path, got)
			}
		}
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestContract_sslNeedsDNS(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.attached("mystore.com")
		c.post(domain+"/ssl/provision", nil).want(http.StatusBadRequest)
		c.post(domain+"/verify", nil).want(http.StatusOK)
		c.post(domain+"/ssl/provision", nil).want(http.StatusBadRequest).detail("not configured")
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"status": "verified", "ssl_provisioned": false, "ssl_certificate_id": nil})
	})
}

func TestContract_aNewCertificateOnlyWhenItIsDue(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		first := c.post(domain+"/ssl/provision", nil).want(http.StatusOK).object()
		p.clock.Advance(20 * time.Hour)
		sameBut(c, c.post(domain+"/ssl/provision", nil).want(http.StatusOK).object(), first)
		p.clock.Advance(61 * 24 * time.Hour)
		c = p.again(t, c)
		second := c.post(domain+"/ssl/provision", nil).want(http.StatusOK).object()
		if second["ssl_certificate_id"] == first["ssl_certificate_id"] {
			t.Errorf("the same certificate: %v", second)
		}
	})
}

// again logs a merchant in anew, whose token has run out.
func (p *platform) again(t *testing.T, c *client) *client {
	t.Helper()
	fresh := p.nobody(t)
	fresh.token = fresh.post("/auth/login", object{"email": c.user["email"], "password": "correct horse"}).want(http.StatusOK).object()["access_token"].(string)
	fresh.user = c.user
	return fresh
}

func TestContract_deletingAStoreFreesItsDomain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		domain := c.configured("mystore.com")
		c.record(domain, "TXT", "@", "hello")
		c.delete(strings.TrimSuffix(domain, "/domain")).want(http.StatusNoContent)
		c.get(domain).want(http.StatusNotFound)
		theirs := other.attached("mystore.com")
		if left := other.records(theirs); len(left) != 0 {
			t.Errorf("they have %v", left)
		}
		p.work(t)
		eventually(t, "the records are gone", func() bool { return len(p.atProvider(t, "mystore.com")) == 0 })
	})
}

func TestContract_aCloneHasNoDomain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		clone := c.post(strings.TrimSuffix(domain, "/domain")+"/clone", nil).want(http.StatusCreated).object()["store"].(object)["id"].(string)
		c.get("/stores/" + clone + "/domain").want(http.StatusNotFound)
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"domain": "mystore.com", "status": "verified"})
		c.post("/stores/"+clone+"/domain", object{"domain": "clone.com"}).want(http.StatusCreated)
	})
}

func TestContract_webhooksHearOfADomainThatIsActive(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		hooks := strings.TrimSuffix(domain, "/domain") + "/webhooks"
		hook := hooks + "/" + c.id(hooks, object{"url": "https://hooks.example/in", "events": array{"domain.active"}})
		for range 2 {
			c.post(domain+"/ssl/provision", nil).want(http.StatusOK)
		}
		deliveries := c.get(hook + "/deliveries").want(http.StatusOK).array()
		if len(deliveries) != 1 {
			t.Fatalf("%d deliveries", len(deliveries))
		}
		sent := c.get(hook + "/deliveries/" + deliveries[0]["id"].(string)).want(http.StatusOK)
		if body := string(sent.raw); !strings.Contains(body, "mystore.com") || !strings.Contains(body, "domain.active") {
			t.Errorf("sent %s", body)
		}
	})
}

func TestContract_anAnswerAboutDNSIsReplayed(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/domain"
		steps := []struct {
			path string
			body any
		}{
			{path, object{"domain": "mystore.com"}},
			{path + "/verify", nil},
			{path + "/dns/auto-configure", nil},
			{path + "/dns/records", object{"record_type": "TXT", "name": "@", "value": "hello"}},
			{path + "/dns/plan", nil},
			{path + "/dns/sync", nil},
			{path + "/ssl/provision", nil},
		}
		for i, step := range steps {
			key := fmt.Sprint("key-", i)
			first := c.postKeyed(key, step.path, step.body)
			second := c.postKeyed(key, step.path, step.body)
			if first.status >= 300 || second.status != first.status || string(second.raw) != string(first.raw) || second.header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("%s: %d %s, then %d %s", step.path, first.status, first.raw, second.status, second.raw)
			}
		}
		if n := len(c.records(path)); n != 3 {
			t.Errorf("%d records", n)
		}
	})
}
