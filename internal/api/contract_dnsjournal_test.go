package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"vitrine/internal/dns"
	"vitrine/internal/dns/mock"
)

var changeMembers = []string{"id", "action", "status", "record_id", "before", "after", "error", "actor", "undoes", "undone_by", "created_at", "settled_at"}

// changes lists the journal of a domain, the newest first.
func (c *client) changes(domain string) []object {
	c.t.Helper()
	return c.get(domain + "/dns/changes").want(http.StatusOK).array()
}

// undo takes a change back.
func (c *client) undo(domain string, change object) *response {
	c.t.Helper()
	return c.post(domain+"/dns/changes/"+change["id"].(string)+"/undo", nil)
}

// drift lists what differs at the provider.
func (c *client) drift(domain string) []object {
	c.t.Helper()
	return c.get(domain + "/dns/drift").want(http.StatusOK).array()
}

func TestJournal_everyChangeIsThereAndCanBeUndone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		r := c.post(domain+"/dns/records", object{"record_type": "MX", "name": "@", "value": "mail.example.com", "priority": 10}).want(http.StatusCreated).object()
		path := domain + "/dns/records/" + r["id"].(string)
		c.patch(path, object{"value": "mail2.example.com", "ttl": 300}).want(http.StatusOK)
		c.delete(path).want(http.StatusNoContent)

		all := c.changes(domain)
		if got := fmt.Sprint(column(all, "action")); got != "[delete update create create create]" {
			t.Fatalf("the journal has %s", got)
		}
		members(t, all[0], changeMembers...)
		first := object{"record_type": "MX", "name": "@", "value": "mail.example.com", "ttl": 3600.0, "priority": 10.0, "is_managed": false}
		second := object{"record_type": "MX", "name": "@", "value": "mail2.example.com", "ttl": 300.0, "priority": 10.0, "is_managed": false}
		sameBut(c, all[0], object{"status": "done", "record_id": r["id"], "before": second, "after": nil, "actor": c.user["id"], "undoes": nil, "undone_by": nil, "error": nil})
		sameBut(c, all[1], object{"status": "done", "record_id": r["id"], "before": first, "after": second})
		sameBut(c, all[2], object{"status": "done", "record_id": r["id"], "before": nil, "after": first})

		// What came later is in the way, and the last can be undone.
		for _, early := range all[1:3] {
			c.undo(domain, early).want(http.StatusBadRequest).detail("changed since")
		}
		for i, want := range []object{second, first, nil} {
			back := c.undo(domain, all[i]).want(http.StatusOK).object()
			sameBut(c, back, object{"status": "done", "undoes": all[i]["id"], "record_id": r["id"]})
			if fmt.Sprint(back["after"]) != fmt.Sprint(any(want)) && want != nil || want == nil && back["after"] != nil {
				t.Errorf("undo %d leads to %v, want %v", i, back["after"], want)
			}
			c.undo(domain, all[i]).want(http.StatusBadRequest).detail("changed since")
			p.inStep(t, c, domain, "mystore.com")
		}
		if left := c.records(domain); len(left) != 2 {
			t.Errorf("left: %v", left)
		}
		// An undo is a change that can be undone.
		undone := c.changes(domain)
		sameBut(c, undone[5], object{"undone_by": undone[0]["id"]})
		c.undo(domain, undone[0]).want(http.StatusOK)
		sameBut(c, c.records(domain)[2], first)
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestJournal_undoOfAManagedRecordKeepsTheDomainInStep(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.configured("mystore.com")
		for _, r := range c.records(domain) {
			c.delete(domain + "/dns/records/" + r["id"].(string)).want(http.StatusNoContent)
		}
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"auto_dns_configured": false})
		all := c.changes(domain)
		c.undo(domain, all[0]).want(http.StatusOK)
		c.undo(domain, all[1]).want(http.StatusOK)
		sameBut(c, c.get(domain).want(http.StatusOK).object(), object{"auto_dns_configured": true})
		for i, r := range c.records(domain) {
			sameBut(c, r, object{"is_managed": true, "record_type": []string{"A", "CNAME"}[i]})
		}
		sameBut(c, c.post(domain+"/dns/auto-configure", nil).want(http.StatusOK).object(), object{"records_created": 0.0})
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestJournal_undoIsRefusedWhereItCannotBe(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		r := c.record(domain, "A", "api", "192.0.2.7")
		p.dns.Fail(mock.Fault{Err: dns.Errorf(dns.Refused, "the zone is locked")})
		c.patch(domain+"/dns/records/"+r["id"].(string), object{"ttl": 60}).want(http.StatusBadGateway).detail("the zone is locked")
		refused := c.changes(domain)[0]
		sameBut(c, refused, object{"status": "failed", "error": "the zone is locked"})
		c.undo(domain, refused).want(http.StatusBadRequest).detail("was not made")
		c.post(domain+"/dns/changes/none/undo", nil).want(http.StatusNotFound)

		// A name that has become a CNAME cannot have its address back.
		c.delete(domain + "/dns/records/" + r["id"].(string)).want(http.StatusNoContent)
		deleted := c.changes(domain)[0]
		c.record(domain, "CNAME", "api", "shops.example.com")
		c.undo(domain, deleted).want(http.StatusBadRequest).detail("beside")

		// What the provider refuses is not undone here either.
		p.dns.Fail(mock.Fault{Err: dns.Errorf(dns.Refused, "the zone is locked")})
		c.undo(domain, c.changes(domain)[0]).want(http.StatusBadGateway)
		p.inStep(t, c, domain, "mystore.com")
	})
}

