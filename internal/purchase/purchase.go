// Package purchase buys and renews domain names. Money and names are at stake, so
// every attempt is a row that is written before anybody is asked for anything, and a
// state machine carries it on: what is asked is noted before, what came of it after,
// and after silence nothing is asked for twice, only what became of it. A process
// that dies leaves its attempts to the others, or to its successor.
package purchase

import (
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/payment"
	"vitrine/internal/registrar"
	"vitrine/internal/store"
)

// ID names an attempt.
type ID struct{ id.UUID }

// Kind says what an attempt is about.
type Kind string

// The kinds.
const (
	Register Kind = "register"
	Renew    Kind = "renew"
)

// State says how far an attempt is. Nothing after Registered undoes it.
type State string

// The states. An attempt that is Registered or later has led to the name; the next
// states name what is still to be done for it.
const (
	Quoted        State = "quoted"         // it is noted; nobody was asked for money
	Authorised    State = "authorised"     // the sum is held
	Registering   State = "registering"    // the registrar is being asked
	Unknown       State = "unknown"        // it has not said what became of it
	Registered    State = "registered"     // the name is the merchant's, or renewed; the sum is to be captured
	Nameservers   State = "nameservers"    // the name servers are to be set
	DNS           State = "dns"            // the records are to be made
	SSL           State = "ssl"            // the certificate is to be issued
	Done          State = "done"           // nothing is left to do
	Released      State = "released"       // it came to nothing, and nothing is charged
	NeedsOperator State = "needs_operator" // somebody has to find out what became of it
)

// AllStates are the states, in their order.
var AllStates = []State{Quoted, Authorised, Registering, Unknown, Registered, Nameservers, DNS, SSL, Done, Released, NeedsOperator}

// Happened tells whether the name was registered or renewed.
func (s State) Happened() bool {
	switch s {
	case Registered, Nameservers, DNS, SSL, Done:
		return true
	}
	return false
}

// Purchase is an attempt to buy or to renew a name.
type Purchase struct {
	ID        ID
	Kind      Kind
	Account   account.ID // who pays, and whose the name is to be
	Store     *store.ID  // that it is for
	Domain    domain.ID
	Name      string
	Years     int
	Offer     registrar.Offer // as it was agreed to; the zero Price before it was asked for
	Contact   *registrar.Contact
	Registrar string
	Payer     string // the payment provider
	Charge    *string
	Automatic bool // nobody asked for it but the setting
	State     State
	OrderID   *string
	Before    *time.Time // the end of the name before a renewal
	Expires   *time.Time // and after what was ordered
	Code      string     // why it came to nothing, for programs
	Reason    string     // and for people
	CreatedAt time.Time
	UpdatedAt time.Time

	captured, delegated, configured, certified bool

	live  bool
	tries int
	asked *time.Time // when the registrar was asked
	next  *time.Time // when it is to be carried on; nil: never again
}

// key names the attempt to those outside.
func (p *Purchase) key() string { return p.ID.String() }

// total is what the attempt costs.
func (p *Purchase) total() money.Amount {
	if p.Kind == Renew {
		return p.Offer.Renewal * money.Amount(p.Years)
	}
	return p.Offer.Total(p.Years)
}

// Event is a step of an attempt, for the merchant to read.
type Event struct {
	State  State
	Detail string
	At     time.Time
}

// Settings are what the operator decides.
type Settings struct {
	Mode        string   // of the registrar, as the settings call it
	Nameservers []string // of the platform
}

// Service buys and renews names. It is safe for concurrent use.
type Service struct {
	Settings
	db        *db.DB
	domains   *domain.Service
	registrar registrar.Provider
	payments  payment.Provider
}

// New returns a Service.
func New(d *db.DB, domains *domain.Service, r registrar.Provider, p payment.Provider, s Settings) *Service {
	return &Service{Settings: s, db: d, domains: domains, registrar: r, payments: p}
}

// MaxYears is for how long a name can be registered at most, from today.
const MaxYears = 10
