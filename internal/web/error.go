package web

import (
	"context"
	"errors"
	"log/slog"
	"math"
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

// Failure is why there is no page, as a reader is told.
type Failure struct {
	Status         int
	Title, Message string
}

// Code is the status as a reader sees it.
func (f Failure) Code() string { return strconv.Itoa(f.Status) }

// Missing tells whether there is nothing at the address.
func (f Failure) Missing() bool { return f.Status == http.StatusNotFound }

// Explain says why there is no page. It is, beside api.problem, the only place that
// picks a status for an error; one that nobody foresaw is logged here and tells
// nothing.
func Explain(w http.ResponseWriter, r *http.Request, err error) Failure {
	f := Failure{
		Status: statusOfError(err),
		Title:  "Something went wrong", Message: "This is our fault. Please try again; if it stays, tell us when it happened.",
	}
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case f.Missing():
		f.Title, f.Message = "Not found", "There is nothing at this address, or it is not yours to see."
	case ok && e.Kind != fault.Internal:
		f.Title, f.Message = http.StatusText(f.Status), e.Message
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
		}
	case f.Status == http.StatusServiceUnavailable:
		f.Title, f.Message = "Busy for a moment", "Please try again in a few seconds."
		w.Header().Set("Retry-After", "2")
	case !errors.Is(err, context.Canceled):
		slog.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
	}
	return f
}

// ErrorPage tells a merchant why there is no page.
func ErrorPage(w http.ResponseWriter, r *http.Request, err error) {
	f := Explain(w, r, err)
	page := errorPage(f.Code(), f.Title, f.Message, Theme(r))
	if Partial(r) {
		w.Header().Set("HX-Retarget", "#toaster")
		w.Header().Set("HX-Reswap", "beforeend")
		page = errorToast(f.Message)
	}
	if err := Render(w, r, f.Status, page); err != nil {
		slog.ErrorContext(r.Context(), "the error page failed", "error", err)
	}
}
