package api

import (
	"context"
	"net/http"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/id"
)

// Token is a personal API token.
type Token struct {
	ID        string  `json:"id" format:"uuid"`
	Name      string  `json:"name"`
	CreatedAt string  `json:"created_at" format:"date-time"`
	ExpiresAt *string `json:"expires_at" format:"date-time" doc:"null: never."`
}

// NewToken is a token at the one time that its secret is shown.
type NewToken struct {
	Token
	Secret string `json:"token" doc:"The secret. It is not shown again."`
}

func toToken(t account.Token) Token {
	return Token{ID: t.ID.String(), Name: t.Name, CreatedAt: utc(t.CreatedAt), ExpiresAt: utcOrNull(t.ExpiresAt)}
}

type createTokenInput struct {
	Body struct {
		Name      string     `json:"name"`
		ExpiresAt *time.Time `json:"expires_at,omitempty" nullable:"true" doc:"null: never."`
	}
}

type tokenPath struct {
	ID account.TokenID `path:"token_id" format:"uuid" doc:"The token's id."`
}

func (a *API) tokenRoutes() {
	const tag = "API tokens"
	register(a, route{
		method: http.MethodPost, path: "/auth/tokens", id: "create-token", tag: tag, status: http.StatusCreated,
		summary: "Make a token", detail: "For programs that act for you. The secret is in this answer alone.",
	}, a.createToken)
	register(a, route{method: http.MethodGet, path: "/auth/tokens", id: "list-tokens", tag: tag, summary: "List tokens"}, a.listTokens)
	register(a, route{
		method: http.MethodDelete, path: "/auth/tokens/{token_id}", id: "delete-token", tag: tag, status: http.StatusNoContent,
		summary: "Revoke a token", guard: a.tokenExists,
	}, a.deleteToken)
}

func (a *API) tokenExists(ctx context.Context) error {
	t, err := pathID[account.TokenID](ctx, "token_id")
	if err != nil {
		return err
	}
	return account.RequireToken(ctx, a.DB, caller(ctx).ID, t)
}

func (a *API) createToken(ctx context.Context, in *createTokenInput) (*answer[NewToken], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[NewToken], error) {
		t, err := account.CreateToken(ctx, tx, caller(ctx).ID, in.Body.Name, in.Body.ExpiresAt)
		if err != nil {
			return nil, err
		}
		return created(NewToken{Token: toToken(t), Secret: t.Secret}), nil
	})
}

func (a *API) listTokens(ctx context.Context, in *PageQuery) (*listed[Token], error) {
	tokens, more, err := account.ListTokens(ctx, a.DB, caller(ctx).ID, in.page())
	if err != nil {
		return nil, err
	}
	return list(in, tokens, more, toToken, func(t account.Token) id.UUID { return t.ID.UUID }), nil
}

func (a *API) deleteToken(ctx context.Context, in *tokenPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return account.DeleteToken(ctx, tx, caller(ctx).ID, in.ID) })
}
