// Package dns is the outside world of DNS: what a record is, and what a provider
// that keeps zones can be asked for. The providers are its sub-packages; all of them
// pass the suite of package dnstest.
package dns

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Record is a DNS record at a provider.
type Record struct {
	ID       string // the provider's own; "" before it is made
	Name     string // in full, lower case, without the final dot
	Type     Type
	Value    string // as Check leaves it; of MX and SRV without the priority
	TTL      int    // in seconds; records of one name and type share it
	Priority *int   // of MX and SRV
}

// Provider keeps the records of zones. It is safe for concurrent use. Its errors are
// an *Error, or wrap one.
//
// All records of one name and type have one TTL: that of the last write.
type Provider interface {
	// CreateRecord adds a record to a zone and returns it as it is there. One that is
	// there already is refused.
	CreateRecord(ctx context.Context, zone string, r Record) (Record, error)

	// ListRecords returns the records of a zone, of all types that Types has.
	ListRecords(ctx context.Context, zone string) ([]Record, error)

	// UpdateRecord changes a record, whose type stays. Its id may change with its
	// value: the one that is returned counts from then on.
	UpdateRecord(ctx context.Context, zone, id string, r Record) (Record, error)

	// DeleteRecord takes a record away. One that is not there is NoRecord.
	DeleteRecord(ctx context.Context, zone, id string) error

	// ZoneID returns the zone that the records of a domain belong to: the longest that
	// the provider has. Where it has none, it is NoZone.
	ZoneID(ctx context.Context, domain string) (string, error)

	Verifier
}

// ZoneKeeper is a Provider that makes a zone for each domain, which can go with it.
type ZoneKeeper interface {
	// DropZone takes a zone away that has no records. One that has some, or is not there,
	// is left as it is. The next record that is made in it brings it back.
	DropZone(ctx context.Context, zone string) error
}

// Verifier asks the world for a record.
type Verifier interface {
	// VerifyPropagation tells who sees a record. value is written as in a Record, with
	// the priority in front where there is one. What cannot be asked is told in the
	// answers, not as an error.
	VerifyPropagation(ctx context.Context, name string, t Type, value string) (Propagation, error)
}

// Propagation says who sees a record.
type Propagation struct {
	Done    bool // all who were asked see it
	Answers []Answer
}

// Answer is what one server says.
type Answer struct {
	Resolver string
	Observed []string // written as the value that was asked for
	Seen     bool     // the value is among them
	Cause    string   // why it is not, in words; "" when it is
	Wait     time.Duration
}

// Kind says what an error of a provider means for what it was asked to do.
type Kind int

// The kinds. After any but Unanswered nothing has happened.
const (
	Refused    Kind = iota // it said no
	NoZone                 // it has no zone for the domain
	NoRecord               // it has no such record
	Limited                // it was asked too often
	Unanswered             // it did not answer, or not in a way that tells: nobody knows
)

// Error is why a provider did not do what it was asked for.
type Error struct {
	Kind       Kind
	Message    string        // the provider's own words, for the merchant
	RetryAfter time.Duration // of Limited, where it is known
	cause      error
}

// Errorf returns an Error. What %w wraps is its cause and not part of the message.
func Errorf(k Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: k, Message: err.Error(), cause: errors.Unwrap(err)}
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.cause }

// Is tells whether err is, or wraps, an Error of the kind.
func Is(err error, k Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == k
}
