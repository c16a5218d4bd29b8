package jobs

import (
	"context"
	"fmt"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// HasWorker reports whether a worker of the database runs in any process.
func HasWorker(ctx context.Context, rdb *redis.Client, database string) (bool, error) {
	type answer struct {
		servers []*asynq.ServerInfo
		err     error
	}
	answers := make(chan answer, 1)
	go func() { // Asynq takes no context; the timeouts of rdb end it
		servers, err := asynq.NewInspectorFromRedisClient(rdb).Servers() // the caller closes rdb
		answers <- answer{servers, err}
	}()
	var got answer
	select {
	case got = <-answers:
	case <-ctx.Done():
		got.err = ctx.Err()
	}
	if got.err != nil {
		return false, fmt.Errorf("list the workers: %w", got.err)
	}
	for _, server := range got.servers {
		if _, ours := server.Queues[LowQueue(database)]; ours {
			return true, nil
		}
	}
	return false, nil
}
