package observe

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"vitrine/internal/clock"
)

// sql are the figures of the database.
type sql struct {
	statements *prometheus.HistogramVec
	tables     *prometheus.CounterVec
	seconds    *prometheus.CounterVec
	retries    *prometheus.CounterVec
}

func newSQL() sql {
	return sql{
		statements: histogram("sql_seconds", "How long statements took until their last row was read, and how long a transaction waited to begin and to commit.", fast, "engine", "pool", "kind"),
		tables:     counter("sql_statements_total", "Statements by what they do to which table, and how they ended.", "engine", "kind", "table", "outcome"),
		seconds:    counter("sql_table_seconds_total", "The time of statements by what they do to which table.", "engine", "kind", "table"),
		retries:    counter("sql_retries_total", "Transactions that were run again since the database asked for it.", "engine"),
	}
}

func (s sql) register(r *prometheus.Registry) {
	r.MustRegister(s.statements, s.tables, s.seconds, s.retries)
}

// Pool is where the statements of one pool of connections are counted. A nil one counts
// nothing.
type Pool struct {
	observer *Observer
	engine   string
	byKind   map[string]prometheus.Observer
	retries  prometheus.Counter

	known sync.Map // by the text of a statement: what to count it as
	count atomic.Int64
}

// maxKnown bounds for how many texts it is remembered what they are.
const maxKnown = 4096

// Pool returns what counts the statements of a pool.
func (o *Observer) Pool(engine, name string) *Pool {
	if o == nil {
		return nil
	}
	p := &Pool{observer: o, engine: engine, byKind: map[string]prometheus.Observer{}, retries: o.retries.WithLabelValues(engine)}
	for _, kind := range statementKinds {
		p.byKind[kind] = o.statements.WithLabelValues(engine, name, kind)
	}
	return p
}

// text is what is known of a statement by its text.
type text struct {
	kind, table string
	all         prometheus.Observer
	ok, seconds prometheus.Counter
}

func (p *Pool) text(query string) *text {
	if found, ok := p.known.Load(query); ok {
		return found.(*text)
	}
	kind, table := describe(query)
	t := &text{
		kind: kind, table: table, all: p.byKind[kind],
		ok: p.observer.tables.WithLabelValues(p.engine, kind, table, "ok"), seconds: p.observer.seconds.WithLabelValues(p.engine, kind, table),
	}
	if p.count.Add(1) <= maxKnown {
		p.known.Store(query, t)
	}
	return t
}

// Statement is one that runs. The zero value is one that nobody counts.
type Statement struct {
	pool  *Pool
	text  *text
	watch clock.Watch
	span  trace.Span
}

// Statement notes that one begins. The context has its span, where the request is
// traced.
func (p *Pool) Statement(ctx context.Context, query string) (context.Context, Statement) {
	if p == nil {
		return ctx, Statement{}
	}
	s := Statement{pool: p, text: p.text(query), watch: clock.Start()}
	if p.observer.traced(ctx) {
		ctx, s.span = p.observer.tracer.Start(ctx, s.text.kind+" "+s.text.table, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("db.system.name", p.engine), attribute.String("db.operation.name", s.text.kind),
			attribute.String("db.collection.name", s.text.table), attribute.String("db.query.text", query),
		))
	}
	return ctx, s
}

// End notes how a statement ended, in a word: "ok" where all went well.
func (s Statement) End(outcome string) {
	if s.pool == nil {
		return
	}
	took := s.watch.Elapsed().Seconds()
	s.text.all.Observe(took)
	s.text.seconds.Add(took)
	if outcome == "ok" {
		s.text.ok.Inc()
	} else {
		s.pool.observer.tables.WithLabelValues(s.pool.engine, s.text.kind, s.text.table, outcome).Inc()
	}
	if s.span != nil {
		if outcome != "ok" {
			s.span.SetStatus(codes.Error, outcome)
		}
		s.span.End()
	}
}

// Waits returns what notes how long a transaction waited for "begin" or "commit".
func (p *Pool) Waits(ctx context.Context, kind string) (end func()) {
	if p == nil {
		return func() {}
	}
	watch, span := clock.Start(), trace.Span(nil)
	if p.observer.traced(ctx) {
		_, span = p.observer.tracer.Start(ctx, kind, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("db.system.name", p.engine)))
	}
	return func() {
		p.byKind[kind].Observe(watch.Elapsed().Seconds())
		if span != nil {
			span.End()
		}
	}
}

// Again notes that a transaction is run once more.
func (p *Pool) Again() {
	if p != nil {
		p.retries.Inc()
	}
}

// Connections are those of a pool.
type Connections struct {
	Open, InUse, Max int
	Waits            int64
	Waited           time.Duration
}

// Connections has the connections of pools counted. A process calls it once.
func (o *Observer) Connections(engine string, pools map[string]func() Connections) {
	if o != nil {
		o.registry.MustRegister(connections{engine, pools})
	}
}

type connections struct {
	engine string
	pools  map[string]func() Connections
}

func about(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("vitrine_"+name, help, labels, nil)
}

var (
	connectionsOpen  = about("sql_connections", "Connections to the database.", "engine", "pool", "state")
	connectionsMax   = about("sql_connections_max", "How many connections there can be.", "engine", "pool")
	connectionWaits  = about("sql_connection_waits_total", "How often somebody waited for a connection.", "engine", "pool")
	connectionWaited = about("sql_connection_wait_seconds_total", "How long all who waited for a connection waited.", "engine", "pool")
)

// Describe implements prometheus.Collector.
func (c connections) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{connectionsOpen, connectionsMax, connectionWaits, connectionWaited} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c connections) Collect(out chan<- prometheus.Metric) {
	for name, read := range c.pools {
		now := read()
		out <- prometheus.MustNewConstMetric(connectionsOpen, prometheus.GaugeValue, float64(now.InUse), c.engine, name, "in_use")
		out <- prometheus.MustNewConstMetric(connectionsOpen, prometheus.GaugeValue, float64(now.Open-now.InUse), c.engine, name, "idle")
		out <- prometheus.MustNewConstMetric(connectionsMax, prometheus.GaugeValue, float64(now.Max), c.engine, name)
		out <- prometheus.MustNewConstMetric(connectionWaits, prometheus.CounterValue, float64(now.Waits), c.engine, name)
		out <- prometheus.MustNewConstMetric(connectionWaited, prometheus.CounterValue, now.Waited.Seconds(), c.engine, name)
	}
}