func TestJournal_hasPages(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := c.verified("mystore.com")
		for i := range 7 {
			c.record(domain, "A", fmt.Sprint("n", i), "192.0.2.7")
		}
		var names []any
		for next := domain + "/dns/changes?limit=3"; next != ""; {
			page := c.get(next).want(http.StatusOK)
			for _, change := range page.array() {
				names = append(names, change["after"].(object)["name"])
			}
			next = page.next()
		}
		if fmt.Sprint(names) != "[n6 n5 n4 n3 n2 n1 n0]" {
			t.Errorf("the pages have %v", names)
		}
	})
}

// drifted is a domain at whose provider somebody has added, changed and removed a
// record each.
func (p *platform) drifted(t *testing.T, c *client) (domain string) {
	t.Helper()
	domain = c.configured("mystore.com")
	changed, removed := c.record(domain, "A", "changed", "192.0.2.7"), c.record(domain, "A", "removed", "192.0.2.7")
	if got := c.drift(domain); len(got) != 0 {
		t.Fatalf("at first there is %v", got)
	}
	ctx, zone := t.Context(), "mock-zone-mystore.com"
	_, err := p.dns.UpdateRecord(ctx, zone, changed["provider_record_id"].(string), dns.Record{Name: "changed.mystore.com", Type: dns.A, Value: "192.0.2.8", TTL: 60})
	if err == nil {
		err = p.dns.DeleteRecord(ctx, zone, removed["provider_record_id"].(string))
	}
	if err == nil {
		_, err = p.dns.CreateRecord(ctx, zone, dns.Record{Name: "mystore.com", Type: dns.TXT, Value: "added", TTL: 300})
	}
	if err != nil {
		t.Fatal(err)
	}
	return domain
}

