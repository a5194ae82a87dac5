package api_test

// The QA plan of the document's Feature 6: items 1 to 24, its edge cases and its
// acceptance criteria, each with a test named after it. The rows of section 6 of the
// contract are in contract_domains_test.go.

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/dns"
	"vitrine/internal/dns/mock"
)

var domainNames atomic.Int64

// newDomainName returns a name that no other test has.
func newDomainName() string { return fmt.Sprintf("shop-%d.com", domainNames.Add(1)) }

// attached puts a new store on a domain and returns the path of the domain.
func (c *client) attached(name string) string {
	c.t.Helper()
	path := c.store(object{}) + "/domain"
	c.post(path, object{"domain": name}).want(http.StatusCreated)
	return path
}

// verified is attached, and proven.
func (c *client) verified(name string) string {
	c.t.Helper()
	path := c.attached(name)
	c.post(path+"/verify", nil).want(http.StatusOK)
	return path
}

// configured is verified, with the records made.
func (c *client) configured(name string) string {
	c.t.Helper()
	path := c.verified(name)
	c.post(path+"/dns/auto-configure", nil).want(http.StatusOK)
	return path
}

// records lists the DNS records of a domain.
func (c *client) records(domain string) []object {
	c.t.Helper()
	return c.get(domain + "/dns/records").want(http.StatusOK).array()
}

// record makes a DNS record and returns it.
func (c *client) record(domain, kind, name, value string) object {
	c.t.Helper()
	return c.post(domain+"/dns/records", object{"record_type": kind, "name": name, "value": value}).want(http.StatusCreated).object()
}

// atProvider returns what the provider has for a domain.
func (p *platform) atProvider(t *testing.T, name string) []dns.Record {
	t.Helper()
	zone, err := p.dns.ZoneID(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.dns.ListRecords(t.Context(), zone)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// inStep checks that the database and the provider have the same records.
func (p *platform) inStep(t *testing.T, c *client, domain, name string) {
	t.Helper()
	there := map[string]string{}
	for _, r := range p.atProvider(t, name) {
		there[r.ID] = fmt.Sprint(r.Name, " ", r.TTL, " ", r.Type, " ", r.Data())
	}
	here := c.records(domain)
	for _, r := range here {
		full := name
		if r["name"] != "@" {
			full = r["name"].(string) + "." + name
		}
		data := r["value"].(string)
		if r["priority"] != nil {
			data = fmt.Sprint(r["priority"], " ", data)
		}
		if got, want := there[r["provider_record_id"].(string)], fmt.Sprint(full, " ", r["ttl"], " ", r["record_type"], " ", data); got != want {
			t.Errorf("at the provider %q, here %q", got, want)
		}
	}
	if len(here) != len(there) {
		t.Errorf("%d records here, %d at the provider: %v", len(here), len(there), there)
	}
}

var (
	recordMembers = []string{"id", "domain_id", "record_type", "name", "value", "ttl", "priority", "provider_record_id", "is_managed", "created_at", "updated_at"}
	domainMembers = []string{
		"id", "store_id", "domain", "status", "status_reason", "verification_token", "verification_record", "verified_at", "dns_provider", "dns_zone_id",
		"auto_dns_configured", "ssl_provisioned", "ssl_provider", "ssl_certificate_id", "ssl_expires_at", "is_purchased", "purchase_provider", "purchase_date",
		"expiry_date", "auto_renew", "registrar_order_id", "created_at", "updated_at",
	}
)

func TestDNSQA01_autoConfigureMakesTwoRecords(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		made := c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object()
		members(t, made, "records_created", "records")
		records := made["records"].(array)
		if made["records_created"] != 2.0 || len(records) != 2 {
			t.Fatalf("made %v", made)
		}
		for i, kind := range []string{"A", "CNAME"} {
			r := records[i].(object)
			members(t, r, recordMembers...)
			if r["record_type"] != kind || r["domain_id"] != c.get(domain).want(http.StatusOK).object()["id"] || !strings.HasPrefix(r["provider_record_id"].(string), "mock-") {
				t.Errorf("record %d: %v", i, r)
			}
		}
		if listed := c.records(domain); len(listed) != 2 {
			t.Errorf("listed %v", listed)
		}
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestDNSQA02_theARecord(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		sameBut(c, c.records(domain)[0], object{"record_type": "A", "name": "@", "value": "192.0.2.1", "ttl": 3600.0, "priority": nil, "is_managed": true})
	})
}

func TestDNSQA03_theCNAMERecord(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		sameBut(c, c.records(domain)[1], object{"record_type": "CNAME", "name": "www", "value": "proxy.platform.app", "ttl": 3600.0, "priority": nil, "is_managed": true})
	})
}

