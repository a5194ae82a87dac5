package api

import (
	"context"
	"net/http"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/web"
)

// User is the signed-in merchant.
type User struct {
	ID         string  `json:"id" format:"uuid"`
	Email      string  `json:"email"`
	Name       *string `json:"name"`
	Plan       string  `json:"plan" doc:"The id of the plan." example:"free"`
	StoreLimit *int    `json:"store_limit" doc:"How many stores the plan allows; null: no limit."`
	StoreCount int     `json:"store_count" doc:"How many stores there are."`
	CreatedAt  string  `json:"created_at" format:"date-time"`
}

func toUser(u account.User) User {
	return User{
		ID: u.ID.String(), Email: u.Email, Name: orNull(u.Name), Plan: u.Plan,
		StoreLimit: u.StoreLimit, StoreCount: u.StoreCount, CreatedAt: utc(u.CreatedAt),
	}
}

// Login is a fresh session.
type Login struct {
	User        User   `json:"user"`
	AccessToken string `json:"access_token" doc:"Send it as Authorization: Bearer …"`
	TokenType   string `json:"token_type" example:"bearer"`
	ExpiresAt   string `json:"expires_at" format:"date-time"`
}

func toLogin(s account.Session) Login {
	return Login{User: toUser(s.User), AccessToken: s.Secret, TokenType: "bearer", ExpiresAt: utc(s.ExpiresAt)}
}

type registerInput struct {
	Body struct {
		Email    string  `json:"email"`
		Password string  `json:"password" doc:"10 to 200 characters."`
		Name     *string `json:"name,omitempty" nullable:"true"`
	}
}

type loginInput struct {
	Body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
		OTP      string `json:"otp,omitempty" doc:"The code of the authenticator app, or a recovery code, of an account with two-factor sign-in."`
	}
}

func (a *API) accountRoutes() {
	const tag = "Account"
	register(a, route{
		method: http.MethodPost, path: "/auth/register", id: "register", tag: tag, public: true, status: http.StatusCreated,
		summary: "Register", detail: "Makes an account on the free plan and logs it in.",
	}, a.registerUser)
	register(a, route{
		method: http.MethodPost, path: "/auth/login", id: "login", tag: tag, public: true, errors: []int{http.StatusUnauthorized},
		summary: "Log in", detail: "An account with two-factor sign-in asks for otp: without it the answer is 401 with the code otp_required. Too many failed logins of one account or from one address are answered with 429 for a while.",
	}, a.login)
	register(a, route{
		method: http.MethodPost, path: "/auth/logout", id: "logout", tag: tag, status: http.StatusNoContent,
		summary: "Log out", detail: "The token of this request is dead at once.",
	}, a.logout)
	register(a, route{method: http.MethodGet, path: "/auth/me", id: "get-me", tag: tag, summary: "Who am I?"}, a.me)
}

func (a *API) registerUser(ctx context.Context, in *registerInput) (*answer[Login], error) {
	s, err := a.Accounts.Register(ctx, account.Credentials{Email: in.Body.Email, Password: in.Body.Password}, orEmpty(in.Body.Name))
	return made(s, err, toLogin)
}

func (a *API) login(ctx context.Context, in *loginInput) (*answer[Login], error) {
	s, err := a.Accounts.Login(ctx, account.Credentials{Email: in.Body.Email, Password: in.Body.Password, Code: in.Body.OTP}, web.ClientAddress(ctx))
	return shown(s, err, toLogin)
}

func (a *API) logout(ctx context.Context, _ *struct{}) (*nothing, error) {
	secret, _ := ctx.Value(secretKey{}).(string)
	return gone(ctx, a, func(tx *db.Tx) error { return account.Logout(ctx, tx, secret) })
}

func (a *API) me(ctx context.Context, _ *struct{}) (*answer[User], error) {
	return ok(toUser(caller(ctx))), nil
}
