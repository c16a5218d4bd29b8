package jobs

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type queueMetrics struct {
	enqueued   *prometheus.CounterVec
	conflicts  *prometheus.CounterVec
	archived   prometheus.Counter
	requeued   prometheus.Counter
	oldDigests prometheus.Counter
	badIDs     prometheus.Counter
}

func newQueueMetrics(r prometheus.Registerer) queueMetrics {
	counter := counters(r)
	return queueMetrics{
		enqueued: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_jobs_enqueued_total", Help: "Tasks enqueued, by type.",
		}, []string{"type"}),
		conflicts: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_jobs_conflicts_total", Help: "Tasks that already existed when they were enqueued, by type. Replays cause them, and so do all changes of a minute but the first.",
		}, []string{"type"}),
		archived:   counter("conflicts_archived_total", "Enqueued tasks whose id an archived task holds. They do not run until somebody runs or deletes the archived one."),
		requeued:   counter("rebuilt_total", "Tasks that Redis had lost, in whole or in part, and that were enqueued again."),
		oldDigests: counter("digests_dropped_total", "Digests not enqueued because the event log no longer holds their minute."),
		badIDs:     counter("passed_over_total", "Created contacts without a welcome because their id is not an ObjectID."),
	}
}

type workerMetrics struct {
	handled  *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	archived *prometheus.CounterVec
	omitted  prometheus.Counter
}

func newWorkerMetrics(r prometheus.Registerer) workerMetrics {
	return workerMetrics{
		handled: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_jobs_handled_total",
			Help: "Runs of a task, by type and outcome: done, already, skipped, failed, and those that do not count as a failure: busy, not-yet, unavailable, mail-away, mail-later, mail-rate.",
		}, []string{"type", "outcome"}),
		seconds: promauto.With(r).NewHistogramVec(prometheus.HistogramOpts{
			Name: "grapevine_jobs_duration_seconds", Help: "Duration of a run of a task.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"type"}),
		archived: promauto.With(r).NewCounterVec(prometheus.CounterOpts{
			Name: "grapevine_jobs_archived_total",
			Help: "Tasks that this worker archived. Those that Asynq archived for a dead worker are in grapevine_jobs_tasks{state=\"archived\"} only.",
		}, []string{"type"}),
		omitted: counters(r)("results_omitted_total", "Results not published one by one: there were too many, or the signal failed."),
	}
}

func counters(r prometheus.Registerer) func(name, help string) prometheus.Counter {
	return func(name, help string) prometheus.Counter {
		return promauto.With(r).NewCounter(prometheus.CounterOpts{Namespace: "grapevine", Subsystem: "jobs", Name: name, Help: help})
	}
}
