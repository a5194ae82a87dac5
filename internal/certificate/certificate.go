// Package certificate gets the certificates that stores answer with on their own
// domains, and keeps them. An authority is asked only for what it can be expected to
// give: each order is written down before, counted, and never made twice at once.
package certificate

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"vitrine/internal/clock"
)

// Certificate is what is known of a certificate.
type Certificate struct {
	ID       string // ssl-cert- and the first 12 hex digits of its SHA-256
	Provider string // who issued it
	NotAfter time.Time
}

// idOf names a certificate by its content.
func idOf(der []byte) string {
	sum := sha256.Sum256(der)
	return "ssl-cert-" + hex.EncodeToString(sum[:])[:12]
}

// Mock issues certificates that nobody can use, at once and for every name: for
// trying things out.
type Mock struct{ clock clock.Clock }

// NewMock returns a Mock.
func NewMock(c clock.Clock) Mock { return Mock{c} }

// mockLife is how long a certificate of Let's Encrypt was good for a long time, and
// mockRenewal how long before its end it is replaced.
const (
	mockLife    = 90 * 24 * time.Hour
	mockRenewal = 30 * 24 * time.Hour
)

// Issue returns a new certificate, unless the one that is there is good for long.
func (m Mock) Issue(_ context.Context, _ []string, have Certificate) (Certificate, error) {
	now := m.clock.Now().UTC()
	if have.ID != "" && have.NotAfter.Sub(now) >= mockRenewal {
		return have, nil
	}
	content := make([]byte, 32)
	_, _ = rand.Read(content) // it never fails
	return Certificate{ID: idOf(content), Provider: "letsencrypt", NotAfter: now.Add(mockLife).Truncate(time.Microsecond)}, nil
}