func TestDNSQA04_theDomainIsConfigured(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"auto_dns_configured": false, "dns_provider": nil, "dns_zone_id": nil})
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK)
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"auto_dns_configured": true})
	})
}

func TestDNSQA05_theProviderIsTheConfiguredMode(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		d := c.get(c.configured("mystore.com")).want(http.StatusOK).object()
		if d["dns_provider"] != "mock" || d["dns_zone_id"] == nil || d["dns_zone_id"] == "" {
			t.Errorf("the domain is %v", d)
		}
	})
}

func TestDNSQA06_autoConfigureWithoutADomain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		c.post(c.store(object{})+"/domain/dns/auto-configure", nil).want(http.StatusNotFound)
	})
}

func TestDNSQA07_sslIsProvisioned(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		got := c.post(domain+"/ssl/provision", nil).want(http.StatusOK).object()
		members(t, got, "ssl_provisioned", "ssl_certificate_id", "ssl_expires_at")
		sameBut(c, got, object{"ssl_provisioned": true})
		sameBut(c, c.get(domain).want(http.StatusOK).object(), got)
	})
}

func TestDNSQA08_theCertificateHasAnID(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		id := c.post(c.configured("mystore.com")+"/ssl/provision", nil).want(http.StatusOK).object()["ssl_certificate_id"].(string)
		if !regexp.MustCompile(`^ssl-cert-[0-9a-f]{12}$`).MatchString(id) {
			t.Errorf("the id is %q", id)
		}
	})
}

func TestDNSQA09_theIssuerIsLetsEncrypt(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		c.post(domain+"/ssl/provision", nil).want(http.StatusOK)
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"ssl_provider": "letsencrypt"})
	})
}

func TestDNSQA10_theCertificateIsGoodFor90Days(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		got := c.post(c.configured("mystore.com")+"/ssl/provision", nil).want(http.StatusOK).object()
		if want := began.AddDate(0, 0, 90).Format(time.RFC3339); got["ssl_expires_at"] != want {
			t.Errorf("good until %v, want %v", got["ssl_expires_at"], want)
		}
	})
}

func TestDNSQA11_theDomainIsActive(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"status": "verified"})
		c.post(domain+"/ssl/provision", nil).want(http.StatusOK)
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"status": "active"})
	})
}

func TestDNSQA12_sslWithoutADomain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		c.post(c.store(object{})+"/domain/ssl/provision", nil).want(http.StatusNotFound)
	})
}

func TestDNSQA13_aManualRecord(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.attached("mystore.com")
		sent := object{"record_type": "MX", "name": "mail", "value": "mail.example.com", "ttl": 3600, "priority": 10}
		r := c.post(domain+"/dns/records", sent).want(http.StatusCreated).object()
		members(t, r, recordMembers...)
		sameBut(c, r, object{
			"record_type": "MX", "name": "mail", "value": "mail.example.com", "ttl": 3600.0, "priority": 10.0,
			"domain_id": c.get(domain).want(http.StatusOK).object()["id"], "created_at": "2026-01-15T12:00:00Z", "updated_at": "2026-01-15T12:00:00Z",
		})
		sameBut(c, c.records(domain)[0], r)
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestDNSQA14_manualRecordsAreNotManaged(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		r := c.record(c.verified("mystore.com"), "TXT", "@", "v=spf1 -all")
		sameBut(c, r, object{"is_managed": false, "priority": nil})
	})
}

func TestDNSQA15_theListHasManagedAndManualRecords(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		c.record(domain, "TXT", "@", "hello")
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK)
		c.record(domain, "A", "api", "192.0.2.7")
		got := column(c.records(domain), "is_managed")
		if !slices.Equal(got, []any{true, true, false, false}) {
			t.Errorf("managed: %v", got)
		}
	})
}

func TestDNSQA16_aRecordIsUpdated(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		r := c.record(domain, "A", "api", "192.0.2.7")
		p.clock.Advance(time.Hour)
		got := c.patch(domain+"/dns/records/"+r["id"].(string), object{"value": "192.0.2.8", "ttl": 300}).want(http.StatusOK).object()
		want := object{"id": r["id"], "value": "192.0.2.8", "ttl": 300.0, "name": "api", "record_type": "A", "created_at": r["created_at"], "updated_at": "2026-01-15T13:00:00Z"}
		sameBut(c, got, want)
		sameBut(c, c.records(domain)[0], want)
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestDNSQA17_aRecordIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		r := c.record(domain, "A", "api", "192.0.2.7")
		c.delete(domain + "/dns/records/" + r["id"].(string)).want(http.StatusNoContent)
		if left := c.records(domain); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestDNSQA18_aRecordThatIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		r := c.record(domain, "A", "api", "192.0.2.7")
		path := domain + "/dns/records/" + r["id"].(string)
		c.delete(path).want(http.StatusNoContent)
		c.delete(path).want(http.StatusNotFound)
		c.patch(path, object{"ttl": 300}).want(http.StatusNotFound)
		c.delete(domain + "/dns/records/none").want(http.StatusNotFound)
	})
}

