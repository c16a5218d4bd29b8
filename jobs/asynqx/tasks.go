package asynqx

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// maxActive is far above the number of tasks that all workers of a queue run at once.
const maxActive = 10_000

// ActiveTasks lists the tasks that workers have taken.
func ActiveTasks(ctx context.Context, rdb *redis.Client, queue string) (ids []string, err error) {
	ids, err = rdb.LRange(ctx, QueueKey(queue, Active), 0, maxActive-1).Result()
	if err != nil {
		return nil, fmt.Errorf("list the active tasks of %s: %w", queue, err)
	}
	return ids, nil
}

// listPage is the number of pending tasks that are read in one round trip.
const listPage = 5000

// PendingTasks visits the tasks that wait in the list of a queue. Tasks leave the list at its other end while it
// is read, so it may visit one twice, and it misses none that is in the list from the beginning to the end.
func PendingTasks(ctx context.Context, rdb *redis.Client, queue string, visit func(id string)) error {
	for from := int64(0); ; from += listPage {
		ids, err := rdb.LRange(ctx, QueueKey(queue, Pending), from, from+listPage-1).Result()
		if err != nil {
			return fmt.Errorf("list the pending tasks of %s: %w", queue, err)
		}
		for _, id := range ids {
			visit(id)
		}
		if len(ids) < listPage {
			return nil
		}
	}
}
