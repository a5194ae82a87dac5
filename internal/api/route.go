package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/store"
	"vitrine/internal/web"
)

// route describes one operation.
type route struct {
	method  string
	path    string // below base
	id      string // operationId, kebab-case
	tag     string
	summary string
	detail  string // Markdown, for the reference
	status  int    // of the good answer; 0: 200
	public  bool   // needs no token
	maxBody int64  // 0: maxBody
	raw     bool   // its body is an object of somebody else's, which the handler reads as it came
	limited bool   // as many requests may come from an address as to a storefront
	long    bool   // takes as long as it takes, and not a minute at most
	file    bool   // its body is a CSV, which is stored before the handler runs
	picture bool   // its body is a picture, which is received before the handler runs
	keyed   bool   // takes an Idempotency-Key as every POST does
	errors  []int  // refusals that other operations of its kind do not have
	good    []good // the good answers, where the handler's type does not tell them

	// role is the least that may do it, below storePath. By default a viewer may GET
	// and staff may do the rest.
	role store.Role

	// guard refuses a request for what its path names or its plan does not allow.
	// It runs only when the request is refused for its form: a good one meets the
	// same answer where the work is done.
	guard guard
}

// good is an answer that does what was asked for.
type good struct {
	status int
	text   string
	body   any // something of the type that is in it
}

// least returns the role that the operation takes.
func (r route) least() store.Role {
	switch {
	case r.role != "":
		return r.role
	case r.method == http.MethodGet:
		return store.Viewer
	default:
		return store.Staff
	}
}

// forShoppers tells whether the operation is part of a storefront.
func (r route) forShoppers() bool { return strings.HasPrefix(r.path, storefrontPath) }

// guard returns the error that comes before a validation error, or nil.
type guard func(ctx context.Context) error

// both runs one guard and then the other.
func both(first, second guard) guard {
	return func(ctx context.Context) error {
		if err := first(ctx); err != nil {
			return err
		}
		return second(ctx)
	}
}

// storePath is where everything of one store lives.
const storePath = "/stores/{store_id}"

// register adds an operation to the API, behind the middleware that its route
// asks for: token, store, idempotency key.
func register[I, O any](a *API, r route, handler func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: r.method, Path: base + r.path, OperationID: r.id, Summary: r.summary, Description: r.detail, Tags: []string{r.tag},
		DefaultStatus: r.status, Errors: r.errors, Responses: a.describeGood(r.good), MaxBodyBytes: maxBody + 1,
		BodyReadTimeout: -1, // huma's lasts beyond the body and would end the request; see promptly
	}
	if r.maxBody != 0 {
		op.MaxBodyBytes = r.maxBody + 1
	}
	if !r.public {
		op.Security = []map[string][]string{{"token": {}}}
	}
	if r.role != "" {
		op.Errors = append(slices.Clip(op.Errors), http.StatusForbidden)
		op.Description = strings.TrimSpace(op.Description + " It takes " + r.role.Who() + ".")
	}
	op.SkipValidateBody = r.raw
	op.Metadata = map[string]any{takesKeyMark: r.keyed || r.method == http.MethodPost}
	op.Middlewares = a.middlewares(r)
	huma.Register(a.huma, op, handler)
	if r.file { // told now, or huma would read it
		a.huma.OpenAPI().Paths[op.Path].Post.RequestBody = csvBody()
	}
	if r.raw {
		a.huma.OpenAPI().Paths[op.Path].Post.RequestBody = rawBody()
	}
	if r.picture {
		a.huma.OpenAPI().Paths[op.Path].Post.RequestBody = pictureBody()
	}
}

// inTime ends a request that is not answered after a minute, which is so when the
// database hangs. It is told that the service is not available.
func (a *API) inTime(hctx huma.Context, next func(huma.Context)) {
	ctx, cancel := context.WithTimeout(hctx.Context(), cmp.Or(a.Deadline, time.Minute))
	defer cancel()
	next(huma.WithContext(hctx, ctx))
}

// promptly lets a sender take as long for a body as for a part of a file.
func promptly(hctx huma.Context, next func(huma.Context)) {
	r, w := unwrap(hctx)
	r.Body = web.Prompt(w, r.Body, web.Slowest)
	next(hctx)
}

// middlewares are what a request of the route goes through before its handler.
func (a *API) middlewares(r route) huma.Middlewares {
	var all huma.Middlewares
	if !r.file && !r.picture {
		all = append(all, promptly)
	}
	if !r.long {
		all = append(all, a.inTime)
	}
	switch {
	case r.forShoppers():
		all = append(all, a.enterStorefront)
	case r.limited:
		all = append(all, a.notTooFast)
	case r.public:
	case strings.HasPrefix(r.path, storePath):
		all = append(all, a.enterStore(r.least(), r.guard))
	default:
		all = append(all, a.authenticate)
	}
	all = append(all, withGuard(r.guard))
	switch {
	case r.file:
		all = append(all, a.receive)
	case r.picture:
		all = append(all, a.receivePicture)
	case r.keyed || r.method == http.MethodPost && (!r.public || r.forShoppers()):
		all = append(all, a.idempotent)
	case r.method == http.MethodGet && r.forShoppers():
		all = append(all, cached)
	}
	return all
}

type guardKey struct{}

func withGuard(g guard) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if g == nil {
			next(ctx)
			return
		}
		pathed := context.WithValue(ctx.Context(), pathKey{}, ctx.Param)
		next(huma.WithContext(ctx, context.WithValue(pathed, guardKey{}, g)))
	}
}

// guardsOf returns the guard of the running operation.
func guardsOf(ctx context.Context) guard {
	g, _ := ctx.Value(guardKey{}).(guard)
	return g
}

type pathKey struct{}

// pathParam returns a parameter of the path, for guards.
func pathParam(ctx context.Context, name string) string {
	param, _ := ctx.Value(pathKey{}).(func(string) string)
	if param == nil {
		return ""
	}
	return param(name)
}

// answer is the output of an operation with one thing in its body.
type answer[T any] struct {
	Status   int    // 0: the operation's own
	Location string `header:"Location"`
	Applied  string `header:"Preference-Applied" hidden:"true"`
	Body     T
}

// created answers with something new.
func created[T any](body T) *answer[T] { return &answer[T]{Status: http.StatusCreated, Body: body} }

// ok answers with something that was there.
func ok[T any](body T) *answer[T] { return &answer[T]{Status: http.StatusOK, Body: body} }

// made answers with something new, or with why it could not be made.
func made[D, T any](d D, err error, convert func(D) T) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return created(convert(d)), nil
}

// shown answers with something that was there, or with why it cannot be shown.
func shown[D, T any](d D, err error, convert func(D) T) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return ok(convert(d)), nil
}

// queued answers with something that will be done soon, or with why it will not.
func queued[D, T any](d D, err error, convert func(D) T) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return &answer[T]{Status: http.StatusAccepted, Body: convert(d)}, nil
}

// nothing is the output of an operation without a body.
type nothing struct{}
