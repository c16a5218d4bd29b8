package events

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	appended atomic.Int64
	repeated atomic.Int64
}

func (m *metrics) register(r prometheus.Registerer) {
	if r == nil {
		return
	}
	r.MustRegister(
		counter("history_appended_total", "Entries appended to the event log.", &m.appended),
		counter("history_repeated_total", "Entries that the event log already had when they were appended.", &m.repeated),
	)
}

func counter(name, help string, v *atomic.Int64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "grapevine_" + name, Help: help},
		func() float64 { return float64(v.Load()) })
}
