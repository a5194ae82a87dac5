package observe_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"vitrine/internal/observe"
)

func TestFromEnvironment_sendsWhereItIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env             map[string]string
		traces, metrics bool
		refused         bool
	}{
		{env: nil},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, traces: true, metrics: true},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_METRICS_EXPORTER": "none"}, traces: true},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://c:4318/m"}, metrics: true},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, traces: true, metrics: true},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, refused: true},
		{env: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}},
	} {
		got, err := observe.FromEnvironment(func(name string) string { return c.env[name] })
		if (err != nil) != c.refused || got.Traces != c.traces || got.Metrics != c.metrics {
			t.Errorf("%v: %+v, %v", c.env, got, err)
		}
	}
}

func TestLogs_haveTheIdsOfTheTrace(t *testing.T) {
	t.Parallel()
	o, err := observe.New(t.Context(), observe.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	log := slog.New(observe.Logs(slog.NewJSONHandler(&b, nil))).With("part", "api")
	ctx, _ := o.Began(t.Context(), "GET", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "")
	log.InfoContext(ctx, "with")
	if !strings.Contains(b.String(), `"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"`) {
		t.Errorf("logged: %s", b.String())
	}
	for _, wrong := range []string{"", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "nonsense", "00-4bf92f3577b34da6a3ce929d0e0e4736-1-01"} {
		b.Reset()
		ctx, _ := o.Began(t.Context(), "GET", wrong, "")
		log.InfoContext(ctx, "without")
		if strings.Contains(b.String(), "trace_id") {
			t.Errorf("%q is taken for a trace: %s", wrong, b.String())
		}
	}
}

func TestObserver_thatIsNilHearsNothing(t *testing.T) {
	t.Parallel()
	var o *observe.Observer
	ctx, statement := o.Pool("sqlite", "write").Statement(t.Context(), "SELECT 1")
	statement.End("ok")
	o.Pool("sqlite", "write").Waits(ctx, "begin")()
	_, call := o.DNSCall(ctx, "mock", "zone_id")
	call.End("ok")
	_, end := o.Span(ctx, "nothing")
	end()
	o.Job("clone", "succeeded", 0)
	o.StockBatch(1, 0)
	o.Order("placed")
	o.Webhook(200, true)
	if err := o.Stop(ctx); err != nil {
		t.Error(err)
	}
}
