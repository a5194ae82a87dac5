package domain

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"vitrine/internal/dns"
	"vitrine/internal/fault"
)

// unicodeName maps a name as a browser does (UTS 46, nontransitional) and refuses
// what cannot be registered.
var unicodeName = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.CheckJoiners(true), idna.StrictDomainName(true), idna.Transitional(false), idna.VerifyDNSLength(true))

// CheckName reads a domain as a merchant writes it and returns it in ASCII. What a
// store cannot stand under is noted in f.
func (s *Service) CheckName(f *fault.Form, path, given string) string {
	trimmed := strings.TrimSpace(given)
	name, err := unicodeName.ToASCII(strings.TrimSuffix(trimmed, "."))
	host, isHost := dns.Host(name)
	switch suffix, _ := publicsuffix.PublicSuffix(host); {
	case trimmed == "":
		f.Addf(path, given, "must not be empty")
	case err != nil || len(trimmed) > 1000 || strings.Contains(host, "_") || host == "":
		f.Addf(path, short(given), "must be a domain name such as mystore.com")
	case suffix == host:
		f.Addf(path, short(given), "must be a domain that can be registered: %s is where many are", host)
	case !isHost:
		f.Addf(path, short(given), "must be a domain name such as mystore.com")
	case dns.Within(host, strings.ToLower(s.PlatformDomain)) || host == strings.ToLower(s.Target):
		f.Addf(path, short(given), "must not be the platform's own domain")
	}
	return host
}

// short is what is told of a refused name: all of it, or nothing of a long one.
func short(s string) any {
	if len(s) > 300 {
		return nil
	}
	return s
}

// full returns the name of a record as DNS has it.
func (d Domain) full(name string) string {
	if name == root {
		return d.Name
	}
	return name + "." + d.Name
}

// relative returns a name that DNS has as a merchant sees it.
func (d Domain) relative(full string) string {
	if full == d.Name {
		return root
	}
	return strings.TrimSuffix(full, "."+d.Name)
}

// root is the domain itself, as the name of a record.
const root = "@"

// checkRecordName reads the name of a record: @, a name relative to the domain, or
// one in full.
func (d Domain) checkRecordName(f *fault.Form, given string) string {
	name := strings.ToLower(strings.TrimSpace(given))
	full, isFull := strings.CutSuffix(name, ".")
	switch {
	case name == "":
		f.Addf("name", given, "must not be empty: @ is the domain itself")
		return name
	case name == root || isFull && full == d.Name || name == d.Name:
		return root
	case isFull && !dns.Within(full, d.Name):
		f.Addf("name", short(given), "must lie within %s", d.Name)
		return name
	}
	name = strings.TrimSuffix(full, "."+d.Name)
	if !dns.Name(name) || !dns.Name(d.full(name)) {
		f.Addf("name", short(given), "must be @ or a name such as mail or _dmarc")
	}
	return name
}
