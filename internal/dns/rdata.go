package dns

import (
	"fmt"
	"strconv"
	"strings"
)

// RData writes what a record says as a zone file does: hosts with their final dot,
// the priority in front, texts in quoted pieces.
func (r Record) RData() string {
	switch r.Type {
	case TXT:
		return QuoteText(r.Value)
	case CNAME, NS:
		return absolute(r.Value)
	case MX, SRV:
		fields := strings.Fields(r.Data())
		fields[len(fields)-1] = absolute(fields[len(fields)-1])
		return strings.Join(fields, " ")
	}
	return r.Value
}

func absolute(host string) string {
	if host == "." {
		return host
	}
	return host + "."
}

// ParseRData reads what a zone file says into a record of a type, its value as Check
// leaves it. ok is false for what is malformed.
func ParseRData(name string, t Type, ttl int, rdata string) (r Record, ok bool) {
	r = Record{Name: name, Type: t, TTL: ttl}
	if t.Ranked() {
		priority, rest, _ := strings.Cut(strings.TrimSpace(rdata), " ")
		n, err := strconv.ParseUint(priority, 10, 16)
		if err != nil {
			return r, false
		}
		rank := int(n)
		r.Priority, rdata = &rank, rest
	}
	if t == TXT {
		r.Value, ok = UnquoteText(rdata)
		return r, ok
	}
	value, wrong := t.clean(rdata)
	r.Value = value
	return r, wrong == ""
}

// maxPiece is how long a piece of a text can be (RFC 1035, section 3.3).
const maxPiece = 255

// QuoteText writes a text as a zone file does: in pieces of 255 bytes, with what is
// not printable escaped.
func QuoteText(s string) string {
	var b strings.Builder
	for i := 0; i == 0 || i < len(s); i += maxPiece {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte('"')
		for _, c := range []byte(s[i:min(i+maxPiece, len(s))]) {
			switch {
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, `\%03d`, c)
			default:
				b.WriteByte(c)
			}
		}
		b.WriteByte('"')
	}
	return b.String()
}

// UnquoteText reads what QuoteText writes, and pieces that are not quoted.
func UnquoteText(s string) (text string, ok bool) {
	var b strings.Builder
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		end := " \t"
		if s[0] == '"' {
			end, s = `"`, s[1:]
		}
		for ; s != "" && !strings.ContainsRune(end, rune(s[0])); s = s[1:] {
			c := s[0]
			if c == '\\' {
				var escaped bool
				if c, s, escaped = unescape(s[1:]); !escaped {
					return "", false
				}
			}
			b.WriteByte(c)
		}
		if end == `"` {
			if s == "" {
				return "", false
			}
			s = s[1:]
		}
	}
	return b.String(), true
}

// unescape reads what stands behind a backslash, and returns the rest from its last
// byte on.
func unescape(s string) (c byte, rest string, ok bool) {
	if len(s) >= 3 && s[0] >= '0' && s[0] <= '9' {
		n, err := strconv.ParseUint(s[:3], 10, 8)
		return byte(n), s[2:], err == nil
	}
	if s == "" {
		return 0, "", false
	}
	return s[0], s, true
}
