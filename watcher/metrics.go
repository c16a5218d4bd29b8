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
		dead:       counter("dead_changes_total", "Changes that can never be applied, recorded in dead_changes."),
		reconciles: counter("reconciles_total", "Gaps healed by a reconcile."),
		fenced:     counter("fenced_total", "Times another instance turned out to hold the lease."),
		tailLost:   counter("tail_lost_total", "Times Redis turned out to have lost its last writes."),
		oversized:  counter("oversized_total", "Changes that exceed 16 MB with their images, read without them."),
	}
	if registerer != nil {
		registerer.MustRegister(m.changes, m.batches, m.retries, m.reopened, m.dead, m.reconciles, m.fenced, m.tailLost, m.oversized, &gauges{w})
	}
	return m
}

// observe counts a batch that was applied.
func (s *session) observe(b *batch, trace Trace) {
	s.metrics.batches.Inc()
	all, ofContacts := 0, 0
	for _, g := range b.groups {
		for _, c := range g.changes {
			if c.Op == grapevine.Heartbeat {
				continue
			}
			all++
			if g.collection.hasOwnPositions() {
				ofContacts++
			}
			s.metrics.changes.WithLabelValues(string(c.Op), string(c.Source)).Inc()
		}
	}
	s.status.countChanges(all)
	if s.Trace != nil && ofContacts > 0 {
		s.Trace(trace)
	}
}

// gauges leave a figure out until it is known: a lag of 0 would be wrong.
type gauges struct{ w *Watcher }

var (
	lagDesc             = prometheus.NewDesc("grapevine_watcher_lag_seconds", "Time from the write of a heartbeat to the end of its effects; only on the holder, absent until known.", nil, nil)
	holderDesc          = prometheus.NewDesc("grapevine_watcher_holder", "1 on the instance that holds the lease.", nil, nil)
	oplogWindowLeftDesc = prometheus.NewDesc("grapevine_watcher_oplog_window_left_ratio", "Part of the oplog's window between its oldest entry and the checkpoint: at 0 history is lost.", nil, nil)
)

func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	ch <- lagDesc
	ch <- holderDesc
	ch <- oplogWindowLeftDesc
}

func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	holder := 0.0
	if g.w.holdsLease() {
		holder = 1
		if lag, known := g.w.heartbeat.measureLag(); known {
			ch <- prometheus.MustNewConstMetric(lagDesc, prometheus.GaugeValue, lag.Seconds())
		}
		if left := g.w.status.getOplogWindowLeft(); left != nil {
			ch <- prometheus.MustNewConstMetric(oplogWindowLeftDesc, prometheus.GaugeValue, *left)
		}
	}
	ch <- prometheus.MustNewConstMetric(holderDesc, prometheus.GaugeValue, holder)
}
