package route53_test

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"testing"

	"golang.org/x/time/rate"

	"vitrine/internal/dns"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/route53/route53test"
)

// Amazon's command reads the stand-in by the vendor's own description of the service:
// it sees what the provider wrote, and the provider sees what it wrote.
func TestRoute53_othersSeeTheSame(t *testing.T) {
	t.Parallel()
	run := dnstest.Other(t, "aws", "awscli")
	s := route53test.New()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	p := at(listening.URL, rate.Inf)
	zone := s.Zone("shop.example", false)
	for _, r := range []dns.Record{
		{Name: "www.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300},
		{Name: "shop.example", Type: dns.TXT, Value: `he said "no"`, TTL: 300},
	} {
		if _, err := p.CreateRecord(t.Context(), zone, r); err != nil {
			t.Fatal(err)
		}
	}
	aws := func(args ...string) string {
		return run([]string{
			"AWS_ACCESS_KEY_ID=" + route53test.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + route53test.SecretAccessKey, "AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER=",
		}, "aws", append([]string{"--endpoint-url", listening.URL, "--output", "json", "route53"}, args...)...)
	}
	var seen struct {
		HostedZones        []struct{ ID, Name string }
		ResourceRecordSets []struct {
			Name, Type      string
			TTL             int
			ResourceRecords []struct{ Value string }
		}
		ChangeInfo struct{ ID, Status string }
	}
	read := func(text string) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), &seen); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	read(aws("list-hosted-zones-by-name", "--dns-name", "shop.example"))
	if len(seen.HostedZones) != 1 || seen.HostedZones[0].ID != "/hostedzone/"+zone {
		t.Errorf("the zones: %v", seen.HostedZones)
	}
	read(aws("list-resource-record-sets", "--hosted-zone-id", zone))
	var found []string
	for _, set := range seen.ResourceRecordSets {
		if set.Type == "A" || set.Type == "TXT" {
			found = append(found, set.Name+" "+set.Type+" "+set.ResourceRecords[0].Value)
		}
	}
	if want := []string{`shop.example. TXT "he said \"no\""`, "www.shop.example. A 192.0.2.1"}; !slices.Equal(found, want) {
		t.Errorf("it sees %q, want %q", found, want)
	}
	read(aws("change-resource-record-sets", "--hosted-zone-id", zone, "--change-batch",
		`{"Changes":[{"Action":"DELETE","ResourceRecordSet":{"Name":"www.shop.example","Type":"A","TTL":300,"ResourceRecords":[{"Value":"192.0.2.1"}]}},
			{"Action":"CREATE","ResourceRecordSet":{"Name":"www.shop.example","Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.9"}]}}]}`))
	aws("wait", "resource-record-sets-changed", "--id", seen.ChangeInfo.ID)
	all, err := p.ListRecords(t.Context(), zone)
	if err != nil || !slices.ContainsFunc(all, func(r dns.Record) bool { return r.Value == "192.0.2.9" && r.TTL == 60 }) {
		t.Errorf("after its change: %v, %v", all, err)
	}
}
