package api

import (
	"context"
	"net/http"

	"vitrine/internal/web"
)

type changePasswordInput struct {
	Body struct {
		Password    string `json:"password" doc:"The present one."`
		NewPassword string `json:"new_password" doc:"10 to 200 characters."`
	}
}

// PasswordChanged says what came of a new password.
type PasswordChanged struct {
	SessionsEnded int `json:"sessions_ended" doc:"How many other sessions were signed in. API tokens stay."`
}

type forgotPasswordInput struct {
	Body struct {
		Email string `json:"email"`
	}
}

type resetPasswordInput struct {
	Body struct {
		Token    string `json:"token" doc:"What the link in the mail has as token."`
		Password string `json:"password" doc:"10 to 200 characters."`
	}
}

func (a *API) passwordRoutes() {
	const tag = "Account"
	register(a, route{
		method: http.MethodPost, path: "/auth/password", id: "change-password", tag: tag, status: http.StatusOK,
		summary: "Change the password", detail: "Asks for the present one, and ends all other sessions. Too many wrong ones are answered with 429, as at login.",
	}, a.changePassword)
	register(a, route{
		method: http.MethodPost, path: "/auth/password/forgot", id: "forgot-password", tag: tag, public: true, status: http.StatusNoContent,
		summary: "Ask for a link that sets a new password", detail: "It is mailed to the address, where there is an account with it, and counts once, for an hour. The answer does not tell whether there is one. Too many are answered with 429.",
	}, a.forgotPassword)
	register(a, route{
		method: http.MethodPost, path: "/auth/password/reset", id: "reset-password", tag: tag, public: true, status: http.StatusNoContent,
		summary: "Set a new password with a link", detail: "Ends all sessions, and signs nobody in. API tokens stay.",
	}, a.resetPassword)
}

func (a *API) changePassword(ctx context.Context, in *changePasswordInput) (*answer[PasswordChanged], error) {
	secret, _ := ctx.Value(secretKey{}).(string)
	n, err := a.Accounts.ChangePassword(ctx, caller(ctx), in.Body.Password, in.Body.NewPassword, web.ClientAddress(ctx), secret)
	return shown(n, err, func(n int) PasswordChanged { return PasswordChanged{SessionsEnded: n} })
}

func (a *API) forgotPassword(ctx context.Context, in *forgotPasswordInput) (*nothing, error) {
	return &nothing{}, a.Accounts.Forgot(ctx, in.Body.Email, web.ClientAddress(ctx))
}

func (a *API) resetPassword(ctx context.Context, in *resetPasswordInput) (*nothing, error) {
	return &nothing{}, a.Accounts.Reset(ctx, in.Body.Token, in.Body.Password)
}
