package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/text"
)

// TokenID names a token.
type TokenID struct{ id.UUID }

// Token is what a request is authenticated with. The secret itself is known only
// when the token is made.
type Token struct {
	ID        TokenID
	Name      string
	Secret    string
	CreatedAt time.Time
	ExpiresAt *time.Time // nil: never
}

// The kinds of token.
const (
	session  = "session"  // made by a login
	personal = "personal" // made by the user, for programs
)

// tokenPrefix lets a leaked token be recognised.
const tokenPrefix = "vtr_"

// Hash is what the database keeps of a token's secret.
func Hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func insertToken(ctx context.Context, tx *db.Tx, owner ID, kind, name string, expires *time.Time) (Token, error) {
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return Token{}, err
	}
	t := Token{
		ID: TokenID{tx.NewID()}, Name: name, CreatedAt: tx.Now(), ExpiresAt: expires,
		Secret: tokenPrefix + base64.RawURLEncoding.EncodeToString(random),
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO token (id, account_id, kind, name, hash, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, owner, kind, name, Hash(t.Secret), db.Time{Time: t.CreatedAt}, db.NullTime{Time: expires})
	return t, err
}

// CreateToken makes a personal API token. expires may be nil: never.
func CreateToken(ctx context.Context, tx *db.Tx, owner ID, name string, expires *time.Time) (Token, error) {
	var f fault.Form
	name = text.Name(&f, "name", name)
	expires = db.CheckTime(&f, "expires_at", expires)
	if expires != nil && !expires.After(tx.Now()) {
		f.Addf("expires_at", *expires, "must be in the future")
	}
	if err := f.Err(); err != nil {
		return Token{}, err
	}
	t, err := insertToken(ctx, tx, owner, personal, name, expires)
	if err != nil {
		return Token{}, err
	}
	return t, audit.InAccount(ctx, tx, owner.UUID, audit.TokenCreate, t.thing())
}

// ListTokens returns a page of a user's personal API tokens, without secrets.
func ListTokens(ctx context.Context, q db.Q, owner ID, p db.Page) ([]Token, bool, error) {
	var w db.Where
	w.Add("account_id = ?", owner)
	w.Add("kind = ?", personal)
	return db.Paged(ctx, q, p, w, func(row db.Row) (Token, error) {
		var t Token
		var created db.Time
		var expires db.NullTime
		err := row.Scan(&t.ID, &t.Name, &created, &expires)
		t.CreatedAt, t.ExpiresAt = created.Time, expires.Time
		return t, err
	}, `SELECT id, name, created_at, expires_at FROM token`)
}

// RequireToken fails when a user has no such personal API token.
func RequireToken(ctx context.Context, q db.Q, owner ID, t TokenID) error {
	_, err := db.One(ctx, q, db.Value[int], `SELECT 1 FROM token WHERE account_id = $1 AND id = $2 AND kind = $3`, owner, t, personal)
	return db.Missing(err, "token")
}

// DeleteToken revokes a personal API token at once.
func DeleteToken(ctx context.Context, tx *db.Tx, owner ID, t TokenID) error {
	name, err := db.One(ctx, tx, db.Value[string], `DELETE FROM token WHERE account_id = $1 AND id = $2 AND kind = $3 RETURNING name`, owner, t, personal)
	if err != nil {
		return db.Missing(err, "token")
	}
	return audit.InAccount(ctx, tx, owner.UUID, audit.TokenDelete, Token{ID: t, Name: name}.thing())
}

func (t Token) thing() audit.Thing {
	return audit.Thing{Kind: "token", ID: t.ID.String(), Name: t.Name}
}

// Logout revokes the token that secret is, whatever its kind.
func Logout(ctx context.Context, tx *db.Tx, secret string) error {
	var owner ID
	var kind string
	t, err := db.One(ctx, tx, func(row db.Row) (t Token, err error) {
		err = row.Scan(&t.ID, &t.Name, &owner, &kind)
		return t, err
	}, `DELETE FROM token WHERE hash = $1 RETURNING id, name, account_id, kind`, Hash(secret))
	if errors.Is(err, db.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if ctx, err = Acting(ctx, tx, owner); err != nil {
		return err
	}
	if kind == personal {
		return audit.InAccount(ctx, tx, owner.UUID, audit.TokenDelete, t.thing())
	}
	return audit.InAccount(ctx, tx, owner.UUID, audit.SignOut, audit.Thing{})
}

// ByToken and TokenLives find a user by the Hash of a token's secret, $1, at the
// time $2. With them a query can ask for the user and for something of theirs in
// one trip.
const (
	ByToken    = from + ` JOIN token t ON t.account_id = a.id`
	TokenName  = `CASE WHEN t.kind = '` + personal + `' THEN t.name ELSE '' END`
	TokenLives = `t.hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2)` //nolint:gosec // a query
)

// Authenticate returns the user behind a token's secret.
func Authenticate(ctx context.Context, q db.Q, secret string, now time.Time) (User, error) {
	user, err := db.One(ctx, q, func(row db.Row) (u User, err error) {
		err = ScanUser(row, &u, &u.Token)
		return u, err
	}, `SELECT `+Columns+`, `+TokenName+ByToken+` WHERE `+TokenLives, Hash(secret), db.Time{Time: now})
	if errors.Is(err, db.ErrNoRows) {
		return User{}, &fault.Error{Kind: fault.Unauthorized, Code: "token_invalid", Message: "The access token is unknown, expired or revoked."}
	}
	return user, err
}
