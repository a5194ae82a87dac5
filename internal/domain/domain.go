// Package domain is a store on its own name: attaching it, proving that it is the
// merchant's, its DNS records, and its certificate. What it asks of a DNS provider is
// written down before and after, so that an answer that is lost does not leave the
// two apart.
package domain

import (
	"context"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/certificate"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// ID names a domain.
type ID struct{ id.UUID }

// Status says how far a domain is.
type Status string

// The states.
const (
	Pending  Status = "pending"  // waits for the proof that it is the merchant's
	Verified Status = "verified" // is the merchant's
	Active   Status = "active"   // has a certificate: the store answers there
	Failed   Status = "error"    // see Domain.Reason
)

// Domain is a name that a store stands under.
type Domain struct {
	ID             ID
	Store          *store.ID // nil for one that was bought and stands nowhere
	Owner          account.ID
	Name           string // in ASCII and lower case
	Status         Status
	Reason         *string // why the status is Failed, or why there is no new certificate
	Token          string  // what the TXT record at Challenge must say
	VerifiedAt     *time.Time
	Provider       *string // where its records are
	Zone           *string
	AutoConfigured bool
	Certified      bool
	Issuer         *string
	CertificateID  *string
	CertifiedUntil *time.Time
	Purchase       Purchase
	CreatedAt      time.Time
	UpdatedAt      time.Time

	leased *id.UUID
}

// Purchase is what is known of a name that was bought here.
type Purchase struct {
	Bought    bool
	Registrar *string
	At        *time.Time
	Expires   *time.Time
	AutoRenew bool
	OrderID   *string
}

// Challenge is the name of the TXT record that proves whose the domain is. It is a
// name of its own because nothing else may stand beside a CNAME.
func (d Domain) Challenge() string { return "_vitrine-challenge." + d.Name }

// Certifier issues certificates. An error that tells the merchant why is a
// *fault.Error.
type Certifier interface {
	// Issue returns a certificate for the first of the names, and for the others if they
	// lead here too. have is the one that the domain has, if it has one: while that is
	// good for long, it is returned again.
	Issue(ctx context.Context, names []string, have certificate.Certificate) (certificate.Certificate, error)
}

// Resolver looks up what proves whose a domain is. ok is false where the name has no
// such record; an error means that it could not be asked.
type Resolver interface {
	Text(ctx context.Context, name string) (values []string, err error)
}

// Settings are what the operator decides.
type Settings struct {
	Mode           string // of the DNS provider, as the settings call it
	OwnZones       bool   // every domain has a zone of its own, which nobody sees before it is delegated here
	PlatformDomain string
	Address        string // where the A record of a domain points
	Target         string // where the CNAME record of www points
}

// Service keeps the domains of stores. It is safe for concurrent use.
type Service struct {
	Settings
	db       *db.DB
	provider dns.Provider
	resolver Resolver
	issuer   Certifier
}

// New returns a Service. Without a resolver every domain is taken for its merchant's.
func New(d *db.DB, p dns.Provider, r Resolver, c Certifier, s Settings) *Service {
	return &Service{Settings: s, db: d, provider: p, resolver: r, issuer: c}
}
