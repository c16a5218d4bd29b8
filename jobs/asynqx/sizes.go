package asynqx

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// QueueSize is the number of tasks of a queue in each state.
type QueueSize struct {
	Queue     string `json:"queue"`
	Pending   int64  `json:"pending"`
	Active    int64  `json:"active"`
	Scheduled int64  `json:"scheduled"`
	Retry     int64  `json:"retry"`
	Archived  int64  `json:"archived"`
	Completed int64  `json:"completed"`
}

// Sizes reads the sizes of queues in one round trip. asynq.Inspector.GetQueueInfo gives the same numbers, but it takes
// no context, so a Redis that hangs would block a scrape of the metrics. It also measures the memory of tasks, which
// takes time.
func Sizes(ctx context.Context, rdb *redis.Client, queues ...string) ([]QueueSize, error) {
	sizes := make([]QueueSize, len(queues))
	replies := map[*int64]*redis.IntCmd{}
	_, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, queue := range queues {
			size := &sizes[i]
			size.Queue = queue
			replies[&size.Pending] = p.LLen(ctx, QueueKey(queue, Pending))
			replies[&size.Active] = p.LLen(ctx, QueueKey(queue, Active))
			replies[&size.Scheduled] = p.ZCard(ctx, QueueKey(queue, Scheduled))
			replies[&size.Retry] = p.ZCard(ctx, QueueKey(queue, Retry))
			replies[&size.Archived] = p.ZCard(ctx, QueueKey(queue, Archived))
			replies[&size.Completed] = p.ZCard(ctx, QueueKey(queue, Completed))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the sizes of the queues: %w", err)
	}
	for field, reply := range replies {
		*field = reply.Val()
	}
	return sizes, nil
}
