package dns

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

const (
	maxLabel = 63
	maxName  = 253 // RFC 1035, section 2.3.4, written out
)

// Host returns a host name in lower case and without its final dot, and whether it
// is one that the whole world can look up: two labels at least, and no address.
func Host(s string) (name string, ok bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "." {
		return s, false
	}
	s = strings.TrimSuffix(s, ".")
	labels := strings.Split(s, ".")
	last := labels[len(labels)-1]
	return s, len(labels) > 1 && Name(s) && strings.Trim(last, "0123456789") != "" && !strings.Contains(labels[0], "*")
}

// Name tells whether s can be the name of a record: labels of a to z, digits, - and
// _, the first of which may be a *.
func Name(s string) bool {
	if len(s) > maxName {
		return false
	}
	for i, label := range strings.Split(s, ".") {
		if !isLabel(label) && !(label == "*" && i == 0) {
			return false
		}
	}
	return true
}

func isLabel(s string) bool {
	if s == "" || len(s) > maxLabel || strings.HasPrefix(s, "-") || strings.HasSuffix(s, "-") {
		return false
	}
	return !strings.ContainsFunc(s, foreign)
}

// foreign tells whether a rune cannot stand in a label.
func foreign(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// Within tells whether a name is the domain or below it.
func Within(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// Enclosing returns the names that the zone of a domain can have, the longest first,
// down to the one that can be registered.
func Enclosing(domain string) []string {
	var all []string
	suffix, _ := publicsuffix.PublicSuffix(domain)
	for name := domain; name != "" && name != suffix; _, name, _ = strings.Cut(name, ".") {
		all = append(all, name)
	}
	return all
}
