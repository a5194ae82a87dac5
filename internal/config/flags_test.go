package config

import (
	"flag"
	"strings"
	"testing"
)

func parsed(t *testing.T, env map[string]string, line ...string) *Config {
	t.Helper()
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	given := Declare(flags)
	if err := flags.Parse(line); err != nil {
		t.Fatal(err)
	}
	c, err := load(given, func(name string) (string, bool) { v, ok := env[name]; return v, ok }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDeclare_theCommandLineCountsMost(t *testing.T) {
	t.Parallel()
	env := map[string]string{"VITRINE_LISTEN_ADDR": ":1", "VITRINE_PLATFORM_DOMAIN": "shops.example"}
	c := parsed(t, env, "--listen-addr", ":2", "--dev-pages=true")
	if c.ListenAddr != ":2" || !c.DevPages || c.PlatformDomain != "shops.example" || c.SSLProviderMode != "mock" {
		t.Errorf("got %+v", c)
	}
}

func TestDeclare_anAddressForTheAuthorityIsAllThatTLSTakes(t *testing.T) {
	t.Parallel()
	c := parsed(t, nil, "--acme-email", "ops@shops.example")
	if c.ACMEEmail != "ops@shops.example" || c.SSLProviderMode != "acme" || c.HTTPSListenAddr != ":443" || c.ListenAddr != ":80" {
		t.Errorf("got %q %q %q %q", c.ACMEEmail, c.SSLProviderMode, c.HTTPSListenAddr, c.ListenAddr)
	}
	c = parsed(t, map[string]string{"VITRINE_LISTEN_ADDR": ":8080"}, "--acme-email", "ops@shops.example", "--https-listen-addr", ":8443")
	if c.SSLProviderMode != "acme" || c.HTTPSListenAddr != ":8443" || c.ListenAddr != ":8080" {
		t.Errorf("where others say otherwise: %q %q %q", c.SSLProviderMode, c.HTTPSListenAddr, c.ListenAddr)
	}
	if c := parsed(t, map[string]string{"VITRINE_ACME_EMAIL": "ops@shops.example"}); c.SSLProviderMode != "mock" || c.HTTPSListenAddr != "" {
		t.Errorf("from the environment: %q %q", c.SSLProviderMode, c.HTTPSListenAddr)
	}
}

func TestDeclare_hasNoFlagForASecret(t *testing.T) {
	t.Parallel()
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	Declare(flags)
	for _, s := range new(Config).all() {
		if has := flags.Lookup(strings.ReplaceAll(s.name, "_", "-")) != nil; has == s.secret {
			t.Errorf("%s: secret %v, flag %v", s.name, s.secret, has)
		}
	}
}

func TestLoad_tellsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	env := map[string]string{"VITRINE_DEV_PAGES": "perhaps", "VITRINE_DATABASE_MAX_CONNS": "many"}
	_, err := Load(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, nil)
	if err == nil || !strings.Contains(err.Error(), "dev_pages") || !strings.Contains(err.Error(), "database_max_conns") {
		t.Errorf("it says %v", err)
	}
}