func TestDrift_isAdoptedRestoredOrIgnored(t *testing.T) {
	for how, want := range map[string]struct {
		here, there int // records, of two managed ones and up to three more
		left        int
		changes     int // in the journal for it
	}{
		"adopt": {4, 4, 0, 3}, "restore": {4, 4, 0, 3}, "ignore": {4, 4, 3, 0},
	} {
		t.Run(how, func(t *testing.T) {
			each(t, func(t *testing.T, p *platform) {
				c := p.merchant(t)
				domain := p.drifted(t, c)
				all, before := c.drift(domain), len(c.changes(domain))
				if got := fmt.Sprint(column(all, "kind")); got != "[changed removed added]" {
					t.Fatalf("drift: %s", got)
				}
				members(t, all[0], "id", "kind", "record", "observed", "ignored")
				for _, x := range all {
					sameBut(c, x, object{"ignored": false})
					c.post(domain+"/dns/drift/"+x["id"].(string)+"/"+how, nil).want(http.StatusOK)
				}
				left := c.drift(domain)
				if len(left) != want.left {
					t.Errorf("left: %v", left)
				}
				for _, x := range left {
					sameBut(c, x, object{"ignored": true})
				}
				if n := len(c.records(domain)); n != map[string]int{"adopt": 4, "restore": 4, "ignore": 4}[how] || n != want.here {
					t.Errorf("%d records here", n)
				}
				if n := len(p.atProvider(t, "mystore.com")); n != want.there {
					t.Errorf("%d records at the provider", n)
				}
				if n := len(c.changes(domain)) - before; n != want.changes {
					t.Errorf("%d changes in the journal", n)
				}
				// What is ignored is left alone by a sync too.
				if got := c.post(domain+"/dns/sync", nil).want(http.StatusOK).array(); len(got) != 0 {
					t.Errorf("sync did %v", got)
				}
				if how == "ignore" {
					return
				}
				p.inStep(t, c, domain, "mystore.com")
				for _, x := range all {
					c.post(domain+"/dns/drift/"+x["id"].(string)+"/"+how, nil).want(http.StatusNotFound)
				}
			})
		})
	}
}

func TestDrift_anAdoptionCanBeUndone(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := p.drifted(t, c)
		all := c.drift(domain)
		for _, x := range all {
			c.post(domain+"/dns/drift/"+x["id"].(string)+"/adopt", nil).want(http.StatusOK)
		}
		for _, change := range c.changes(domain)[:3] {
			sameBut(c, change, object{"action": "adopt", "status": "done"})
			c.undo(domain, change).want(http.StatusOK)
		}
		if again := c.drift(domain); fmt.Sprint(column(again, "kind")) != "[changed removed added]" {
			t.Errorf("drift: %v", again)
		}
	})
}

func TestDrift_whatIsIgnoredIsToldOfAgainWhenItChanges(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		domain := p.drifted(t, c)
		added := c.drift(domain)[2]
		path := domain + "/dns/drift/" + added["id"].(string)
		sameBut(c, c.post(path+"/ignore", nil).want(http.StatusOK).object(), object{"ignored": true})
		c.post(path+"/ignore", nil).want(http.StatusOK)
		if plan := c.post(domain+"/dns/plan", nil).want(http.StatusOK).array(); len(plan) != 2 {
			t.Errorf("planned %v", plan)
		}
		id := added["observed"].(object)["provider_record_id"].(string)
		if _, err := p.dns.UpdateRecord(t.Context(), "mock-zone-mystore.com", id, dns.Record{Name: "mystore.com", Type: dns.TXT, Value: "again", TTL: 300}); err != nil {
			t.Fatal(err)
		}
		sameBut(c, c.drift(domain)[2], object{"kind": "added", "ignored": false})
		c.post(path+"/adopt", nil).want(http.StatusNotFound)
		other := p.merchant(t)
		theirs := other.configured("theirs.com")
		other.post(theirs+"/dns/drift/"+c.drift(domain)[2]["id"].(string)+"/adopt", nil).want(http.StatusNotFound)
	})
}

// oneDrift has somebody add a record at the provider of a domain, and returns the id
// of the difference.
func (p *platform) oneDrift(t *testing.T, c *client, domain string) string {
	t.Helper()
	name := c.get(domain).want(http.StatusOK).object()["domain"].(string)
	if _, err := p.dns.CreateRecord(t.Context(), "mock-zone-"+name, dns.Record{Name: name, Type: dns.TXT, Value: "added", TTL: 300}); err != nil {
		t.Fatal(err)
	}
	return c.drift(domain)[0]["id"].(string)
}
