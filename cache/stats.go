package cache

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Stats counts what this instance did since it was made. The room "pipeline" shows it.
type Stats struct {
	Hits     uint64 `json:"hits"`     // served from Redis
	Misses   uint64 `json:"misses"`   // went to MongoDB with a lease
	Bypassed uint64 `json:"bypassed"` // went to MongoDB because Redis did not answer, or had fallen back

	Stored   uint64 `json:"stored"`   // fills kept
	Refused  uint64 `json:"refused"`  // fills dropped because the scope was forgotten, or expired, since the miss
	Full     uint64 `json:"full"`     // fills dropped because the scope holds enough
	TooLarge uint64 `json:"tooLarge"` // values never offered
	Failed   uint64 `json:"failed"`   // fills Redis did not answer

	Forgotten uint64 `json:"forgotten"` // scopes invalidated, whether they held anything or not
	Purges    uint64 `json:"purges"`
	FellBack  uint64 `json:"fellBack"` // times Redis was noticed to have lost its tail
}

type counters struct {
	hits, misses, bypassed                  atomic.Uint64
	stored, refused, full, tooLarge, failed atomic.Uint64
	forgotten, purges                       atomic.Uint64
}

// Stats is cheap: atomic reads.
func (c *Cache) Stats() Stats {
	n := &c.count
	return Stats{
		Hits: n.hits.Load(), Misses: n.misses.Load(), Bypassed: n.bypassed.Load(),
		Stored: n.stored.Load(), Refused: n.refused.Load(), Full: n.full.Load(),
		TooLarge: n.tooLarge.Load(), Failed: n.failed.Load(),
		Forgotten: n.forgotten.Load(), Purges: n.purges.Load(), FellBack: c.guard.noticed.Load(),
	}
}

// collector shows [Stats] to Prometheus.
type collector struct{ cache *Cache }

var (
	readsDesc     = prometheus.NewDesc("grapevine_cache_reads_total", "Reads by what became of them.", []string{"result"}, nil)
	fillsDesc     = prometheus.NewDesc("grapevine_cache_fills_total", "Values loaded after a miss, by whether Redis kept them.", []string{"result"}, nil)
	forgottenDesc = prometheus.NewDesc("grapevine_cache_forgotten_scopes_total", "Scopes invalidated.", nil, nil)
	purgesDesc    = prometheus.NewDesc("grapevine_cache_purges_total", "Times everything was invalidated.", nil, nil)
	fellBackDesc  = prometheus.NewDesc("grapevine_cache_fell_back_total", "Times Redis was noticed to have lost its tail.", nil, nil)
)

func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{readsDesc, fillsDesc, forgottenDesc, purgesDesc, fellBackDesc} {
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
	send(forgottenDesc, s.Forgotten)
	send(purgesDesc, s.Purges)
	send(fellBackDesc, s.FellBack)
}
