package account

import (
	"context"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/db"
)

// Login is a session that a user is signed in with somewhere.
type Login struct {
	ID        TokenID
	CreatedAt time.Time
	ExpiresAt *time.Time
	Current   bool // it is the one that asks
}

// ListLogins returns a page of a user's sessions that have not expired, newest
// first. secret is that of the one that asks.
func ListLogins(ctx context.Context, q db.Q, owner ID, secret string, now time.Time, p db.Page) ([]Login, bool, error) {
	var w db.Where
	w.Add("account_id = ?", owner)
	w.Add("kind = ?", session)
	w.Add("(expires_at IS NULL OR expires_at > ?)", db.Time{Time: now})
	mine := string(Hash(secret))
	return db.Paged(ctx, q, p, w, func(row db.Row) (Login, error) {
		var l Login
		var hash []byte
		var created db.Time
		var expires db.NullTime
		err := row.Scan(&l.ID, &hash, &created, &expires)
		l.CreatedAt, l.ExpiresAt, l.Current = created.Time, expires.Time, string(hash) == mine
		return l, err
	}, `SELECT id, hash, created_at, expires_at FROM token`)
}

// LogoutElsewhere revokes a user's sessions but the one with the secret. Personal API
// tokens stay.
func LogoutElsewhere(ctx context.Context, tx *db.Tx, owner ID, secret string) (int, error) {
	n, err := db.Exec(ctx, tx, `DELETE FROM token WHERE account_id = $1 AND kind = $2 AND hash <> $3`, owner, session, Hash(secret))
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), audit.InAccount(ctx, tx, owner.UUID, audit.SignOutElsewhere, audit.Thing{})
}
