package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// QueueSize is how many tasks of a queue are in each state.
type QueueSize struct {
	Queue     string `json:"queue"`
	Pending   int64  `json:"pending"`
	Active    int64  `json:"active"`
	Scheduled int64  `json:"scheduled"`
	Retry     int64  `json:"retry"`
	Archived  int64  `json:"archived"`
	Completed int64  `json:"completed"`
}

// Stats reads the sizes of the queues. It is a prometheus.Collector: the gauge
// grapevine_jobs_tasks{queue,state}, absent where Redis does not answer.
type Stats struct {
	rdb  *redis.Client
	desc *prometheus.Desc
}

var _ prometheus.Collector = (*Stats)(nil)

// NewStats uses rdb, which the caller closes. Register it once per process.
func NewStats(rdb *redis.Client) *Stats {
	return &Stats{rdb: rdb, desc: prometheus.NewDesc("grapevine_jobs_tasks",
		"Tasks in a queue, by state. Completed ones are kept for a while to be looked at.", []string{"queue", "state"}, nil)}
}

// Sizes is one round trip.
func (s *Stats) Sizes(ctx context.Context) ([]QueueSize, error) {
	queues := []string{queueWelcome, queueDigest}
	lists := []string{"pending", "active"}
	sets := []string{"scheduled", "retry", "archived", "completed"}
	var replies [][]*redis.IntCmd
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, q := range queues {
			var r []*redis.IntCmd
			for _, part := range lists {
				r = append(r, p.LLen(ctx, queueKey(q, part)))
			}
			for _, part := range sets {
				r = append(r, p.ZCard(ctx, queueKey(q, part)))
			}
			replies = append(replies, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("size of the queues: %w", err)
	}
	sizes := make([]QueueSize, len(queues))
	for i, q := range queues {
		r := replies[i]
		sizes[i] = QueueSize{q, r[0].Val(), r[1].Val(), r[2].Val(), r[3].Val(), r[4].Val(), r[5].Val()}
	}
	return sizes, nil
}

// Describe sends the one description.
func (s *Stats) Describe(ch chan<- *prometheus.Desc) { ch <- s.desc }

// Collect sends the sizes, or nothing: a queue that cannot be read is not an empty one.
func (s *Stats) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	sizes, err := s.Sizes(ctx)
	if err != nil {
		return
	}
	for _, q := range sizes {
		for state, n := range map[string]int64{
			"pending": q.Pending, "active": q.Active, "scheduled": q.Scheduled,
			"retry": q.Retry, "archived": q.Archived, "completed": q.Completed,
		} {
			ch <- prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, float64(n), q.Queue, state)
		}
	}
}
