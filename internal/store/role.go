package store

import (
	"slices"

	"vitrine/internal/fault"
)

// Role says what somebody may do in a store.
//
// A viewer reads. Staff run the shop: catalog, discounts, tax, themes, stock,
// orders and reviews. Admins also decide who works there, how the store is set,
// under which domain it stands and who hears of what happens in it. The owner alone
// clones and deletes it, and spends money on it.
type Role string

// The roles, each of which may do all that those before it may.
const (
	Viewer Role = "viewer"
	Staff  Role = "staff"
	Admin  Role = "admin"
	Owner  Role = "owner" // of the store's account, given to nobody
)

var ranks = []Role{Viewer, Staff, Admin, Owner}

// Includes tells whether r may do what least may.
func (r Role) Includes(least Role) bool {
	return slices.Index(ranks, r) >= slices.Index(ranks, least)
}

// Allow refuses whoever has the role what takes least, in words for them.
func (r Role) Allow(least Role) error {
	if r.Includes(least) {
		return nil
	}
	return fault.Forbiddenf("role", "Your role in this store does not allow this: it takes %s.", least.Who())
}

// Who is what those are called who have the role.
func (r Role) Who() string {
	switch r {
	case Admin:
		return "an admin"
	case Owner:
		return "the owner"
	default:
		return string(r)
	}
}

// given tells whether a member can have the role.
func (r Role) given() bool { return r == Viewer || r == Staff || r == Admin }
