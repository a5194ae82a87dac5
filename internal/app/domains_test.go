package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/app"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns/google/googletest"
	"vitrine/internal/registrar/squarespace/squarespacetest"
)

// with builds an app with settings of the test's own.
func with(t *testing.T, d *db.DB, settings map[string]string) error {
	t.Helper()
	settings["VITRINE_CONFIG"] = os.DevNull
	c, err := config.Load(func(name string) (string, bool) { value, set := settings[name]; return value, set }, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.New(t.Context(), c, d)
	return err
}

func TestNew_pretendsOnlyWhereNothingIsReal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, setting := range []string{"VITRINE_DNS_PROVIDER_MODE", "VITRINE_SSL_PROVIDER_MODE", "VITRINE_DOMAIN_PROVIDER_MODE"} {
			if err := with(t, d, map[string]string{setting: "nobody-knows"}); err != nil {
				t.Errorf("%s: a mode that nobody knows is not taken for mock: %v", setting, err)
			}
			err := with(t, d, map[string]string{setting: "nobody-knows", "VITRINE_ENVIRONMENT": "production"})
			if err == nil || !strings.Contains(err.Error(), "nobody-knows") {
				t.Errorf("%s: in production: %v", setting, err)
			}
			if err := with(t, d, map[string]string{setting: "mock", "VITRINE_ENVIRONMENT": "production"}); err != nil {
				t.Errorf("%s: mock that was asked for: %v", setting, err)
			}
		}
	})
}

func TestNew_refusesSettingsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	account, file := string(squarespacetest.New(clock.System{}, 0).Account("http://127.0.0.1:1")), filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(file, []byte(account), 0o600); err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, settings := range []map[string]string{
			{"VITRINE_PLATFORM_IP_ADDRESS": "2001:db8::1"},
			{"VITRINE_PLATFORM_IP_ADDRESS": "here"},
			{"VITRINE_PLATFORM_CNAME_TARGET": "192.0.2.1"},
			{"VITRINE_DNS_PROVIDER_MODE": "powerdns", "VITRINE_DNS_RESOLVERS": "dns.example"},
			{"VITRINE_DNS_PROVIDER_MODE": "powerdns", "VITRINE_DNS_RESOLVERS": ""},
			{"VITRINE_DNS_PROVIDER_MODE": "cloudflare"},
			{"VITRINE_DNS_PROVIDER_MODE": "builtin", "VITRINE_PLATFORM_NAMESERVERS": ""},
			{"VITRINE_DNS_PROVIDER_MODE": "builtin", "VITRINE_NAMESERVER_SECONDARIES": "192.0.2.1"},
			{"VITRINE_DNS_PROVIDER_MODE": "builtin", "VITRINE_NAMESERVER_SECONDARIES": "there", "VITRINE_NAMESERVER_TSIG_KEY": "hmac-sha256:transfer:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0ICEhISE="},
			{"VITRINE_DNS_PROVIDER_MODE": "builtin", "VITRINE_NAMESERVER_TSIG_KEY": "transfer:short"},
			{"VITRINE_DNS_PROVIDER_MODE": "builtin", "VITRINE_NAMESERVER_DNSSEC": "true", "VITRINE_NAMESERVER_TSIG_KEY": "hmac-sha256:transfer:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0ICEhISE="},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "resellerclub"},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "resellerclub", "VITRINE_RESELLERCLUB_API_KEY": "secret"},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "resellerclub", "VITRINE_RESELLERCLUB_API_KEY": "secret", "VITRINE_RESELLERCLUB_RESELLER_ID": "1", "VITRINE_REGISTRAR_CURRENCY": "dollars"},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "squarespace"},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "squarespace", "VITRINE_SQUARESPACE_API_KEY": " "},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "squarespace", "VITRINE_SQUARESPACE_API_KEY": "/nowhere/account.json"},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "squarespace", "VITRINE_SQUARESPACE_API_KEY": `{"type":"service_account"}`},
			{"VITRINE_PAYMENT_PROVIDER_MODE": "nobody-knows"},
			{"VITRINE_PAYMENT_PROVIDER_MODE": "stripe", "VITRINE_STRIPE_SECRET_KEY": "sk_test_1"},
			{"VITRINE_DNS_PROVIDER_MODE": "route53", "VITRINE_ROUTE53_ACCESS_KEY_ID": "key"},
			{"VITRINE_DNS_PROVIDER_MODE": "google", "VITRINE_GOOGLE_DNS_PROJECT_ID": "shops"},
			{"VITRINE_DNS_PROVIDER_MODE": "google", "VITRINE_GOOGLE_DNS_PROJECT_ID": "shops", "VITRINE_GOOGLE_DNS_CREDENTIALS_JSON": "secret"},
			{"VITRINE_DNS_PROVIDER_MODE": "rfc2136", "VITRINE_RFC2136_SERVER": "192.0.2.53", "VITRINE_RFC2136_TSIG_KEY": "key"},
			{"VITRINE_DNS_PROVIDER_MODE": "rfc2136", "VITRINE_RFC2136_SERVER": "192.0.2.53", "VITRINE_RFC2136_TSIG_KEY": "key", "VITRINE_RFC2136_TSIG_SECRET": "?"},
		} {
			if err := with(t, d, settings); err == nil {
				t.Errorf("%v is taken", settings)
			}
		}
		for _, settings := range []map[string]string{
			{"VITRINE_DNS_PROVIDER_MODE": "powerdns"},
			{"VITRINE_DNS_PROVIDER_MODE": "builtin", "VITRINE_NAMESERVER_DNSSEC": "true"},
			{"VITRINE_DNS_PROVIDER_MODE": "builtin", "VITRINE_NAMESERVER_SECONDARIES": "192.0.2.1, [2001:db8::1]:5353", "VITRINE_NAMESERVER_TSIG_KEY": "hmac-sha256:transfer:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0ICEhISE="},
			{"VITRINE_DNS_PROVIDER_MODE": "cloudflare", "VITRINE_CLOUDFLARE_API_TOKEN": "secret"},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "resellerclub", "VITRINE_RESELLERCLUB_API_KEY": "secret", "VITRINE_RESELLERCLUB_RESELLER_ID": "1"},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "squarespace", "VITRINE_SQUARESPACE_API_KEY": account},
			{"VITRINE_DOMAIN_PROVIDER_MODE": "squarespace", "VITRINE_SQUARESPACE_API_KEY": file},
			{"VITRINE_PAYMENT_PROVIDER_MODE": "stripe", "VITRINE_STRIPE_SECRET_KEY": "sk_test_1", "VITRINE_STRIPE_WEBHOOK_SECRET": "whsec_1"},
			{"VITRINE_DNS_PROVIDER_MODE": "route53", "VITRINE_ROUTE53_ACCESS_KEY_ID": "key", "VITRINE_ROUTE53_SECRET_ACCESS_KEY": "secret"},
			{"VITRINE_DNS_PROVIDER_MODE": "google", "VITRINE_GOOGLE_DNS_PROJECT_ID": "shops", "VITRINE_GOOGLE_DNS_CREDENTIALS_JSON": googletest.New().Credentials("https://oauth2.example")},
			{"VITRINE_DNS_PROVIDER_MODE": "rfc2136", "VITRINE_RFC2136_SERVER": "192.0.2.53", "VITRINE_RFC2136_TSIG_KEY": "key", "VITRINE_RFC2136_TSIG_SECRET": "c2VjcmV0"},
		} {
			if err := with(t, d, settings); err != nil {
				t.Errorf("%v: %v", settings, err)
			}
		}
	})
}
