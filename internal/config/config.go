// Package config reads the settings: a default for each, over it a file, over
// that the environment (VITRINE_ and the name in upper case).
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

//go:generate go test . -count=1 -run=_isTheFile -update

// Config holds every setting by its type.
type Config struct {
	ListenAddr              string
	DatabaseURL             string
	DatabaseMaxConns        int
	PlatformDomain          string
	TrustedProxies          string
	SecretKey               string
	FormerSecretKeys        string
	LoginFailuresPerAccount int
	LoginFailuresPerAddress int
	WebhookAllowPrivate     bool
	StorefrontRateLimit     int
	ReservationTTL          time.Duration // 0: for ever
	AuditDays               int
	DevPages                bool
	Environment             string
	Domains
	Registrars
	Payments
	Secure
	Mail
	Media
	Nameserver
	Observe
	Scale

	settings []setting
	strange  []string // of the environment: our prefix, and no setting
}

// setting is one line of what Print shows.
type setting struct {
	name, fallback, help string // help is Markdown, its first clause enough for a line
	secret               bool
	set                  func(string) error

	value, source string
}

const prefix = "VITRINE_"

// DefaultFile is read when it is there and VITRINE_CONFIG names no other.
const DefaultFile = "vitrine.toml"

func (c *Config) table() []setting {
	return []setting{
		{name: "listen_addr", fallback: ":8080", help: "where to listen: `host:port`, or `:port` for all addresses", set: text(&c.ListenAddr)},
		{name: "database_url", fallback: "sqlite://vitrine.db", help: "`sqlite://` and a file, or a `postgres://` address", secret: true, set: text(&c.DatabaseURL)},
		{name: "database_max_conns", fallback: "0", help: "connections of this process; 0 means 12 on PostgreSQL", set: number(&c.DatabaseMaxConns)},
		{name: "platform_domain", fallback: "localhost", help: "the platform's own name", set: text(&c.PlatformDomain)},
		{name: "trusted_proxies", fallback: "", help: "addresses and networks, with commas between them, whose `X-Forwarded-For` and `X-Forwarded-Proto` count", set: text(&c.TrustedProxies)},
		{name: "secret_key", fallback: "", help: "encrypts the answers that are kept for Idempotency-Keys and the secrets of webhooks; without it a key is made and kept in the database. To change it, put what it was into `former_secret_keys`", secret: true, set: text(&c.SecretKey)},
		{name: "former_secret_keys", fallback: "", help: "comma-separated: `secret_key` as it was before. What was sealed with one of them, or before there was a key, is read still; what is written is sealed with `secret_key`", secret: true, set: text(&c.FormerSecretKeys)},
		{name: "login_failures_per_account", fallback: "10", help: "failed logins of one account in 15 minutes; then 429", set: number(&c.LoginFailuresPerAccount)},
		{name: "reservation_ttl", fallback: "60m", help: "how long an unpaid order keeps its stock before it is cancelled: `90s`, `60m`, `2h`; a plain number is minutes; `0` for ever", set: duration(&c.ReservationTTL, time.Minute)},
		{name: "login_failures_per_address", fallback: "100", help: "failed logins from one address in 15 minutes; then 429", set: number(&c.LoginFailuresPerAddress)},
		{name: "webhook_allow_private", fallback: "false", help: "let webhooks go to private and loopback addresses; for tests and closed networks", set: truth(&c.WebhookAllowPrivate)},
		{name: "environment", fallback: "development", help: "`production` refuses to start with a mode that nobody knows, instead of pretending", set: text(&c.Environment)},
		{name: "storefront_rate_limit", fallback: "100", help: "requests of one address to storefronts in a second, in each process; then 429. 0: no limit", set: number(&c.StorefrontRateLimit)},
		{name: "audit_days", fallback: "400", help: "for how many days the logs of stores and accounts keep who did what", set: positive(&c.AuditDays)},
		{name: "dev_pages", fallback: "false", help: "whether `/dashboard/kit` shows what the dashboard's pages are made of; for those who change them", set: truth(&c.DevPages)},
	}
}

func text(target *string) func(string) error {
	return func(s string) error {
		*target = s
		return nil
	}
}

func truth(target *bool) func(string) error {
	return func(s string) error {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("must be true or false")
		}
		*target = b
		return nil
	}
}

// duration reads a length of time. A plain number is in units.
func duration(target *time.Duration, unit time.Duration) func(string) error {
	return func(s string) error {
		d, err := time.ParseDuration(s)
		if n, plain := strconv.Atoi(s); plain == nil {
			d, err = time.Duration(n)*unit, nil
		}
		if err != nil || d < 0 {
			return errors.New("must be a length of time such as 90s, 60m or 2h")
		}
		*target = d
		return nil
	}
}

func number(target *int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return errors.New("must be a whole number that is not negative")
		}
		*target = n
		return nil
	}
}

