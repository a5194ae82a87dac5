package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/clock"
	"vitrine/internal/web"
)

const (
	// silence is how long a stream says nothing before it shows that it is alive:
	// proxies cut one that is quiet for half a minute.
	silence = 15 * time.Second
	// patience is how long a reader may take for one event.
	patience = 10 * time.Second
)

// events is what a stream has: something of data's type in the data of each.
type events struct{ data any }

// stream answers with server-sent events. produce sends them until it returns or
// its context ends, which it does when the reader leaves or the API stops.
func (a *API) stream(produce func(ctx context.Context, send func(any))) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := unwrap(hctx)
		ctx, stop := context.WithCancel(hctx.Context())
		produced := make(chan any)
		go func() {
			defer close(produced)
			produce(ctx, func(event any) {
				select {
				case produced <- event:
				case <-ctx.Done():
				}
			})
		}()
		err := a.forward(w, produced)
		stop()
		for range produced { // until produce has returned
		}
		if err != nil {
			logStreamError(r.Context(), err)
		}
	}}
}

// forward writes events until there are no more.
func (a *API) forward(w http.ResponseWriter, produced <-chan any) error {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store, no-transform")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would gather what is to be seen at once
	out := http.NewResponseController(w)
	defer func() { _ = out.SetWriteDeadline(time.Time{}) }() // the connection may be used again
	write := func(text []byte) error {
		if err := out.SetWriteDeadline(clock.System{}.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
		return out.Flush()
	}
	quiet := time.NewTicker(silence)
	defer quiet.Stop()
	for {
		text := []byte(": still here\n\n")
		select {
		case <-a.gate.closed:
			return nil
		case <-quiet.C:
		case event, more := <-produced:
			if !more {
				return nil
			}
			raw, err := encode(event)
			if err != nil {
				return err
			}
			text = append(append([]byte("data: "), bytes.TrimSpace(raw)...), "\n\n"...)
			quiet.Reset(silence)
		}
		if err := write(text); err != nil {
			return err
		}
	}
}

// logStreamError logs why a stream broke off, which its reader cannot be told.
func logStreamError(ctx context.Context, err error) {
	if ctx.Err() == nil {
		slog.WarnContext(ctx, "a stream broke off", "error", err, "request_id", web.RequestID(ctx))
	}
}
