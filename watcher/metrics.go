package watcher

import (
	"github.com/prometheus/client_golang/prometheus"

	"grapevine"
)

type metrics struct {
	changes                                                                   *prometheus.CounterVec
	batches, retries, reopened, dead, reconciles, fenced, tailLost, oversized prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer, w *Watcher) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "grapevine_watcher_" + name, Help: help})
	}
	m := &metrics{
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_watcher_changes_total", Help: "Changes applied, by operation and source.",
		}, []string{"op", "source"}),
		batches:    counter("batches_total", "Batches applied and checkpointed."),
		retries:    counter("batch_retries_total", "Batches that had to be applied again because an effect failed."),
		reopened:   counter("stream_reopened_total", "Change streams opened again after an interruption."),
		dead:       counter("dead_changes_total", "Changes that can never succeed, recorded in dead_changes."),
		reconciles: counter("reconciles_total", "Gaps of history healed by a reconcile."),
		fenced:     counter("fenced_total", "Times the lease turned out to be another's."),
		tailLost:   counter("tail_lost_total", "Times Redis turned out to have lost the end of what was written."),
		oversized:  counter("oversized_total", "Changes over 16 MB, read without their images."),
	}
	if registerer != nil {
		registerer.MustRegister(m.changes, m.batches, m.retries, m.reopened, m.dead, m.reconciles, m.fenced, m.tailLost, m.oversized, &gauges{w})
	}
	return m
}

// observe counts a batch that is done.
func (s *session) observe(b *batch, t Trace) {
	s.metrics.batches.Inc()
	changes := 0
	for _, c := range b.changes {
		if c.Op != grapevine.Heartbeat {
			changes++
			s.metrics.changes.WithLabelValues(string(c.Op), string(c.Source)).Inc()
		}
	}
	s.status.counted(changes)
	s.rounds = 0
	if s.Trace != nil && changes > 0 {
		s.Trace(t)
	}
}

// gauges are absent until known: a lag of 0 would be a lie.
type gauges struct{ w *Watcher }

var (
	lagDesc    = prometheus.NewDesc("grapevine_watcher_lag_seconds", "From the write of a heartbeat to the end of its effects; only on the holder, absent until known.", nil, nil)
	holderDesc = prometheus.NewDesc("grapevine_watcher_holder", "1 on the instance that holds the lease.", nil, nil)
	windowDesc = prometheus.NewDesc("grapevine_watcher_oplog_window_left_ratio", "Part of the oplog's window between its oldest entry and the position: at 0 history is lost.", nil, nil)
)

func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	ch <- lagDesc
	ch <- holderDesc
	ch <- windowDesc
}

func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	holder := 0.0
	if g.w.holdsLease() {
		holder = 1
		if lag, known := g.w.heart.measured(); known {
			ch <- prometheus.MustNewConstMetric(lagDesc, prometheus.GaugeValue, lag.Seconds())
		}
		if left := g.w.windowLeft(); left != nil {
			ch <- prometheus.MustNewConstMetric(windowDesc, prometheus.GaugeValue, *left)
		}
	}
	ch <- prometheus.MustNewConstMetric(holderDesc, prometheus.GaugeValue, holder)
}
