package jobs

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type queueMetrics struct {
	enqueued  *prometheus.CounterVec
	conflicts *prometheus.CounterVec
	archived  prometheus.Counter
	rebuilt   prometheus.Counter
	late      prometheus.Counter
	passed    prometheus.Counter
}

func newQueueMetrics(r prometheus.Registerer) queueMetrics {
	counter := counters(r)
	return queueMetrics{
		enqueued: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_jobs_enqueued_total", Help: "Tasks enqueued, by type.",
		}, []string{"type"}),
		conflicts: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_jobs_conflicts_total", Help: "Tasks that were there before, by type: replayed changes, and all but the first change of a minute.",
		}, []string{"type"}),
		archived: counter("conflicts_archived_total", "Of these, tasks that are archived and do not run until somebody runs or deletes them."),
		rebuilt:  counter("rebuilt_total", "Tasks enqueued anew because Redis had lost their message."),
		late:     counter("digests_dropped_total", "Digests not enqueued because their minute is older than the history."),
		passed:   counter("passed_over_total", "Created contacts without a welcome because their id is not an ObjectID."),
	}
}

type workerMetrics struct {
	handled  *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	archived *prometheus.CounterVec
	unsaid   prometheus.Counter
}

func newWorkerMetrics(r prometheus.Registerer) workerMetrics {
	return workerMetrics{
		handled: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_jobs_handled_total",
			Help: "Runs of a task, by type and outcome: done, already, skipped, failed, and those that do not count as a failure: busy, not-yet, unavailable.",
		}, []string{"type", "outcome"}),
		seconds: promauto.With(r).NewHistogramVec(prometheus.HistogramOpts{
			Name: "grapevine_jobs_duration_seconds", Help: "How long a run of a task took.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"type"}),
		archived: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_jobs_archived_total",
			Help: "Tasks this worker gave up. Those given up for a dead worker are in grapevine_jobs_tasks{state=\"archived\"} only.",
		}, []string{"type"}),
		unsaid: counters(r)("results_omitted_total", "Results not signalled one by one: more than the room should carry, or the signal failed."),
	}
}

func counters(r prometheus.Registerer) func(name, help string) prometheus.Counter {
	return func(name, help string) prometheus.Counter {
		return promauto.With(r).NewCounter(prometheus.CounterOpts{Namespace: "grapevine", Subsystem: "jobs", Name: name, Help: help})
	}
}
