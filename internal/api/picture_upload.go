package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vitrine/internal/media"
	"vitrine/internal/picture"
	"vitrine/internal/web"
)

type pictureKey struct{}

// receivedPicture returns the file that came with the running request.
func receivedPicture(ctx context.Context) *media.Upload {
	return ctx.Value(pictureKey{}).(*media.Upload)
}

// pictureTypes are what a body can be that is a picture. What it says there is not
// believed: the file itself is looked at.
var pictureTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "application/octet-stream"}

// receivePicture takes the picture that a request brings, as it comes in, and then does
// what idempotent does.
func (a *API) receivePicture(hctx huma.Context, next func(huma.Context)) {
	key, err := idempotencyKey(hctx)
	r, w := unwrap(hctx)
	if err == nil && r.ContentLength > a.Media.MaxFile()+formMargin {
		err = a.Media.ErrTooLarge()
	}
	var file io.Reader
	if err == nil {
		file, err = a.pictureIn(w, r)
	}
	var u *media.Upload
	print := newFingerprint(r)
	if err == nil {
		u, err = a.Media.Receive(io.TeeReader(file, print))
	}
	if err != nil {
		a.refusePicture(hctx, err)
		return
	}
	defer func() {
		if err := u.Close(); err != nil {
			slog.WarnContext(hctx.Context(), "an upload is left behind", "error", err, "request_id", web.RequestID(hctx.Context()))
		}
	}()
	r = r.WithContext(context.WithValue(hctx.Context(), pictureKey{}, u))
	a.keyed(humago.NewContext(hctx.Operation(), r, w), key, print, next)
}

// pictureIn returns the picture that a request brings: its body, or the one file in a
// form.
func (a *API) pictureIn(w http.ResponseWriter, r *http.Request) (io.Reader, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body := web.Patient(w, http.MaxBytesReader(w, r.Body, a.Media.MaxFile()+formMargin))
	switch {
	case err != nil:
	case slices.Contains(pictureTypes, kind):
		return web.Reporting(body), nil
	case kind == "multipart/form-data" && params["boundary"] != "":
		return web.FileInForm(multipart.NewReader(body, params["boundary"]))
	case kind == "image/svg+xml":
		return nil, picture.ErrSVG()
	}
	return nil, picture.ErrType()
}

// refusePicture refuses a request whose body has not been read to its end, as
// refuseFile does.
func (a *API) refusePicture(hctx huma.Context, err error) {
	r, w := unwrap(hctx)
	if r.Header.Get("Expect") == "" {
		web.Drain(w, r, 4*a.Media.MaxFile())
	}
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		err = a.Media.ErrTooLarge()
	}
	a.refuse(hctx, web.Unreadable(err))
}
