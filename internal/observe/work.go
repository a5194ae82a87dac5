package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// work are the figures of jobs.
type work struct {
	jobs   *prometheus.HistogramVec
	waits  *prometheus.HistogramVec
	chores *prometheus.HistogramVec
}

func newWork() work {
	return work{
		jobs:   histogram("job_seconds", "How long each go of a job took, by how it ended.", long, "kind", "outcome"),
		waits:  histogram("job_wait_seconds", "How long jobs waited beyond the time at which they could begin.", long, "kind"),
		chores: histogram("chore_seconds", "How long what is done again and again took, by how it ended.", long, "chore", "outcome"),
	}
}

func (w work) register(r *prometheus.Registry) { r.MustRegister(w.jobs, w.waits, w.chores) }

// Job notes how a go of a job ended.
func (o *Observer) Job(kind, outcome string, took time.Duration) {
	if o != nil {
		o.jobs.WithLabelValues(kind, outcome).Observe(took.Seconds())
	}
}

// JobWaited notes that a job begins, which could have begun earlier.
func (o *Observer) JobWaited(kind string, wait time.Duration) {
	if o != nil {
		o.waits.WithLabelValues(kind).Observe(max(wait, 0).Seconds())
	}
}

// Chore notes how a chore ended.
func (o *Observer) Chore(name string, err error, took time.Duration) {
	if o != nil {
		o.chores.WithLabelValues(name, outcome(err)).Observe(took.Seconds())
	}
}

func outcome(err error) string {
	if err != nil {
		return "failed"
	}
	return "ok"
}
