package web

import (
	"context"

	"vitrine/internal/store"
)

type roleKey struct{}

// WithRole lets the components of a page know what its reader may do in the store
// that it is about.
func WithRole(ctx context.Context, r store.Role) context.Context {
	return context.WithValue(ctx, roleKey{}, r)
}

// RoleLabel is what a merchant calls a role.
func RoleLabel(r store.Role) string {
	switch r {
	case store.Owner:
		return "Owner"
	case store.Admin:
		return "Admin"
	case store.Staff:
		return "Staff"
	default:
		return "Viewer"
	}
}

// May tells whether the reader of a page may do what takes least. Outside of stores
// everybody may: there they see what is their own.
func May(ctx context.Context, least store.Role) bool {
	r, inStore := ctx.Value(roleKey{}).(store.Role)
	return !inStore || r.Includes(least)
}
