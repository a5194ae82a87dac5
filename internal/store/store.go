// Package store knows merchants' stores: their settings, their slugs and who may
// do what in them.
package store

import (
	"time"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/id"
	"vitrine/internal/money"
)

// ID names a store.
type ID struct{ id.UUID }

// Type says where a store's goods come from.
type Type string

// The types of a store.
const (
	Dropshipping Type = "dropshipping" // suppliers ship; no stock
	Ecommerce    Type = "ecommerce"    // own stock
	Hybrid       Type = "hybrid"       // both
)

// OwnsStock tells whether a store of the type has warehouses and stock levels.
func (t Type) OwnsStock() bool { return t == Ecommerce || t == Hybrid }

// Status says whether a store is open.
type Status string

// The states of a store. A deleted one is in no list and under no path.
const (
	Active  Status = "active"
	Paused  Status = "paused"
	Deleted Status = "deleted"
)

// Store is a merchant's store.
type Store struct {
	ID          ID
	Owner       account.ID
	Name        string
	Slug        string // unique over the platform
	Niche       *string
	Description *string
	Type        Type
	Status      Status
	Currency    money.Currency
	LogoURL     *string
	FaviconURL  *string
	CustomCSS   *string
	Shipping    money.Amount  // what an order's shipping costs
	FreeOver    *money.Amount // the value of an order from which on it costs nothing; nil: none
	Source      *ID           // the store that it was cloned from
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// thing is the store as logs name it.
func (s Store) thing() audit.Thing {
	return audit.Thing{Kind: "store", ID: s.ID.String(), Name: s.Name}
}