func TestDNSQA19_allRecordsPropagated(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		got := c.get(domain + "/dns/propagation").want(http.StatusOK).object()
		members(t, got, "propagated", "total_records", "verified_records", "details")
		sameBut(c, got, object{"propagated": true, "total_records": 2.0, "verified_records": 2.0})
		detail := got["details"].(array)[0].(object)
		members(t, detail, "record_id", "record_type", "name", "expected", "observed", "resolver", "propagated", "cause", "wait_seconds")
		sameBut(c, detail, object{"record_id": c.records(domain)[0]["id"], "record_type": "A", "name": "@", "expected": "192.0.2.1", "observed": array{"192.0.2.1"}, "propagated": true})
	})
}

func TestDNSQA20_noRecordsPropagated(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		sameBut(c, c.get(domain+"/dns/propagation").want(http.StatusOK).object(), object{"propagated": false, "total_records": 0.0, "verified_records": 0.0, "details": array{}})
	})
}

// domainOperations calls fn for every operation below a store's domain.
func domainOperations(t *testing.T, fn func(method, path string)) {
	t.Helper()
	n := 0
	eachOperation(t, func(path string, op *huma.Operation) {
		if strings.HasPrefix(path, "/api/v1/stores/{store_id}/domain") {
			n++
			fn(op.Method, path)
		}
	})
	if n < 13 {
		t.Errorf("only %d operations", n)
	}
}

func TestDNSQA21_withoutAuthentication(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		ids := p.merchant(t).oneOfEach()
		domainOperations(t, func(method, path string) {
			p.nobody(t).do(method, address(t, path, ids), nil, nil).want(http.StatusUnauthorized)
		})
	})
}

func TestDNSQA22_anotherUsersStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		ids, other := p.merchant(t).oneOfEach(), p.merchant(t)
		domainOperations(t, func(method, path string) {
			for _, body := range bodies {
				other.do(method, address(t, path, ids), body, nil).want(http.StatusNotFound)
			}
		})
	})
}

func TestDNSQA23_aStoreWithoutADomain(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		ids := c.oneOfEach()
		ids["store_id"] = strings.TrimPrefix(c.store(object{}), "/stores/")
		domainOperations(t, func(method, path string) {
			if method == "POST" && (strings.HasSuffix(path, "/domain") || strings.HasSuffix(path, "/domain/purchase")) {
				return // it attaches one
			}
			for _, body := range bodies {
				c.do(method, address(t, path, ids), body, nil).want(http.StatusNotFound)
			}
		})
	})
}

