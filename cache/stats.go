package cache

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Stats counts what this instance did since its start. The room "pipeline" shows it.
type Stats struct {
	Hits     uint64 `json:"hits"`     // served from Redis
	Misses   uint64 `json:"misses"`   // went to MongoDB with a lease
	Bypassed uint64 `json:"bypassed"` // went to MongoDB because Redis did not answer, or lost recent writes

	Stored   uint64 `json:"stored"`   // values stored after a miss
	Refused  uint64 `json:"refused"`  // values dropped because the scope was invalidated, or expired, since the miss
	Full     uint64 `json:"full"`     // values dropped because the scope was full
	TooLarge uint64 `json:"tooLarge"` // values dropped because of their size
	Failed   uint64 `json:"failed"`   // values dropped because Redis did not answer

	Invalidated uint64 `json:"forgotten"` // scopes invalidated, whether they held anything or not
	Purges      uint64 `json:"purges"`    // times that everything was invalidated
	RolledBack  uint64 `json:"fellBack"`  // times that Redis was seen to have lost recent writes
}

type counters struct {
	hits, misses, bypassed                  atomic.Uint64
	stored, refused, full, tooLarge, failed atomic.Uint64
	invalidated, purges                     atomic.Uint64
}

// Stats is cheap: atomic reads.
func (c *Cache) Stats() Stats {
	n := &c.count
	return Stats{
		Hits: n.hits.Load(), Misses: n.misses.Load(), Bypassed: n.bypassed.Load(),
		Stored: n.stored.Load(), Refused: n.refused.Load(), Full: n.full.Load(),
		TooLarge: n.tooLarge.Load(), Failed: n.failed.Load(),
		Invalidated: n.invalidated.Load(), Purges: n.purges.Load(), RolledBack: c.rollback.Detected(),
	}
}

// collector shows [Stats] to Prometheus.
type collector struct{ cache *Cache }

var (
	readsDesc       = prometheus.NewDesc("grapevine_cache_reads_total", "Reads, by how they were answered.", []string{"result"}, nil)
	storesDesc      = prometheus.NewDesc("grapevine_cache_fills_total", "Values loaded after a miss, by whether they were stored in Redis.", []string{"result"}, nil)
	invalidatedDesc = prometheus.NewDesc("grapevine_cache_forgotten_scopes_total", "Scopes invalidated.", nil, nil)
	purgesDesc      = prometheus.NewDesc("grapevine_cache_purges_total", "Times that everything was invalidated.", nil, nil)
	rolledBackDesc  = prometheus.NewDesc("grapevine_cache_fell_back_total", "Times that Redis was seen to have lost recent writes.", nil, nil)
)

func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{readsDesc, storesDesc, invalidatedDesc, purgesDesc, rolledBackDesc} {
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
	send(storesDesc, s.Stored, "stored")
	send(storesDesc, s.Refused, "refused")
	send(storesDesc, s.Full, "full")
	send(storesDesc, s.TooLarge, "too_large")
	send(storesDesc, s.Failed, "failed")
	send(invalidatedDesc, s.Invalidated)
	send(purgesDesc, s.Purges)
	send(rolledBackDesc, s.RolledBack)
}
