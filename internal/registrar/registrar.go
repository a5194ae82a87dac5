// Package registrar is the outside world of domain names: who sells them, what a name
// costs, and what became of an order. The providers are its sub-packages; all of them
// pass the suite of package registrartest.
package registrar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vitrine/internal/money"
)

// Offer is what a registrar says of a name.
type Offer struct {
	Domain    string
	Available bool
	Unknown   bool         // nobody could say whether somebody has it: it is not available for now
	Price     money.Amount // of the first year
	Renewal   money.Amount // of each year after it
	Currency  money.Currency
	Premium   bool // it costs more than others of its TLD
}

// Total is what a number of years costs, the first of them included.
func (o Offer) Total(years int) money.Amount {
	return o.Price + o.Renewal*money.Amount(years-1)
}

// Contact is whom a name is registered for.
type Contact struct {
	FirstName, LastName, Email string
	Phone                      string // + and digits, E.164
	Address, City, State, ZIP  string
	Country                    string // ISO 3166-1 alpha-2
}

// Purchase is an order of a name. The offer is the one that the merchant agreed to:
// at another price nothing is bought.
type Purchase struct {
	Offer
	Years       int
	Contact     Contact
	Nameservers []string
	Key         string    // of this attempt: a registrar that knows keys does not act on one twice
	Since       time.Time // the name cannot be ours from before: what was registered after this is this attempt's
}

// Renewal is an order of more years. Expires is when the name ends as far as we know:
// a registrar that knows better does nothing.
type Renewal struct {
	Offer
	Years   int
	Expires time.Time
	Key     string
}

// Registration is a name that is ours at a registrar.
type Registration struct {
	Domain      string
	OrderID     string // of the purchase, or of the latest renewal
	Key         string // of the attempt that it came from, where the registrar keeps it
	Created     time.Time
	Expires     time.Time
	Nameservers []string
}

// Capabilities are what a registrar can do.
type Capabilities struct {
	TLDs         []string // in lower case, without the dot
	MaxFirstTerm int      // years that can be bought at once
	EarlyRenewal bool     // a name can be renewed long before it ends
	Asynchronous bool     // an order takes minutes: it is Pending at first
	Premium      bool     // names that cost more than others of their TLD are sold too
	Currency     money.Currency
}

// Sells tells whether names of a TLD can be bought.
func (c Capabilities) Sells(tld string) bool { return slices.Contains(c.TLDs, tld) }

// Provider sells names. It is safe for concurrent use. Its errors are an *Error, or
// wrap one.
type Provider interface {
	// SearchDomains makes an offer for a label under each of the TLDs, in their order.
	// Those that it does not sell are left out; those that it cannot say anything about
	// before the context ends are Unknown.
	SearchDomains(ctx context.Context, label string, tlds []string) ([]Offer, error)

	// CheckAvailability makes an offer for one name.
	CheckAvailability(ctx context.Context, domain string) (Offer, error)

	// PurchaseDomain registers a name. Pending and Unanswered leave open whether it
	// happens: ask GetDomainInfo, and never buy again. A name that has become ours since
	// Purchase.Since is returned as it is.
	PurchaseDomain(ctx context.Context, p Purchase) (Registration, error)

	// RenewDomain adds years to a name of ours. The same as for PurchaseDomain holds.
	RenewDomain(ctx context.Context, r Renewal) (Registration, error)

	// SetNameservers says who answers for a name of ours. Doing it again changes nothing.
	SetNameservers(ctx context.Context, domain string, nameservers []string) error

	// GetDomainInfo returns a name of ours. One that is not ours is NotOurs; one whose
	// order is still under way is Pending.
	GetDomainInfo(ctx context.Context, domain string) (Registration, error)

	// Capabilities tells what can be asked for at all. It asks nobody.
	Capabilities() Capabilities
}

// Suggester is a Provider that can think of other names.
type Suggester interface {
	// Suggest makes offers for names like a label, under the TLDs, that are free.
	Suggest(ctx context.Context, label string, tlds []string) ([]Offer, error)
}

// Picky is a Provider that takes fewer contacts than can be written down.
type Picky interface {
	// CheckContact names the fields that it does not take, as the API calls them, with
	// what is wrong with each.
	CheckContact(c Contact) map[string]string
}

// Kind says what an error of a registrar means for what it was asked to do.
type Kind int

// The kinds. After any but Pending and Unanswered nothing has happened.
const (
	Refused      Kind = iota // it said no
	Taken                    // somebody has the name
	NotOurs                  // it has no such name of ours
	Unsupported              // it does not sell this, or not in this way
	BadContact               // it does not accept the contact
	PriceChanged             // it costs something else by now
	Limited                  // it was asked too often
	Unreachable              // it could not be asked
	Pending                  // it has the order and is not through with it
	Unanswered               // it did not answer, or not in a way that tells: nobody knows
)

// Error is why a registrar did not do what it was asked for.
type Error struct {
	Kind    Kind
	Message string // the registrar's own words, for the merchant
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

// Open tells whether what was asked for may still happen, or has.
func Open(err error) bool {
	k := KindOf(err)
	return err != nil && (k == Pending || k == Unanswered)
}

// After adds years to the end of a registration, as registries do: 29 February
// becomes 28 February where the year has none.
func After(t time.Time, years int) time.Time {
	moved := t.AddDate(years, 0, 0)
	if moved.Day() != t.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

// MaxYears is for how long registries let a name be registered, from today.
const MaxYears = 10
