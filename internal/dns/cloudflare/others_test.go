package cloudflare_test

import (
	"net/http/httptest"
	"testing"

	"vitrine/internal/dns"
	"vitrine/internal/dns/cloudflare"
	"vitrine/internal/dns/cloudflare/cloudflaretest"
	"vitrine/internal/dns/dnstest"
)

// lexicon has Lexicon list a zone and delete the address of its www.
const lexicon = `
import sys
from lexicon.config import ConfigResolver
from lexicon.providers import cloudflare

class Here(cloudflare.Provider):
    def __init__(self, config):
        super().__init__(config)
        self.api_endpoint = sys.argv[1]

p = Here(ConfigResolver().with_dict({
    "provider_name": "cloudflare", "action": "list", "domain": "shop.example", "type": "A", "cloudflare": {"auth_token": sys.argv[2]},
}))
p.authenticate()
for r in sorted(p.list_records(), key=lambda r: r["name"]):
    print(r["name"], r["type"], r["content"], r["ttl"])
p.delete_record(rtype="A", name="www.shop.example")
`

// Lexicon, which other people manage Cloudflare's records with, reads the stand-in.
func TestCloudflare_othersSeeTheSame(t *testing.T) {
	t.Parallel()
	run := dnstest.Other(t, "lexicon", "lexicon")
	s := cloudflaretest.New()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	p := cloudflare.New(listening.URL, cloudflaretest.Token, nil)
	zone := s.Zone("shop.example", "active")
	for _, r := range []dns.Record{
		{Name: "www.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300},
		{Name: "mail.shop.example", Type: dns.CNAME, Value: "mail.example", TTL: 600},
	} {
		if _, err := p.CreateRecord(t.Context(), zone, r); err != nil {
			t.Fatal(err)
		}
	}
	got := run(nil, "/usr/bin/python3", "-c", lexicon, listening.URL, cloudflaretest.Token)
	if want := "mail.shop.example CNAME mail.example 600\nwww.shop.example A 192.0.2.1 300\n"; got != want {
		t.Errorf("it sees %q, want %q", got, want)
	}
	if all, err := p.ListRecords(t.Context(), zone); err != nil || len(all) != 1 || all[0].Type != dns.CNAME {
		t.Errorf("after it deleted one: %v, %v", all, err)
	}
}