// positive is number without 0.
func positive(target *int) func(string) error {
	set := number(target)
	return func(s string) error {
		if err := set(s); err != nil || *target == 0 {
			return errors.New("must be a whole number from 1 on")
		}
		return nil
	}
}

// Load reads the settings. lookup is os.LookupEnv. A setting of the file that nobody
// knows is an error: it is a typing mistake. One of the environment may be somebody
// else's (Kubernetes sets VITRINE_PORT for a service called vitrine), so it is only
// told of: see Strange.
//
// All that is wrong is told together.
func Load(lookup func(string) (string, bool), environ []string) (*Config, error) {
	return load(nil, lookup, environ)
}

func load(given Given, lookup func(string) (string, bool), environ []string) (*Config, error) {
	c := &Config{}
	c.settings = c.all()
	file, err := readFile(lookup)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{"config": true}
	var faults []error
	for i := range c.settings {
		s := &c.settings[i]
		known[s.name] = true
		s.value, s.source = s.fallback, "default"
		if value, ok := file[s.name]; ok {
			s.value, s.source = fmt.Sprint(value), "file"
		}
		if value, ok := lookup(prefix + strings.ToUpper(s.name)); ok {
			s.value, s.source = value, "environment"
		}
		if value, ok := given.value(s); ok {
			s.value, s.source = value, "command line"
		}
		if err := s.set(s.value); err != nil {
			faults = append(faults, fmt.Errorf("setting %s (from the %s): %w", s.name, s.source, err))
		}
	}
	c.strange = strange(known, environ)
	if err := errors.Join(append(faults, unknown(known, file)...)...); err != nil {
		return nil, err
	}
	return c, nil
}

// all are the settings of all parts.
func (c *Config) all() []setting {
	return slices.Concat(c.table(), c.Domains.table(), c.Secure.table(), c.Registrars.table(), c.Payments.table(), c.Mail.table(), c.Media.table(), c.Nameserver.table(), c.Observe.table(), c.Scale.table())
}

// Strange returns the names in the environment that have our prefix and are no
// settings, sorted.
func (c *Config) Strange() []string { return c.strange }

func readFile(lookup func(string) (string, bool)) (map[string]any, error) {
	values := map[string]any{}
	path, named := lookup(prefix + "CONFIG")
	if !named {
		path = DefaultFile
	}
	_, err := toml.DecodeFile(path, &values)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return values, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	return values, nil
}

func unknown(known map[string]bool, file map[string]any) []error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(file)) {
		if !known[name] {
			faults = append(faults, fmt.Errorf("the settings file has a setting %q that nobody knows", name))
		}
	}
	return faults
}

func strange(known map[string]bool, environ []string) []string {
	var names []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if after, ours := strings.CutPrefix(name, prefix); ours && !known[strings.ToLower(after)] && !strings.HasPrefix(after, "TEST_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Print writes every setting, its value, its default and where it came from.
// Secrets are masked.
func (c *Config) Print(w io.Writer) error {
	for _, s := range c.settings {
		value := s.value
		if s.secret {
			value = mask(value)
		}
		if _, err := fmt.Fprintf(w, "%-28s = %-32q # %s; default %q; from the %s\n", s.name, value, s.brief(), s.fallback, s.source); err != nil {
			return err
		}
	}
	for _, name := range c.strange {
		if _, err := fmt.Fprintf(w, "# %s is set in the environment and is no setting\n", name); err != nil {
			return err
		}
	}
	return nil
}

// Reference returns all settings as a page of the documentation, in Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Settings\n\nWhat `vitrine config` knows, made from the code. [Running Vitrine](../operating.md#settings) tells where settings come from. In the environment each\nhas its name in upper case, with `VITRINE_` in front. Secrets are masked wherever they are shown.\n\n| setting | default | what it does |\n|---|---|---|\n")
	for _, s := range new(Config).all() {
		fallback := "none"
		if s.fallback != "" {
			fallback = "`" + s.fallback + "`"
		}
		if s.secret {
			fallback += ", a secret"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.name, fallback, s.help)
	}
	return b.String()
}

// brief is the first clause of what a setting does, without marks.
func (s setting) brief() string {
	end := len(s.help)
	for _, mark := range []string{"; ", ". ", ", see ["} {
		if i := strings.Index(s.help, mark); i >= 0 {
			end = min(end, i)
		}
	}
	return strings.ReplaceAll(s.help[:end], "`", "")
}

// mask hides a secret, and only the password of an address.
func mask(s string) string {
	scheme, rest, isAddress := strings.Cut(s, "://")
	if !isAddress {
		return strings.Repeat("*", min(len(s), 8))
	}
	credentials, host, found := strings.Cut(rest, "@")
	user, _, hasPassword := strings.Cut(credentials, ":")
	if !found || !hasPassword {
		return s
	}
	return scheme + "://" + user + ":********@" + host
}

// FromEnvironment is Load with the process's own environment.
func FromEnvironment() (*Config, error) { return Load(os.LookupEnv, os.Environ()) }
