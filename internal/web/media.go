package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/picture"
)

// Media serves pictures of our own, on every host.
type Media struct {
	// Get returns a version of a picture, or blob.ErrNone.
	Get func(context.Context, picture.Address) ([]byte, error)
}

// mediaPolicy lets a picture do nothing: it is no page, whatever a browser takes it
// for.
const mediaPolicy = "default-src 'none'; sandbox"

// ServeHTTP answers GET and HEAD. What lies at an address never changes: it can be kept
// for ever, by everybody.
func (m Media) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", mediaPolicy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // a store's pages have another name
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Pictures can be read alone.", http.StatusMethodNotAllowed)
		return
	}
	a, ok := picture.ParseAddress(r.URL.Path)
	if !ok {
		noPicture(w)
		return
	}
	content, err := m.Get(r.Context(), a)
	switch {
	case errors.Is(err, blob.ErrNone):
		noPicture(w)
		return
	case err != nil:
		if r.Context().Err() == nil {
			slog.ErrorContext(r.Context(), "a picture cannot be read", "picture", a.String(), "error", err, "request_id", RequestID(r.Context()))
		}
		h.Set("Cache-Control", "no-store")
		h.Set("Retry-After", "2")
		http.Error(w, "The picture cannot be read at the moment.", http.StatusServiceUnavailable)
		return
	}
	h.Set("Content-Type", "image/webp")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+a.Sum.String()[:32]+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// noPicture is not kept for long: what is not there can be uploaded.
func noPicture(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "public, max-age=10")
	http.Error(w, "There is no such picture.", http.StatusNotFound)
}
