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
	Email    string // of the payer, where they have no account; may be empty
	Card     string // what a payer says in a form of ours, in tests only
}

// Page is where a payer says how they pay.
type Page struct {
	Charge string // the provider's id of the charge
	URL    string // "": they need not be asked, and the sum is authorised
}

// State is where a charge stands.
type State string

// The states.
const (
	Waiting    State = "waiting"    // the payer is asked how they pay
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

	// Authorise holds a sum on the card that the payer keeps with the provider, and
	// returns the provider's id of the charge.
	Authorise(ctx context.Context, c Charge) (id string, err error)

	// Ask opens a page on which somebody says how they pay a charge, and which leads
	// back to an address of ours. Under one key it is the same page.
	Ask(ctx context.Context, c Charge, back string) (Page, error)

	// KeepCard opens a page on which a payer leaves the card for Authorise. It is ""
	// where none is needed.
	KeepCard(ctx context.Context, payer, email, back string) (url string, err error)

	// Card says in a few words which card a payer keeps; "" is none.
	Card(ctx context.Context, payer string) (string, error)

	// Capture takes what was authorised.
	Capture(ctx context.Context, id string) error

	// Cancel lets go of what was authorised and not captured, and closes the page of a
	// charge that waits for its payer.
	Cancel(ctx context.Context, id string) error

	// Refund gives back what was captured.
	Refund(ctx context.Context, id string) error

	// Find returns the id and the state of the charge under a key, as when the answer
	// to Authorise was lost. NotThere: it never was.
	Find(ctx context.Context, key string) (id string, s State, err error)

	// Read returns what the provider says in a webhook whose signature is good. It may
	// say it late, twice, or in another order than it happened: what is true, Find says.
	Read(body []byte, signature string) (Notice, error)
}

// Notice is a provider's word that something happened to a charge.
type Notice struct {
	ID  string // of the notice: the same each time that it is sent
	Key string // of the charge; "" where it is about none of ours
}

// ErrForged says that a webhook was not signed by the provider, or long ago.
var ErrForged = errors.New("the signature is not the payment provider's")

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
