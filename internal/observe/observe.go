// Package observe counts what a process does and how long it takes, and traces it. Its
// figures are read by Prometheus and sent over OTLP.
//
// A label has few values, which the code knows: the pattern of a path, the kind of a
// job, the name of a table. What belongs to one merchant or shopper is never one.
package observe

import (
	"context"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/trace"

	"vitrine/internal/clock"
)

// Observer is told what happens. A nil one hears nothing, at no cost. It is safe for
// concurrent use.
type Observer struct {
	registry *prometheus.Registry
	tracer   trace.Tracer // nil: nothing is traced
	stop     []func(context.Context) error

	sql
	work
	outside
	shop
	requests *prometheus.HistogramVec
	inFlight prometheus.Gauge
	unasked  *prometheus.CounterVec
}

// Options say what an Observer is for.
type Options struct {
	Version string
	OTLP    OTLP
}

// New returns an Observer. Where the options say so it sends what it sees to a
// collector, from now on until Stop.
func New(ctx context.Context, o Options) (*Observer, error) {
	r := prometheus.NewRegistry()
	obs := &Observer{registry: r, sql: newSQL(), work: newWork(), outside: newOutside(), shop: newShop()}
	obs.requests = histogram("http_request_seconds", "How long requests took, until the last byte was handed over.", slow, "part", "route", "method", "status")
	obs.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Name: "vitrine_http_requests_in_flight", Help: "Requests that are being answered."})
	obs.unasked = counter("figures_unread_total", "How often figures could not be read from the database.", "figures")
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "vitrine_build_info", Help: "What runs; always 1."}, []string{"version"})
	build.WithLabelValues(o.Version).Set(1)
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		obs.requests, obs.inFlight, obs.unasked, build)
	obs.sql.register(r)
	obs.work.register(r)
	obs.outside.register(r)
	obs.shop.register(r)
	return obs, obs.send(ctx, o)
}

// Stop sends what was not sent yet.
func (o *Observer) Stop(ctx context.Context) error {
	if o == nil {
		return nil
	}
	var err error
	for _, stop := range o.stop {
		if e := stop(ctx); err == nil {
			err = e
		}
	}
	return err
}

// Gatherer returns all figures as they are.
func (o *Observer) Gatherer() prometheus.Gatherer { return o.registry }

// fast and slow are the bounds of histograms, in seconds: of what happens many times
// in a request, and of what somebody waits for.
var (
	fast = []float64{.0005, .002, .01, .05, .25, 1, 5}
	slow = []float64{.001, .005, .025, .1, .25, 1, 2.5, 10}
	long = []float64{.01, .1, 1, 10, 60, 600}
)

func histogram(name, help string, bounds []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "vitrine_" + name, Help: help, Buckets: bounds}, labels)
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "vitrine_" + name, Help: help}, labels)
}

// begin has a counter stand at 0 for the values of its only label, so that the first of
// each is seen to be more than none.
func begin(c *prometheus.CounterVec, values ...string) {
	for _, value := range values {
		c.WithLabelValues(value)
	}
}

// A Request is one that is being answered. What it was for is told by who finds out:
// see Part and Route.
type Request struct {
	Method string
	Part   string // of the house: api, dashboard, …
	Route  string // the pattern that the path fits: "/api/v1/stores/{store_id}"

	watch clock.Watch
	span  trace.Span
}

// Began notes that a request is being answered. traceparent and tracestate are its
// headers, of which the trace is a part; the context has the trace's id.
func (o *Observer) Began(ctx context.Context, method, traceparent, tracestate string) (context.Context, *Request) {
	r := &Request{Method: method, watch: clock.Start()}
	o.inFlight.Inc()
	ctx = follow(ctx, traceparent, tracestate)
	if o.tracer != nil {
		ctx, r.span = o.tracer.Start(ctx, method, trace.WithSpanKind(trace.SpanKindServer))
	}
	return context.WithValue(ctx, requestKey{}, r), r
}

type requestKey struct{}

// Part says which part of the house answers the request of a context. The first who
// knows counts.
func Part(ctx context.Context, name string) {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok && r.Part == "" {
		r.Part = name
	}
}

// Route says which pattern of a mux the path of a context's request fits; the method
// that it may begin with is left out. The first who knows counts.
func Route(ctx context.Context, pattern string) {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok && r.Route == "" {
		if _, path, found := strings.Cut(pattern, " "); found {
			pattern = path
		}
		r.Route = pattern
	}
}

// Ended notes how a request was answered.
func (o *Observer) Ended(r *Request, status int) {
	o.inFlight.Dec()
	part, route := r.Part, r.Route
	if part == "" {
		part = "edge"
	}
	if route == "" {
		route = "none"
	}
	o.requests.WithLabelValues(part, route, method(r.Method), class(status)).Observe(r.watch.Elapsed().Seconds())
	if r.span != nil {
		endRequest(r.span, method(r.Method), route, status)
	}
}

// method is an HTTP method; those that clients think up are one.
func method(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "other"
}

// class is what an answer's status begins with.
func class(status int) string {
	if status < 100 || status > 599 {
		return "none"
	}
	return string(rune('0'+status/100)) + "xx"
}
