package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"grapevine/jobs/asynqx"
)

// QueueSize is the number of tasks of a queue in each state.
type QueueSize = asynqx.QueueSize

// QueueSizeReader reads the sizes of the queues. It is a prometheus.Collector of the gauge
// grapevine_jobs_tasks{queue,state}, which is absent while Redis does not answer.
type QueueSizeReader struct {
	rdb   *redis.Client
	names queueNames
	desc  *prometheus.Desc
}

var _ prometheus.Collector = (*QueueSizeReader)(nil)

// NewQueueSizeReader reads the queues of a database. It uses rdb, which the caller closes.
func NewQueueSizeReader(rdb *redis.Client, database string) *QueueSizeReader {
	return &QueueSizeReader{rdb: rdb, names: queuesOf(database), desc: prometheus.NewDesc("grapevine_jobs_tasks",
		"Tasks in a queue, by state. Completed tasks are kept for a while so that people can look at them.", []string{"queue", "state"}, nil)}
}

// Read takes one round trip.
func (r *QueueSizeReader) Read(ctx context.Context) ([]QueueSize, error) {
	return asynqx.Sizes(ctx, r.rdb, r.names.list()...)
}

// Describe sends the one description.
func (r *QueueSizeReader) Describe(ch chan<- *prometheus.Desc) { ch <- r.desc }

// Collect sends the sizes. It sends nothing if they cannot be read, because an unknown size is not zero.
func (r *QueueSizeReader) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	sizes, err := r.Read(ctx)
	if err != nil {
		return
	}
	for _, q := range sizes {
		for state, n := range map[string]int64{
			asynqx.Pending: q.Pending, asynqx.Active: q.Active, asynqx.Scheduled: q.Scheduled,
			asynqx.Retry: q.Retry, asynqx.Archived: q.Archived, asynqx.Completed: q.Completed,
		} {
			ch <- prometheus.MustNewConstMetric(r.desc, prometheus.GaugeValue, float64(n), q.Queue, state)
		}
	}
}
