package jobs

import (
	"context"
	"fmt"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// HasWorker reports whether a worker of the database runs in any process.
func HasWorker(_ context.Context, rdb *redis.Client, database string) (bool, error) {
	servers, err := asynq.NewInspectorFromRedisClient(rdb).Servers() // the caller closes rdb
	if err != nil {
		return false, fmt.Errorf("list the workers: %w", err)
	}
	for _, server := range servers {
		if _, ours := server.Queues[DigestQueue(database)]; ours {
			return true, nil
		}
	}
	return false, nil
}
