package observe

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Reading is a figure that is read, with the values of its labels.
type Reading struct {
	Labels []string
	Value  float64
}

// Figure is what a gauge tells that somebody asks the database for.
type Figure struct {
	Name, Help string
	Labels     []string
}

// askTimeout bounds how long figures may be asked for: whoever reads all others must
// not wait for a database that does not answer.
const askTimeout = 3 * time.Second

// Ask has read called whenever somebody reads the figures. It returns the readings of
// each figure, in their order. What cannot be read is left out, and counted.
func (o *Observer) Ask(about string, read func(context.Context) ([][]Reading, error), figures ...Figure) {
	if o == nil {
		return
	}
	a := asked{observer: o, about: about, read: read}
	for _, f := range figures {
		a.figures = append(a.figures, prometheus.NewDesc("vitrine_"+f.Name, f.Help, f.Labels, nil))
	}
	o.unasked.WithLabelValues(about)
	o.registry.MustRegister(a)
}

type asked struct {
	observer *Observer
	about    string
	read     func(context.Context) ([][]Reading, error)
	figures  []*prometheus.Desc
}

// Describe implements prometheus.Collector.
func (a asked) Describe(out chan<- *prometheus.Desc) {
	for _, f := range a.figures {
		out <- f
	}
}

// Collect implements prometheus.Collector.
func (a asked) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	all, err := a.read(ctx)
	if err != nil {
		a.observer.unasked.WithLabelValues(a.about).Inc()
		slog.WarnContext(ctx, "figures could not be read", "figures", a.about, "error", err)
		return
	}
	for i, readings := range all {
		for _, r := range readings {
			out <- prometheus.MustNewConstMetric(a.figures[i], prometheus.GaugeValue, r.Value, r.Labels...)
		}
	}
}
