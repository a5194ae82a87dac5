package dns

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/fault"
)

// Type is what a record says something about.
type Type string

// The types that merchants can have.
const (
	A     Type = "A"
	AAAA  Type = "AAAA"
	CNAME Type = "CNAME"
	MX    Type = "MX"
	TXT   Type = "TXT"
	NS    Type = "NS"
	SRV   Type = "SRV"
	CAA   Type = "CAA"
)

// Types are all of them.
var Types = []Type{A, AAAA, CNAME, MX, TXT, NS, SRV, CAA}

// Ranked tells whether records of the type have a priority.
func (t Type) Ranked() bool { return t == MX || t == SRV }

// Limits of a record.
const (
	MinTTL  = 60
	MaxTTL  = 86400
	MaxText = 2048 // characters of a TXT record
)

// Check notes in f what is wrong with the type, the value, the TTL and the priority
// of a record, and writes the value as it is compared: addresses in their shortest
// form, hosts in lower case without the final dot.
func (r *Record) Check(f *fault.Form) {
	if !slices.Contains(Types, r.Type) {
		f.Addf("record_type", r.Type, "must be A, AAAA, CNAME, MX, TXT, NS, SRV or CAA")
		return
	}
	if r.TTL < MinTTL || r.TTL > MaxTTL {
		f.Addf("ttl", r.TTL, "must be between %d and %d seconds", MinTTL, MaxTTL)
	}
	switch {
	case r.Type.Ranked() && r.Priority == nil:
		f.Addf("priority", nil, "is needed for %s records", r.Type)
	case !r.Type.Ranked() && r.Priority != nil:
		f.Addf("priority", *r.Priority, "is for MX and SRV records alone")
	case r.Priority != nil && (*r.Priority < 0 || *r.Priority > 65535):
		f.Addf("priority", *r.Priority, "must be between 0 and 65535")
	}
	value, wrong := r.Type.clean(r.Value)
	if wrong != "" {
		f.Addf("value", short(r.Value), "%s", wrong)
		return
	}
	r.Value = value
}

// short is what is told of a refused value: all of it, or nothing of a long one.
func short(s string) any {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 200 {
		return nil
	}
	return s
}

// clean returns a value in the form in which it is compared, or what is wrong with it.
func (t Type) clean(value string) (clean, wrong string) {
	switch t {
	case A:
		return address(value, netip.Addr.Is4, "must be an IPv4 address such as 192.0.2.1")
	case AAAA:
		return address(value, func(a netip.Addr) bool { return a.Is6() && !a.Is4In6() }, "must be an IPv6 address such as 2001:db8::1")
	case TXT:
		return text(value)
	case SRV:
		return service(value)
	case CAA:
		return authority(value)
	}
	host, ok := Host(value)
	if ok = ok || t == MX && host == "."; !ok { // RFC 7505: this domain takes no mail
		return "", "must be a host name such as shop.example.com"
	}
	return host, ""
}

func address(value string, is func(netip.Addr) bool, wrong string) (string, string) {
	a, err := netip.ParseAddr(strings.TrimSpace(value))
	if err != nil || !is(a) || a.Zone() != "" {
		return "", wrong
	}
	return a.String(), ""
}

func text(value string) (string, string) {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return "", "must not be empty"
	case !utf8.ValidString(value):
		return "", "must be valid UTF-8"
	case utf8.RuneCountInString(value) > MaxText:
		return "", "must have at most " + strconv.Itoa(MaxText) + " characters"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "", "must not contain control characters"
	}
	return value, ""
}

// service reads "weight port target".
func service(value string) (string, string) {
	const wrong = "must be a weight, a port and a host name, such as 5 5060 sip.example.com"
	fields := strings.Fields(value)
	if len(fields) != 3 {
		return "", wrong
	}
	for i, field := range fields[:2] {
		n, err := strconv.ParseUint(field, 10, 16)
		if err != nil {
			return "", wrong
		}
		fields[i] = strconv.FormatUint(n, 10)
	}
	host, ok := Host(fields[2])
	if !ok && host != "." { // RFC 2782: the service is not there
		return "", wrong
	}
	fields[2] = host
	return strings.Join(fields, " "), ""
}

var caa = regexp.MustCompile(`^\s*(\d{1,3})\s+([A-Za-z0-9]{1,15})\s+(?:"((?:[^"\\]|\\["\\])*)"|([^"\\\s]+))\s*$`)

// authority reads `flags tag "value"`.
func authority(value string) (string, string) {
	const wrong = `must be flags, a tag and a value, such as 0 issue "letsencrypt.org"`
	m := caa.FindStringSubmatch(value)
	if m == nil || len(value) > 1024 || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", wrong
	}
	flags, err := strconv.ParseUint(m[1], 10, 8)
	if err != nil {
		return "", wrong
	}
	return strconv.FormatUint(flags, 10) + " " + strings.ToLower(m[2]) + ` "` + m[3] + m[4] + `"`, ""
}
