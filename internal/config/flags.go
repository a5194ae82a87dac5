package config

import (
	"flag"
	"os"
	"strings"
)

// Given are settings that were given on the command line, by their names.
type Given map[string]string

// Declare makes a flag of each setting: --listen-addr of listen_addr. Secrets have none,
// since whoever is on the machine reads command lines. What is given is in the result once
// the flags are parsed.
func Declare(flags *flag.FlagSet) Given {
	given := Given{}
	for _, s := range new(Config).all() {
		if s.secret {
			continue
		}
		help := "`" + "value` for " + s.name + ": " + s.brief()
		if s.name == byEmail {
			help += "; given here, certificates are got from Let's Encrypt, and Vitrine listens at :443 and :80, unless other settings say otherwise"
		}
		flags.Func(strings.ReplaceAll(s.name, "_", "-"), help, func(value string) error {
			given[s.name] = value
			return nil
		})
	}
	return given
}

// byEmail is the setting that on the command line is all that TLS takes.
const byEmail = "acme_email"

// withEmail is what other settings are then, where nobody says otherwise.
var withEmail = map[string]string{"ssl_provider_mode": "acme", "https_listen_addr": ":443", "listen_addr": ":80"}

// value returns what a setting is by the command line.
func (g Given) value(s *setting) (string, bool) {
	if value, ok := g[s.name]; ok {
		return value, true
	}
	value, follows := withEmail[s.name]
	return value, follows && g[byEmail] != "" && s.source == "default"
}

// FromCommandLine is FromEnvironment with what was given on the command line, which
// counts more.
func FromCommandLine(given Given) (*Config, error) { return load(given, os.LookupEnv, os.Environ()) }
