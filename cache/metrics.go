package cache

import "github.com/prometheus/client_golang/prometheus"

// collector shows [Stats] to Prometheus.
type collector struct{ cache *Cache }

// The metrics keep old names, for stored data: forgotten_scopes, fell_back.
var (
	readsDesc       = prometheus.NewDesc("grapevine_cache_reads_total", "Reads, by how they were answered.", []string{"result"}, nil)
	fillsDesc       = prometheus.NewDesc("grapevine_cache_fills_total", "Values loaded after a miss, by whether they were stored in Redis.", []string{"result"}, nil)
	invalidatedDesc = prometheus.NewDesc("grapevine_cache_forgotten_scopes_total", "Scopes invalidated.", nil, nil)
	purgesDesc      = prometheus.NewDesc("grapevine_cache_purges_total", "Times that everything was invalidated.", nil, nil)
	rolledBackDesc  = prometheus.NewDesc("grapevine_cache_fell_back_total", "Times that Redis was seen to have lost recent writes.", nil, nil)
)

func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{readsDesc, fillsDesc, invalidatedDesc, purgesDesc, rolledBackDesc} {
		out <- d
	}
}

func (c collector) Collect(out chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, value uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
	}
	s := c.cache.Stats()
	send(readsDesc, s.Hits, "hit")
	send(readsDesc, s.Misses, "miss")
	send(readsDesc, s.Bypassed, "bypass")
	send(fillsDesc, s.Stored, "stored")
	send(fillsDesc, s.Refused, "refused")
	send(fillsDesc, s.Full, "full")
	send(fillsDesc, s.TooLarge, "too_large")
	send(fillsDesc, s.Failed, "failed")
	send(invalidatedDesc, s.Invalidated)
	send(purgesDesc, s.Purges)
	send(rolledBackDesc, s.RolledBack)
}
