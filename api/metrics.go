package api

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// requestMetrics are the metrics of this package.
type requestMetrics struct {
	duration *prometheus.HistogramVec
	cache    *prometheus.CounterVec
}

// newRequestMetrics registers the metrics with r. If r is nil, they are measured and not shown.
func newRequestMetrics(r prometheus.Registerer, inFlight *atomic.Int64) requestMetrics {
	m := requestMetrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "grapevine_http_request_duration_seconds",
			Help:    "Time to answer a request, until the body was handed over.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		cache: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_http_reads_total",
			Help: "Reads of contacts by Cache-Status.",
		}, []string{"cache"}),
	}
	if r != nil {
		r.MustRegister(m.duration, m.cache, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "grapevine_http_requests_in_flight",
			Help: "Requests being worked on.",
		}, func() float64 { return float64(inFlight.Load()) }))
	}
	return m
}
