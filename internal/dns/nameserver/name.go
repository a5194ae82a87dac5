package nameserver

import (
	"strings"

	wire "github.com/miekg/dns"
)

// name is a domain name as it stands in a message, uncompressed: each label with its
// length in front, and the root's 0 at the end. In zones all are in lower case.
type name string

const (
	maxName   = 255
	maxLabels = 128
	root      = name("\x00")
	star      = "\x01*"
)

// packName returns a name that is written out, in lower case.
func packName(s string) (name, error) {
	var buf [maxName + 1]byte
	n, err := wire.PackDomainName(strings.ToLower(wire.Fqdn(s)), buf[:], 0, nil, false)
	return name(buf[:n]), err
}

// String writes a name out.
func (n name) String() string {
	s, _, err := wire.UnpackDomainName([]byte(n), 0)
	if err != nil {
		return "?"
	}
	return s
}

// below tells whether n is other or lies below it. Both are in lower case.
func (n name) below(other name) bool {
	if !strings.HasSuffix(string(n), string(other)) {
		return false
	}
	for i := len(n) - len(other); i > 0; {
		length := int(n[0]) + 1
		if length > i {
			return false
		}
		n, i = n[length:], i-length
	}
	return true
}

// parent returns the name without its first label.
func (n name) parent() name { return n[int(n[0])+1:] }

// lower writes a name into buf in lower case.
func lower(buf, n []byte) []byte {
	for _, c := range n { // a length is 63 at most, which is no letter
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf = append(buf, c)
	}
	return buf
}
