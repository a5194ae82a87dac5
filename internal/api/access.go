package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

type (
	callerKey struct{}
	secretKey struct{}
	shopKey   struct{}
)

// caller returns the user who makes the request.
func caller(ctx context.Context) account.User {
	u, _ := ctx.Value(callerKey{}).(account.User)
	return u
}

// shop returns the store that the path names.
func shop(ctx context.Context) store.Store {
	s, _ := ctx.Value(shopKey{}).(store.Store)
	return s
}

// authenticate lets a request with a valid token pass.
func (a *API) authenticate(hctx huma.Context, next func(huma.Context)) {
	secret, err := bearer(hctx.Header("Authorization"))
	if err != nil {
		a.refuse(hctx, err)
		return
	}
	user, err := account.Authenticate(hctx.Context(), a.DB.Prepared(), secret, a.DB.Now())
	if err != nil {
		a.refuse(hctx, err)
		return
	}
	ctx := context.WithValue(user.Acts(hctx.Context()), callerKey{}, user)
	next(huma.WithContext(hctx, context.WithValue(ctx, secretKey{}, secret)))
}

// bearer returns the token of an Authorization header (RFC 6750, section 2.1).
func bearer(header string) (string, error) {
	scheme, secret, _ := strings.Cut(header, " ")
	if secret = strings.TrimSpace(secret); strings.EqualFold(scheme, "Bearer") && secret != "" {
		return secret, nil
	}
	return "", &fault.Error{Kind: fault.Unauthorized, Code: "token_missing", Message: "This needs an access token: Authorization: Bearer <token>."}
}

// enterStore lets a request pass that has a valid token and names a store in which
// its caller has at least the role. To a member whose role is too low, what the
// path names may still be missing first: 404 comes before 403.
func (a *API) enterStore(least store.Role, missing guard) func(huma.Context, func(huma.Context)) {
	return func(hctx huma.Context, next func(huma.Context)) {
		secret, err := bearer(hctx.Header("Authorization"))
		if err != nil {
			a.refuse(hctx, err)
			return
		}
		st, _ := id.Parse(hctx.Param("store_id")) // a malformed one names nothing
		v, err := store.Enter(hctx.Context(), a.DB.Prepared(), secret, store.ID{UUID: st}, a.DB.Now())
		if err != nil {
			a.refuse(hctx, err)
			return
		}
		ctx := context.WithValue(v.User.Acts(hctx.Context()), callerKey{}, v.User)
		ctx = context.WithValue(ctx, secretKey{}, secret)
		ctx = context.WithValue(ctx, shopKey{}, v.Store)
		if err := v.Role.Allow(least); err != nil {
			a.refuse(hctx, tooLow(context.WithValue(ctx, pathKey{}, hctx.Param), err, missing))
			return
		}
		next(huma.WithContext(hctx, ctx))
	}
}

// tooLow is what a member is told whose role does not reach: that what they ask for
// is not there, or refused.
func tooLow(ctx context.Context, refused error, missing guard) error {
	if missing != nil {
		if err := missing(ctx); fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return refused
}

// unwrap returns the request and the response behind a huma context.
func unwrap(hctx huma.Context) (*http.Request, http.ResponseWriter) { return humago.Unwrap(hctx) }

// refuse answers a request that does not reach its handler.
func (a *API) refuse(hctx huma.Context, err error) {
	r, w := unwrap(hctx)
	writeProblem(w, r.WithContext(hctx.Context()), err)
}

// exists is the guard of an operation whose path names a thing of the store.
func exists[ID ~struct{ id.UUID }, D any](a *API, param string, get func(context.Context, db.Q, store.ID, ID) (D, error)) guard {
	return func(ctx context.Context) error {
		one, err := pathID[ID](ctx, param)
		if err != nil {
			return err
		}
		_, err = get(ctx, a.DB, shop(ctx).ID, one)
		return err
	}
}

// pathID reads an id of the path, for guards. A malformed one names nothing.
func pathID[ID ~struct{ id.UUID }](ctx context.Context, param string) (ID, error) {
	u, err := id.Parse(pathParam(ctx, param))
	if err != nil {
		return ID{}, noSuch(param)
	}
	return ID(struct{ id.UUID }{u}), nil
}

// noSuch says that a parameter of the path names nothing: "tax_rule_id" is a tax
// rule.
func noSuch(param string) *fault.Error {
	return fault.Missing(strings.ReplaceAll(strings.TrimSuffix(param, "_id"), "_", " "))
}
