// Package account knows the users: who they are, how they prove it, and what
// their plan allows.
package account

import (
	"time"

	"vitrine/internal/id"
	"vitrine/internal/money"
)

// ID names a user.
type ID struct{ id.UUID }

// User is a merchant's account.
type User struct {
	ID         ID
	Email      string
	Name       string
	Plan       string
	StoreLimit *int // nil: no limit
	StoreCount int
	Unverified bool   // the address waits to be confirmed
	Token      string // the name of the API token by which they are here; "": none
	CreatedAt  time.Time
}

// Plan is what a user can subscribe to.
type Plan struct {
	ID         string
	Name       string
	StoreLimit *int // nil: no limit
	Price      money.Amount
	Currency   money.Currency
	Period     string
}
