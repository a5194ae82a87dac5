// Package certificate issues the certificates that stores answer with on their own
// domains.
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

// mockLife is how long a certificate of Let's Encrypt was good for a long time.
const mockLife = 90 * 24 * time.Hour

// Issue returns a new certificate.
func (m Mock) Issue(context.Context, []string) (Certificate, error) {
	content := make([]byte, 32)
	_, _ = rand.Read(content) // it never fails
	return Certificate{ID: idOf(content), Provider: "letsencrypt", NotAfter: m.clock.Now().UTC().Add(mockLife).Truncate(time.Microsecond)}, nil
}
