// Package id makes and reads the identifiers of every row: UUIDs of version 7
// (RFC 9562, section 5.7), so that new rows land at the end of their index and
// "newest first" is the primary key read backwards.
package id

import (
	"bytes"
	"crypto/rand"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"vitrine/internal/clock"
)

// UUID is an identifier. Its Value is the 16 bytes: uuid on PostgreSQL, BLOB on
// SQLite.
type UUID [16]byte

// ErrMalformed is returned for text that is not a canonical UUID.
var ErrMalformed = errors.New("malformed id")

// Parse reads the canonical text form, in lower or upper case.
func Parse(s string) (UUID, error) {
	var u UUID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return u, ErrMalformed
	}
	var digits [32]byte
	copy(digits[0:], s[0:8])
	copy(digits[8:], s[9:13])
	copy(digits[12:], s[14:18])
	copy(digits[16:], s[19:23])
	copy(digits[20:], s[24:36])
	if _, err := hex.Decode(u[:], digits[:]); err != nil {
		return UUID{}, ErrMalformed
	}
	return u, nil
}

// String returns the canonical text form.
func (u UUID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], u[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], u[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], u[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], u[10:16])
	return string(b[:])
}

// Compare orders ids as the databases do: by their bytes.
func Compare(a, b UUID) int { return bytes.Compare(a[:], b[:]) }

// IsZero tells whether the id was never set.
func (u UUID) IsZero() bool { return u == UUID{} }

// Value implements driver.Valuer.
func (u UUID) Value() (driver.Value, error) { return u[:], nil }

// Scan implements sql.Scanner.
func (u *UUID) Scan(src any) error {
	switch v := src.(type) {
	case string:
		parsed, err := Parse(v)
		*u = parsed
		return err
	case []byte:
		if len(v) == len(u) {
			copy(u[:], v)
			return nil
		}
	}
	return fmt.Errorf("scan %T into an id: %w", src, ErrMalformed)
}

// MarshalText implements encoding.TextMarshaler.
func (u UUID) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *UUID) UnmarshalText(b []byte) error {
	parsed, err := Parse(string(b))
	*u = parsed
	return err
}

// Source makes ids. Each is greater than the one before it, also within one
// millisecond and when the clock steps back. It is safe for concurrent use.
type Source struct {
	clock  clock.Clock
	random func([]byte)

	mu   sync.Mutex
	last uint64 // milliseconds << 12 | position within the millisecond
}

// NewSource returns a source on the clock, with the machine's randomness.
func NewSource(c clock.Clock) *Source {
	return &Source{clock: c, random: func(b []byte) { _, _ = rand.Read(b) }}
}

// First returns the least id that is made at t or later, for ranges of ids by time.
func First(t time.Time) UUID {
	var u UUID
	binary.BigEndian.PutUint64(u[:8], uint64(t.UnixMilli())<<16|0x7000) //nolint:gosec // after 1970
	u[8] = 0x80
	return u
}

// New returns a fresh id. The 12 bits after the milliseconds count fractions of
// one (RFC 9562, section 6.2, method 3), and on from there when ids come faster.
func (s *Source) New() UUID {
	var u UUID
	s.random(u[8:])
	tick := s.tick()
	binary.BigEndian.PutUint64(u[:8], tick>>12<<16|0x7000|tick&0xfff)
	u[8] = u[8]&0x3f | 0x80
	return u
}

func (s *Source) tick() uint64 {
	now := s.clock.Now()
	fraction := uint64(now.Nanosecond()%int(time.Millisecond)) << 12 / uint64(time.Millisecond) //nolint:gosec // never negative
	tick := uint64(now.UnixMilli())<<12 | fraction                                              //nolint:gosec // after 1970
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(tick, s.last+1)
	return s.last
}
