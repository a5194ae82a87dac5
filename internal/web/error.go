package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"vitrine/internal/db"
	"vitrine/internal/fault"
)

// Handler is a page: it answers, or returns why it did not.
type Handler func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP implements http.Handler.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		ErrorPage(w, r, err)
	}
}

var statusOf = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Refused: http.StatusBadRequest,
	fault.Unauthorized: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden,
	fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.Unsupported: http.StatusUnsupportedMediaType,
	fault.TooMany: http.StatusTooManyRequests, fault.Provider: http.StatusBadGateway,
	fault.Unavailable: http.StatusServiceUnavailable, fault.Internal: http.StatusInternalServerError,
}

// StatusOf is the HTTP status of a kind of error, of the API and of pages.
func StatusOf(k fault.Kind) int { return statusOf[k] }

// statusOfError is the HTTP status of an error on a page.
func statusOfError(err error) int {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return StatusOf(e.Kind)
	}
	if db.Unavailable(err) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// ErrorPage tells a reader why there is no page. It is, beside api.problem, the only
// place that picks a status for an error; one that nobody foresaw is logged here and
// tells nothing.
func ErrorPage(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOfError(err)
	title, message := "Something went wrong", "This is our fault. Please try again; if it stays, tell us when it happened."
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case status == http.StatusNotFound:
		title, message = "Not found", "There is nothing at this address, or it is not yours to see."
	case ok && e.Kind != fault.Internal:
		title, message = http.StatusText(status), e.Message
	case status == http.StatusServiceUnavailable:
		title, message = "Busy for a moment", "Please try again in a few seconds."
		w.Header().Set("Retry-After", "2")
	case !errors.Is(err, context.Canceled):
		slog.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
	}
	page := errorPage(strconv.Itoa(status), title, message, Theme(r))
	if Partial(r) {
		w.Header().Set("HX-Retarget", "#toaster")
		w.Header().Set("HX-Reswap", "beforeend")
		page = errorToast(message)
	}
	if err := Render(w, r, status, page); err != nil {
		slog.ErrorContext(r.Context(), "the error page failed", "error", err)
	}
}
