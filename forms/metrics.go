package forms

import "github.com/prometheus/client_golang/prometheus"

type metrics struct{ written, refused prometheus.Counter }

func newMetrics(registerer prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "grapevine_forms_" + name, Help: help})
	}
	m := &metrics{
		written: counter("written_total", "Contacts whose derived part was written after a direct edit or by a walk."),
		refused: counter("refused_total", "Contacts whose derived part MongoDB does not store, recorded in dead_changes."),
	}
	if registerer != nil {
		registerer.MustRegister(m.written, m.refused)
	}
	return m
}
