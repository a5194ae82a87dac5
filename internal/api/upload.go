package api

import (
	"context"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vitrine/internal/exchange"
	"vitrine/internal/fault"
	"vitrine/internal/web"
)

// upload is a file that was received with the running request. It is deleted after
// the request unless it was given to a job.
type upload struct {
	*exchange.Upload
	given bool
}

type uploadKey struct{}

func received(ctx context.Context) *upload { return ctx.Value(uploadKey{}).(*upload) }

// formMargin is what a form may have around its file.
const formMargin = 1 << 20

// receive stores the file that a request brings, piece by piece as it comes in, and
// then does what idempotent does.
func (a *API) receive(hctx huma.Context, next func(huma.Context)) {
	key, err := idempotencyKey(hctx)
	r, w := unwrap(hctx)
	if err == nil && r.ContentLength > exchange.MaxFile+formMargin {
		err = web.ErrFileTooLarge()
	}
	var file io.Reader
	if err == nil {
		file, err = fileIn(w, r)
	}
	var u *upload
	print := newFingerprint(r)
	if err == nil {
		u, err = a.keep(hctx.Context(), io.TeeReader(file, print))
	}
	if err != nil {
		a.refuseFile(hctx, err)
		return
	}
	defer a.discard(context.WithoutCancel(hctx.Context()), u)
	r = r.WithContext(context.WithValue(hctx.Context(), uploadKey{}, u))
	a.keyed(humago.NewContext(hctx.Operation(), r, w), key, print, next)
}

func (a *API) keep(ctx context.Context, file io.Reader) (*upload, error) {
	stored, err := exchange.Receive(ctx, a.DB, caller(ctx).ID, file, exchange.MaxFile)
	if err != nil {
		return nil, web.Unreadable(err)
	}
	return &upload{Upload: stored}, nil
}

func (a *API) discard(ctx context.Context, u *upload) {
	if u.given {
		return
	}
	if err := u.Discard(ctx, a.DB); err != nil {
		slog.WarnContext(ctx, "an upload is left behind", "error", err, "request_id", web.RequestID(ctx))
	}
}

// fileIn returns the file that a request brings: its body, or the one file in a
// form.
func fileIn(w http.ResponseWriter, r *http.Request) (io.Reader, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	body := web.Patient(w, http.MaxBytesReader(w, r.Body, exchange.MaxFile+formMargin))
	switch {
	case err != nil:
	case kind == "text/csv" && (charset == "" || charset == "utf-8" || charset == "us-ascii"):
		return web.Reporting(body), nil
	case kind == "multipart/form-data" && params["boundary"] != "":
		return web.FileInForm(multipart.NewReader(body, params["boundary"]))
	}
	return nil, &fault.Error{Kind: fault.Unsupported, Code: "unsupported_media_type", Message: "Send the CSV as text/csv in UTF-8, or as a file in multipart/form-data."}
}

// refuseFile refuses a request whose body has not been read to its end. Many
// clients read no answer before they have sent everything: what comes is read, up
// to a bound, and passed over.
func (a *API) refuseFile(hctx huma.Context, err error) {
	r, w := unwrap(hctx)
	if r.Header.Get("Expect") == "" {
		web.Drain(w, r, 4*exchange.MaxFile)
	}
	a.refuse(hctx, err)
}
