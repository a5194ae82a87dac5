package web

import (
	"fmt"
	"log/slog"
	"net/http"

	"vitrine/internal/clock"
)

// Download is a CSV on its way out. Its header is sent with its first bytes, so that
// what goes wrong before can still be told.
type Download struct {
	http.ResponseWriter
	name  string
	begun bool
}

// NewDownload returns one that the reader's browser saves under the name.
func NewDownload(w http.ResponseWriter, name string) *Download {
	return &Download{ResponseWriter: w, name: name}
}

// Begun tells whether something was sent.
func (d *Download) Begun() bool { return d.begun }

func (d *Download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.Header().Set("Content-Type", "text/csv; charset=utf-8")
		d.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", d.name))
		d.Header().Set("Cache-Control", "no-store")
	}
	_ = http.NewResponseController(d.ResponseWriter).SetWriteDeadline(clock.System{}.Now().Add(Slowest))
	return d.ResponseWriter.Write(b)
}

// BreakOff cuts the connection of one that has begun: half a file must not look like
// a whole one.
func (d *Download) BreakOff(r *http.Request, err error) {
	if r.Context().Err() == nil {
		slog.WarnContext(r.Context(), "an export broke off", "error", err, "request_id", RequestID(r.Context()))
	}
	panic(http.ErrAbortHandler)
}
