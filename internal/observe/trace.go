package observe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// OTLP says which signals go to a collector. Where it is, how often and how much is
// sent stands in the environment, under the names that OpenTelemetry gives them.
type OTLP struct {
	Traces, Metrics bool
}

// FromEnvironment reads whether anything is to be sent: where OTEL_EXPORTER_OTLP_ENDPOINT
// or the endpoint of one signal is set, and nothing turns it off again.
func FromEnvironment(env func(string) string) (OTLP, error) {
	if env("OTEL_SDK_DISABLED") == "true" {
		return OTLP{}, nil
	}
	var o OTLP
	for signal, on := range map[string]*bool{"TRACES": &o.Traces, "METRICS": &o.Metrics} {
		to := env("OTEL_EXPORTER_OTLP_ENDPOINT") + env("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT")
		*on = to != "" && env("OTEL_"+signal+"_EXPORTER") != "none"
		for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL"} {
			if p := env(name); *on && p != "" && p != "http/protobuf" {
				return OTLP{}, fmt.Errorf("%s is %q: Vitrine sends http/protobuf alone", name, p)
			}
		}
	}
	return o, nil
}

// On tells whether anything is sent.
func (o OTLP) On() bool { return o.Traces || o.Metrics }

// send begins to send what the options say.
func (o *Observer) send(ctx context.Context, options Options) error {
	if !options.OTLP.On() {
		return nil
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { slog.Warn("telemetry could not be sent", "error", err) }))
	self, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "vitrine"), attribute.String("service.version", options.Version)),
		resource.WithHost(), resource.WithProcessPID(), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	if options.OTLP.Traces {
		to, err := otlptracehttp.New(ctx)
		if err != nil {
			return fmt.Errorf("send traces: %w", err)
		}
		provider := sdk.NewTracerProvider(sdk.WithBatcher(to), sdk.WithResource(self))
		o.tracer, o.stop = provider.Tracer("vitrine"), append(o.stop, provider.Shutdown)
	}
	if options.OTLP.Metrics {
		to, err := otlpmetrichttp.New(ctx)
		if err != nil {
			return fmt.Errorf("send metrics: %w", err)
		}
		reader := metric.NewPeriodicReader(to, metric.WithProducer(bridge.NewMetricProducer(bridge.WithGatherer(o.registry))))
		o.stop = append(o.stop, metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(self)).Shutdown)
	}
	return nil
}

// traced tells whether the work of a context is part of a trace that is kept.
func (o *Observer) traced(ctx context.Context) bool {
	return o != nil && o.tracer != nil && trace.SpanFromContext(ctx).IsRecording()
}

// Span begins a part of the work of a context, where that is traced.
func (o *Observer) Span(ctx context.Context, name string) (_ context.Context, end func()) {
	if !o.traced(ctx) {
		return ctx, func() {}
	}
	ctx, span := o.tracer.Start(ctx, name)
	return ctx, func() { span.End() }
}

// follow puts the trace of a request's headers into the context.
func follow(ctx context.Context, traceparent, tracestate string) context.Context {
	if traceparent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent, "tracestate": tracestate})
}

func endRequest(span trace.Span, method, route string, status int) {
	if route != "none" {
		span.SetName(method + " " + route)
	}
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
	if status >= 500 {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// Logs adds the ids of trace and span to what is logged about the work of a context.
func Logs(next slog.Handler) slog.Handler { return logs{next} }

type logs struct{ slog.Handler }

// Handle implements slog.Handler.
func (l logs) Handle(ctx context.Context, r slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (l logs) WithAttrs(attrs []slog.Attr) slog.Handler { return logs{l.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (l logs) WithGroup(name string) slog.Handler { return logs{l.Handler.WithGroup(name)} }
