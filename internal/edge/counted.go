package edge

import (
	"net/http"

	"vitrine/internal/observe"
	"vitrine/internal/web"
)

// counted has requests counted and traced, whoever answers them.
type counted struct {
	next     http.Handler
	observer *observe.Observer
}

// ServeHTTP implements http.Handler.
func (c counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, request := c.observer.Began(r.Context(), r.Method, r.Header.Get("Traceparent"), r.Header.Get("Tracestate"))
	seen := &web.StatusWriter{ResponseWriter: w}
	defer func() { c.observer.Ended(request, seen.Status) }()
	c.next.ServeHTTP(seen, r.WithContext(ctx))
}

// part names who answers.
func part(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		observe.Part(r.Context(), name)
		next.ServeHTTP(w, r)
	})
}
