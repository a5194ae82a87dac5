package nameserver

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/dchest/siphash"
)

const (
	clientCookie = 8
	wholeCookie  = 24 // with the server's part, as RFC 9018 writes it
)

// A server's cookie is good from an hour after it was made on no longer, and a little
// ahead of time where clocks differ (RFC 9018, section 4.3).
const (
	cookieLife  = time.Hour
	cookieEarly = 5 * time.Minute
	cookieFresh = 30 * time.Minute
)

// Secret is what cookies are made with. All servers of one name have the same.
type Secret [16]byte

// cookie returns the option that answers a client's, in buf, and whether the client
// has shown that it hears what is sent to its address.
func (s *Secret) cookie(buf []byte, given []byte, from netip.Addr, now time.Time) (whole []byte, proven bool) {
	if len(given) == wholeCookie {
		made := time.Unix(int64(binary.BigEndian.Uint32(given[12:])), 0)
		age := now.Sub(made)
		if proven = given[8] == 1 && age < cookieLife && age > -cookieEarly && s.hash(given[:16], from) == binary.LittleEndian.Uint64(given[16:]); proven && age < cookieFresh {
			return append(buf[:0], given...), true
		}
	}
	whole = append(append(buf[:0], given[:clientCookie]...), 1, 0, 0, 0)
	whole = binary.BigEndian.AppendUint32(whole, uint32(now.Unix())) //nolint:gosec // serial number arithmetic
	return binary.LittleEndian.AppendUint64(whole, s.hash(whole, from)), proven
}

func (s *Secret) hash(head []byte, from netip.Addr) uint64 {
	var text [32]byte
	n := copy(text[:], head[:16])
	n += copy(text[n:], from.AsSlice())
	return siphash.Hash(binary.LittleEndian.Uint64(s[:8]), binary.LittleEndian.Uint64(s[8:]), text[:n])
}
