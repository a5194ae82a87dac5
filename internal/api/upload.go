package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vitrine/internal/clock"
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
	if err == nil && r.ContentLength > maxImport+formMargin {
		err = tooLarge()
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
	stored, err := exchange.Receive(ctx, a.DB, caller(ctx).ID, file, maxImport)
	if err != nil {
		return nil, unreadable(err)
	}
	return &upload{Upload: stored}, nil
}

// unreadable says whose fault it was that a body could not be read.
func unreadable(err error) error {
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return tooLarge()
	}
	if _, broken := errors.AsType[*brokenBody](err); broken {
		return errCutOff
	}
	return err
}

func tooLarge() error {
	return &fault.Error{Kind: fault.TooLarge, Code: "too_large", Message: "The file is larger than 64 MiB. Please split it."}
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
	body := patient{http.NewResponseController(w), http.MaxBytesReader(w, r.Body, maxImport+formMargin)}
	switch {
	case err != nil:
	case kind == "text/csv" && (charset == "" || charset == "utf-8" || charset == "us-ascii"):
		return reporting{body}, nil
	case kind == "multipart/form-data" && params["boundary"] != "":
		return fileInForm(multipart.NewReader(body, params["boundary"]))
	}
	return nil, &fault.Error{Kind: fault.Unsupported, Code: "unsupported_media_type", Message: "Send the CSV as text/csv in UTF-8, or as a file in multipart/form-data."}
}

// fileInForm goes to the file in a form.
func fileInForm(form *multipart.Reader) (io.Reader, error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault.Invalidf("file", "is missing: the form has no file in it")
		}
		if err != nil {
			return nil, unreadable(&brokenBody{err})
		}
		if part.FileName() != "" {
			return &onlyFile{form: form, part: reporting{part}}, nil
		}
	}
}

// onlyFile reads a file in a form, and makes sure behind its end that there is no
// other one.
type onlyFile struct {
	form *multipart.Reader
	part io.Reader
}

func (f *onlyFile) Read(b []byte) (int, error) {
	n, err := f.part.Read(b)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	for {
		part, err := f.form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return n, err
		case err != nil:
			return n, &brokenBody{err}
		case part.FileName() != "":
			return n, fault.Invalidf("file", "must be the only one in the form")
		}
	}
}

// brokenBody is why a body could not be read to its end.
type brokenBody struct{ error }

func (b *brokenBody) Unwrap() error { return b.error }

// reporting marks the errors of reading a body.
type reporting struct{ io.Reader }

func (r reporting) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &brokenBody{err}
	}
	return n, err
}

// patient reads a body whose sender may be slow, and not for ever.
type patient struct {
	connection *http.ResponseController
	io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	_ = p.connection.SetReadDeadline(clock.System{}.Now().Add(slowest))
	n, err := p.Reader.Read(b)
	if err != nil {
		_ = p.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}

// refuseFile refuses a request whose body has not been read to its end. Many
// clients read no answer before they have sent everything: what comes is read, up
// to a bound, and passed over.
func (a *API) refuseFile(hctx huma.Context, err error) {
	r, w := unwrap(hctx)
	if r.Header.Get("Expect") == "" {
		_ = http.NewResponseController(w).SetReadDeadline(clock.System{}.Now().Add(slowest))
		_, _ = io.CopyN(io.Discard, r.Body, 4*maxImport)
	}
	a.refuse(hctx, err)
}
