package store

import (
	"context"
	"errors"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
)

// Visit is somebody in a store that they may see.
type Visit struct {
	User  account.User
	Store Store
	Role  Role
}

// visible joins the member that an account a has in a store s, and role tells what
// they may do there: NULL for a stranger.
const (
	visible = ` LEFT JOIN member m ON m.store_id = s.id AND m.email_key = a.email_key AND a.unverified_since IS NULL `
	role    = `CASE WHEN s.account_id = a.id THEN 'owner' ELSE m.role END`
)

const (
	enterByID   = enterWhere + `id` + enterRest
	enterBySlug = enterWhere + `slug` + enterRest

	enterWhere = `
	SELECT ` + account.Columns + `, ` + role + `, ` + account.TokenName + `, s.*` + account.ByToken + `
	JOIN (SELECT ` + columns + ` FROM store WHERE deleted_at IS NULL AND `
	enterRest = ` = $3) s ON TRUE` + visible + `
	WHERE ` + account.TokenLives + ` AND (s.account_id = a.id OR m.role IS NOT NULL)`
)

// Enter tells who holds a token's secret, the store that they ask for and what
// they may do there, in one query. A dead token is unauthorized; a store that is
// not there, or in which they have no role, is not found.
func Enter(ctx context.Context, q db.Q, secret string, st ID, now time.Time) (Visit, error) {
	return visit(ctx, q, enterByID, secret, st, now)
}

// EnterBySlug is Enter for whoever knows the store by its slug.
func EnterBySlug(ctx context.Context, q db.Q, secret, slug string, now time.Time) (Visit, error) {
	return visit(ctx, q, enterBySlug, secret, slug, now)
}

func visit(ctx context.Context, q db.Q, enter, secret string, st any, now time.Time) (Visit, error) {
	v, err := db.One(ctx, q, scanVisit, enter, account.Hash(secret), db.Time{Time: now}, st)
	if !errors.Is(err, db.ErrNoRows) {
		return v, err
	}
	if _, err := account.Authenticate(ctx, q, secret, now); err != nil {
		return Visit{}, err
	}
	return Visit{}, fault.Missing("store")
}

func scanVisit(row db.Row) (v Visit, err error) {
	v.Store, err = scan(db.RowFunc(func(store ...any) error {
		return account.ScanUser(row, &v.User, append([]any{&v.Role, &v.User.Token}, store...)...)
	}))
	return v, err
}