func TestDNSQA24_theTTLHasLimits(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		for ttl, status := range map[int]int{-1: 422, 0: 422, 59: 422, 60: 201, 3600: 201, 86400: 201, 86401: 422} {
			r := c.post(domain+"/dns/records", object{"record_type": "A", "name": fmt.Sprintf("a%d", max(ttl, 0)), "value": "192.0.2.7", "ttl": ttl}).want(status)
			if status == 422 {
				r.invalid("body.ttl")
			}
		}
		path := domain + "/dns/records/" + c.records(domain)[0]["id"].(string)
		for ttl, status := range map[int]int{59: 422, 60: 200, 86400: 200, 86401: 422} {
			c.patch(path, object{"ttl": ttl}).want(status)
		}
		c.post(domain+"/dns/records", object{"record_type": "A", "name": "b", "value": "192.0.2.7", "ttl": "3600"}).invalid("body.ttl")
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestDNSEdge_autoConfiguringTwiceIsIdempotent(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		first := c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object()
		second := c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object()
		if second["records_created"] != 0.0 || fmt.Sprint(second["records"]) != fmt.Sprint(first["records"]) {
			t.Errorf("the second time %v, after %v", second, first)
		}
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestDNSEdge_aManagedRecordCanBeChangedAndPutRight(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		a := c.records(domain)[0]
		c.patch(domain+"/dns/records/"+a["id"].(string), object{"value": "192.0.2.99"}).want(http.StatusOK)
		sameBut(c, c.records(domain)[0], object{"value": "192.0.2.99", "is_managed": true})
		p.inStep(t, c, domain, "mystore.com")
		again := c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object()
		sameBut(c, again, object{"records_created": 0.0})
		sameBut(c, c.records(domain)[0], object{"id": a["id"], "value": "192.0.2.1"})
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestDNSEdge_aManagedRecordCanBeDeleted(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		managed := c.records(domain)
		c.delete(domain + "/dns/records/" + managed[1]["id"].(string)).want(http.StatusNoContent)
		if left := c.records(domain); len(left) != 1 || left[0]["id"] != managed[0]["id"] {
			t.Errorf("left: %v", left)
		}
		again := c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object()
		if again["records_created"] != 1.0 || len(again["records"].(array)) != 2 {
			t.Errorf("made again: %v", again)
		}
		for _, r := range c.records(domain) {
			c.delete(domain + "/dns/records/" + r["id"].(string)).want(http.StatusNoContent)
		}
		sameBut(c, c.get(domain+"/dns/status").want(http.StatusOK).object(), object{"dns_configured": false, "records_count": 0.0, "propagation_status": "not_configured"})
	})
}

func TestDNSEdge_theProvidersErrorIsTold(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		refuse := mock.Fault{Err: dns.Errorf(dns.Refused, "quota exceeded")}
		p.dns.Fail(refuse)
		c.post(domain+"/dns/records", object{"record_type": "A", "name": "api", "value": "192.0.2.7"}).want(http.StatusBadGateway).detail("quota exceeded")
		if left := c.records(domain); len(left) != 0 {
			t.Errorf("here: %v", left)
		}
		p.dns.Fail(mock.Fault{}, mock.Fault{}, refuse) // the list, the first record, the second
		c.post(domain+"/dns/auto-configure", nil).want(http.StatusBadGateway).detail("quota exceeded")
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"auto_dns_configured": false})
		p.inStep(t, c, domain, "mystore.com")
		sameBut(c, c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object(), object{"records_created": 1.0})
		p.inStep(t, c, domain, "mystore.com")

		r := c.record(domain, "A", "api", "192.0.2.7")
		path := domain + "/dns/records/" + r["id"].(string)
		p.dns.Fail(refuse)
		c.patch(path, object{"ttl": 60}).want(http.StatusBadGateway)
		p.dns.Fail(refuse)
		c.delete(path).want(http.StatusBadGateway)
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestDNSAcceptance_allFieldsOfTheCertificateAreSet(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		c.post(domain+"/ssl/provision", nil).want(http.StatusOK)
		d := c.get(domain).want(http.StatusOK).object()
		members(t, d, domainMembers...)
		for _, member := range []string{"ssl_provisioned", "ssl_provider", "ssl_certificate_id", "ssl_expires_at"} {
			if d[member] == nil || d[member] == false || d[member] == "" {
				t.Errorf("%s is %v", member, d[member])
			}
		}
	})
}

func TestDNSAcceptance_propagationIsThatOfTheManagedRecords(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		c.record(domain, "TXT", "@", "hello")
		status := func(spread string, verified float64) {
			t.Helper()
			sameBut(c, c.get(domain+"/dns/propagation").want(http.StatusOK).object(), object{"propagated": spread == "propagated", "total_records": 2.0, "verified_records": verified})
			got := c.get(domain + "/dns/status").want(http.StatusOK).object()
			sameBut(c, got, object{"domain": "mystore.com", "dns_configured": true, "ssl_provisioned": false, "records_count": 3.0, "propagation_status": spread})
		}
		status("propagated", 2)
		zone, err := p.dns.ZoneID(t.Context(), "mystore.com")
		if err != nil {
			t.Fatal(err)
		}
		for i, spread := range []string{"partial", "pending"} {
			if err := p.dns.DeleteRecord(t.Context(), zone, c.records(domain)[i]["provider_record_id"].(string)); err != nil {
				t.Fatal(err)
			}
			status(spread, float64(1-i))
		}
		c.post(domain+"/dns/sync", nil).want(http.StatusOK)
		status("propagated", 2)
	})
}

func TestDNSAcceptance_writesReachDatabaseAndProvider(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		for kind, value := range map[string]string{
			"A": "192.0.2.7", "AAAA": "2001:db8::7", "TXT": "hello", "NS": "ns1.example.com", "CAA": `0 issue "letsencrypt.org"`, "CNAME": "shops.example.com",
		} {
			r := c.record(domain, kind, "of-"+strings.ToLower(kind), value)
			p.inStep(t, c, domain, "mystore.com")
			c.patch(domain+"/dns/records/"+r["id"].(string), object{"ttl": 120}).want(http.StatusOK)
			p.inStep(t, c, domain, "mystore.com")
		}
		for _, r := range c.records(domain)[2:] {
			c.delete(domain + "/dns/records/" + r["id"].(string)).want(http.StatusNoContent)
			p.inStep(t, c, domain, "mystore.com")
		}
	})
}
