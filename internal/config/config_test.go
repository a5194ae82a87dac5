package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/config"
)

func load(t *testing.T, env map[string]string) (*config.Config, error) {
	t.Helper()
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	return config.Load(func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}, environ)
}

func TestLoad_environmentWinsOverFileOverDefault(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "v.toml")
	if err := os.WriteFile(path, []byte("listen_addr = \":1\"\nplatform_domain = \"shops.example\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, map[string]string{"VITRINE_CONFIG": path, "VITRINE_LISTEN_ADDR": ":2", "VITRINE_DATABASE_URL": "postgres://u:hush@db/x"})
	if err != nil {
		t.Fatal(err)
	}
	if c.ListenAddr != ":2" || c.PlatformDomain != "shops.example" || c.LoginFailuresPerAccount != 10 {
		t.Errorf("got %+v", c)
	}
	var b strings.Builder
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"from the environment", "from the file", "from the default", "postgres://u:********@db/x"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "hush") {
		t.Error("the password is printed")
	}
}

func TestLoad_refusesWhatNobodyKnows(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{
		{"VITRINE_DATABASE_MAX_CONNS": "many"}, {"VITRINE_DEV_PAGES": "perhaps"}, {"VITRINE_CONFIG": "/nowhere/v.toml"},
	} {
		if _, err := load(t, env); err == nil {
			t.Errorf("%v is accepted", env)
		}
	}
}

func TestLoad_tellsOfTheEnvironmentWhatIsNoSetting(t *testing.T) {
	t.Parallel()
	c, err := load(t, map[string]string{"VITRINE_LISTEN_ADR": ":1", "VITRINE_LISTEN_ADDR": ":2", "VITRINE_PORT": "tcp://10.0.0.1:80", "HOME": "/"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Strange(), " "); got != "VITRINE_LISTEN_ADR VITRINE_PORT" {
		t.Errorf("strange: %s", got)
	}
	var b strings.Builder
	if err := c.Print(&b); err != nil || !strings.Contains(b.String(), "VITRINE_LISTEN_ADR is set") {
		t.Errorf("%v in\n%s", err, b.String())
	}
}
