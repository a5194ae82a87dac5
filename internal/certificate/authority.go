package certificate

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Way is how a name is proven to be ours (RFC 8555, section 8, and RFC 8737).
type Way string

// The ways, as the protocol calls them.
const (
	ByHTTP Way = "http-01"
	ByTLS  Way = "tls-alpn-01"
	ByDNS  Way = "dns-01" // the only one for all names below one
)

// Proven is a name and how it is proven.
type Proven struct {
	Name string
	Way  Way
}

// Request is what an authority is asked for.
type Request struct {
	Names    []Proven
	Key      crypto.Signer
	Replaces *x509.Certificate // the certificate that is renewed, or nil

	// Placed is where the order is that an earlier request placed, by a process that has
	// died since, with the same Key; or "". It is gone on with if it can be.
	Placed string

	// Keep is called with where an order is that was placed, before anything is issued.
	Keep func(ctx context.Context, placed string) error
}

// Authority issues certificates. It is safe for concurrent use. Its errors are an
// *Error, or wrap one.
type Authority interface {
	// Name is what it is called.
	Name() string

	// Identities are what CAA records call it; none where it does not tell.
	Identities(ctx context.Context) ([]string, error)

	// Obtain returns the chain of a new certificate, in PEM.
	Obtain(ctx context.Context, r Request) ([]byte, error)

	// Renewal tells when the authority wants a certificate to be renewed (RFC 9773),
	// and when to ask again. ok is false where it does not tell.
	Renewal(ctx context.Context, leaf *x509.Certificate) (r Renewal, ok bool, err error)
}

// Renewal is when to renew a certificate.
type Renewal struct {
	At    time.Time // within the authority's window
	Again time.Time // when to ask again
}

// Scout looks, before anything is ordered, whether a name can be proven.
type Scout interface {
	// Way returns how a name can be proven to an authority that CAA records call by one
	// of the identities. Why it cannot be is a *fault.Error.
	Way(ctx context.Context, name string, identities []string) (Way, error)
}

// Kind says what an error of an authority means.
type Kind int

// The kinds.
const (
	Unanswered Kind = iota // it did not answer, or not in a way that tells: nobody knows
	Limited                // it was asked too often
	Unproven               // it could not see that a name is ours
	Denied                 // it does not want to, whoever asks
)

// Error is why an authority did not issue.
type Error struct {
	Kind       Kind
	Message    string        // its own words, for the merchant
	RetryAfter time.Duration // of Limited, where it is known
	cause      error
}

// Errorf returns an Error. What %w wraps is its cause.
func Errorf(k Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: k, Message: err.Error(), cause: errors.Unwrap(err)}
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.cause }
