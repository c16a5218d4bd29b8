package access

import "github.com/prometheus/client_golang/prometheus"

// metrics count how principals were found, and what the change stream did.
type metrics struct {
	memory, redis, mongo, unproven         prometheus.Counter // how a principal was found
	refused, unavailable, tooMany          prometheus.Counter // or why not
	events, reopened, behind, ended, reads prometheus.Counter
}

func newMetrics(a *Access) *metrics {
	found := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "grapevine_access_principals_total", Help: "Principals that were asked for, by how they were found or why not.",
	}, []string{"by"})
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "grapevine_access_" + name, Help: help})
	}
	m := &metrics{
		memory: found.WithLabelValues("memory"), redis: found.WithLabelValues("redis"), mongo: found.WithLabelValues("mongodb"),
		unproven: found.WithLabelValues("unproven"), refused: found.WithLabelValues("refused"),
		unavailable: found.WithLabelValues("unavailable"), tooMany: found.WithLabelValues("too_many"),
		events:   counter("events_total", "Changes of users, sessions, tokens and invitations that the change stream named."),
		reopened: counter("stream_reopened_total", "Change streams opened again after an error, a drop or a rename."),
		behind:   counter("stream_behind_total", "Answers of the change stream that did not count, because the server was behind."),
		ended:    counter("follows_ended_total", "Sockets and others that were followed and lost their right."),
		reads:    counter("reads_total", "Reads of rights from MongoDB."),
	}
	if r := a.cfg.Registerer; r != nil {
		r.MustRegister(found, m.events, m.reopened, m.behind, m.ended, m.reads, gauges{a})
	}
	return m
}

// gauges leave the age of the last answer out while no stream is open.
type gauges struct{ a *Access }

var (
	ageDesc     = prometheus.NewDesc("grapevine_access_stream_age_seconds", "Time since the last answer of the change stream that counts; absent while none is open.", nil, nil)
	heldDesc    = prometheus.NewDesc("grapevine_access_held", "Rights of sessions and tokens in memory.", nil, nil)
	followsDesc = prometheus.NewDesc("grapevine_access_follows", "Sockets and others that are followed.", nil, nil)
)

func (g gauges) Describe(out chan<- *prometheus.Desc) {
	out <- ageDesc
	out <- heldDesc
	out <- followsDesc
}

func (g gauges) Collect(out chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, value float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	if ago, open := g.a.Answered(); open {
		send(ageDesc, ago.Seconds())
	}
	send(heldDesc, float64(g.a.held.size()))
	send(followsDesc, float64(g.a.follows.size()))
}
