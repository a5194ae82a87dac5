// Package payment is the outside world of money: a sum is authorised before something
// is bought for it and captured after it was. The providers are its sub-packages.
package payment

import (
	"context"
	"errors"
	"fmt"

	"vitrine/internal/money"
)

// Charge is a sum that somebody is to pay.
type Charge struct {
	Key      string // of this charge: doing anything twice under one key does it once
	Payer    string // who pays, as the provider knows them
	Amount   money.Amount
	Currency money.Currency
	For      string // what it is for, as it stands on a statement
}

// State is where a charge stands.
type State string

// The states.
const (
	Authorised State = "authorised" // the sum is held for us
	Captured   State = "captured"   // it is ours
	Cancelled  State = "cancelled"  // it was never taken
	Refunded   State = "refunded"   // it was given back
)

// Provider moves money. It is safe for concurrent use. Its errors are an *Error, or
// wrap one. Every call can be made again: a charge in the state that a call leads to
// stays as it is.
type Provider interface {
	// Name is what the provider is called in records.
	Name() string

	// Authorise holds a sum and returns the provider's id of the charge.
	Authorise(ctx context.Context, c Charge) (id string, err error)

	// Capture takes what was authorised.
	Capture(ctx context.Context, id string) error

	// Cancel lets go of what was authorised and not captured.
	Cancel(ctx context.Context, id string) error

	// Refund gives back what was captured.
	Refund(ctx context.Context, id string) error

	// Find returns the id and the state of the charge under a key, as when the answer
	// to Authorise was lost. NotThere: it never was.
	Find(ctx context.Context, key string) (id string, s State, err error)
}

// Kind says what an error means for the charge.
type Kind int

// The kinds. After any but Unanswered nothing has happened.
const (
	Declined   Kind = iota // the payer's bank said no
	NeedsPayer             // the payer has to confirm it first
	NotThere               // there is no such charge, or it is in another state
	Unanswered             // nobody knows
)

// Error is why a charge was not made.
type Error struct {
	Kind    Kind
	Message string // for the merchant
	cause   error
}

// Errorf returns an Error. What %w wraps is its cause.
func Errorf(k Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: k, Message: err.Error(), cause: errors.Unwrap(err)}
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.cause }

// KindOf returns what an error means. One that is no Error leaves everything open.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unanswered
}
