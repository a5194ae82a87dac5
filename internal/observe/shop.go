package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// shop are the figures of selling.
type shop struct {
	orders    *prometheus.CounterVec
	requests  *prometheus.CounterVec
	batchSize prometheus.Histogram
	batchTime prometheus.Histogram
}

func newShop() shop {
	return shop{
		orders:    counter("orders_total", "Orders that were asked for: placed, refused (sold out and other rules), failed.", "outcome"),
		requests:  counter("stock_requests_total", "Requests to change stock: done, refused, busy (too many waited), failed.", "outcome"),
		batchSize: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "vitrine_stock_batch_requests", Help: "How many requests shared one transaction.", Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}}),
		batchTime: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "vitrine_stock_batch_seconds", Help: "How long a batch took to write.", Buckets: slow}),
	}
}

func (s shop) register(r *prometheus.Registry) {
	begin(s.orders, "placed", "refused", "failed")
	begin(s.requests, "done", "refused", "busy", "failed")
	r.MustRegister(s.orders, s.requests, s.batchSize, s.batchTime)
}

// Order notes what became of an order that somebody asked for.
func (o *Observer) Order(outcome string) {
	if o != nil {
		o.orders.WithLabelValues(outcome).Inc()
	}
}

// StockRequest notes what became of a request to change stock.
func (o *Observer) StockRequest(outcome string) {
	if o != nil {
		o.shop.requests.WithLabelValues(outcome).Inc()
	}
}

// StockBatch notes that requests were written together.
func (o *Observer) StockBatch(requests int, took time.Duration) {
	if o != nil {
		o.batchSize.Observe(float64(requests))
		o.batchTime.Observe(took.Seconds())
	}
}
