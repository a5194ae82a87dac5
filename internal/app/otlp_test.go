package app_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	span "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"vitrine/internal/dbtest"
	"vitrine/internal/observe"
)

// collector is what telemetry is sent to, over a socket.
type collector struct {
	mu      sync.Mutex
	spans   []*span.Span
	figures map[string]bool
	service string
}

// collect starts a collector and names it in the environment.
func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{figures: map[string]bool{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL, "OTEL_BSP_SCHEDULE_DELAY": "20", "OTEL_METRIC_EXPORT_INTERVAL": "100", "OTEL_SERVICE_NAME": "shops",
	} {
		t.Setenv(name, value)
	}
	return c
}

// ServeHTTP implements http.Handler.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "no protobuf", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch r.URL.Path {
	case "/v1/traces":
		err = c.takeTraces(body)
	case "/v1/metrics":
		err = c.takeMetrics(body)
	default:
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (c *collector) takeTraces(body []byte) error {
	var sent traces.ExportTraceServiceRequest
	err := proto.Unmarshal(body, &sent)
	for _, of := range sent.GetResourceSpans() {
		for _, a := range of.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				c.service = a.GetValue().GetStringValue()
			}
		}
		for _, by := range of.GetScopeSpans() {
			c.spans = append(c.spans, by.GetSpans()...)
		}
	}
	return err
}

func (c *collector) takeMetrics(body []byte) error {
	var sent metrics.ExportMetricsServiceRequest
	err := proto.Unmarshal(body, &sent)
	for _, of := range sent.GetResourceMetrics() {
		for _, by := range of.GetScopeMetrics() {
			for _, m := range by.GetMetrics() {
				c.figures[m.GetName()] = true
			}
		}
	}
	return err
}

// trace returns the spans of a trace that arrived, by their ids.
func (c *collector) trace(of string) map[string]*span.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string]*span.Span{}
	for _, s := range c.spans {
		if hex.EncodeToString(s.GetTraceId()) == of {
			found[hex.EncodeToString(s.GetSpanId())] = s
		}
	}
	return found
}

// of is the service that sent.
func (c *collector) of() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.service
}

func (c *collector) has(figure string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.figures[figure]
}

const (
	aTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	aParent = "00f067aa0ba902b7"
)

// One request is one trace, which goes on from the client's: what the handler did and
// what it asked the database for. What is logged about it has its id.
func TestOTLP_oneRequestIsOneTrace(t *testing.T) { //nolint:paralleltest // the environment and the log are the process's
	for _, engine := range dbtest.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			c := collect(t)
			w := watch(t, engine)
			logged := logs(t)
			headers := map[string]string{"Authorization": "Bearer " + w.token, "Content-Type": "application/json", "Traceparent": "00-" + aTrace + "-" + aParent + "-01"}
			if a := ask(t, http.MethodPost, w.site+"/api/v1/stores/"+w.store+"/warehouses", `{"name":"Harbor"}`, headers); a.status != http.StatusCreated {
				t.Fatalf("%d %s", a.status, a.body)
			}
			const served = "POST /api/v1/stores/{store_id}/warehouses"
			eventually(t, "the trace arrives", func() bool { return named(c.trace(aTrace), served) != nil })
			all := c.trace(aTrace)
			root := named(all, served)
			if hex.EncodeToString(root.GetParentSpanId()) != aParent || root.GetKind() != span.Span_SPAN_KIND_SERVER {
				t.Errorf("the request's span: %v", root)
			}
			for _, want := range []string{"insert warehouse", "commit"} {
				if s := named(all, want); s == nil || !below(all, s, root) {
					t.Errorf("%q is not below the request's span: %v", want, names(all))
				}
			}
			if name := c.of(); name != "shops" {
				t.Errorf("the service is called %q", name)
			}
			eventually(t, "the figures arrive", func() bool {
				return c.has("vitrine_http_request_seconds") && c.has("vitrine_stock_batch_requests") && c.has("go_goroutines")
			})
			eventually(t, "the request is logged", func() bool { return strings.Contains(logged(), `/warehouses"`) })
			checkLogged(t, logged())
		})
	}
}

// logs has the process log where the test can read it.
func logs(t *testing.T) (read func() string) {
	t.Helper()
	var (
		mu   sync.Mutex
		into bytes.Buffer
	)
	before := slog.Default()
	slog.SetDefault(slog.New(observe.Logs(slog.NewJSONHandler(writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return into.Write(b)
	}), nil))))
	t.Cleanup(func() { slog.SetDefault(before) })
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return into.String()
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func checkLogged(t *testing.T, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var said struct {
			Msg     string
			Path    string
			TraceID string `json:"trace_id"`
			SpanID  string `json:"span_id"`
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatalf("%q is no JSON: %v", line, err)
		}
		if said.Msg == "request" && strings.HasSuffix(said.Path, "/warehouses") {
			if said.TraceID != aTrace || len(said.SpanID) != 16 || said.SpanID == aParent {
				t.Errorf("the request is logged as %s", line)
			}
			return
		}
	}
	t.Errorf("the request is not logged:\n%s", lines)
}

func named(all map[string]*span.Span, name string) *span.Span {
	for _, s := range all {
		if s.GetName() == name {
			return s
		}
	}
	return nil
}

func names(all map[string]*span.Span) []string {
	var found []string
	for _, s := range all {
		found = append(found, s.GetName())
	}
	slices.Sort(found)
	return found
}

// below tells whether a span is part of another.
func below(all map[string]*span.Span, s, of *span.Span) bool {
	for range all {
		if s = all[hex.EncodeToString(s.GetParentSpanId())]; s == nil {
			return false
		}
		if s == of {
			return true
		}
	}
	return false
}
