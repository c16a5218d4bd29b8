package jobs

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// Asynq's keys, where its API has no call that takes a whole batch. TestKeysAreAsynqs holds them
// against its Inspector, so that an upgrade which moves them fails there.
const allQueues = "asynq:queues"

func queueKey(queue, part string) string { return "asynq:{" + queue + "}:" + part }
func taskKey(queue, id string) string    { return queueKey(queue, "t:"+id) }

// publish makes the queues known to whoever lists them, and to [published]. Asynq's client does so once
// in its life, so after a FLUSHALL its queues would hold tasks that no dashboard shows.
func publish(ctx context.Context, rdb *redis.Client) error {
	if err := rdb.SAdd(ctx, allQueues, queueWelcome, queueDigest).Err(); err != nil {
		return fmt.Errorf("publish the queues: %w", err)
	}
	return nil
}

// published is [grapevine.ErrTailLost] where nobody knows of any queue: somebody deleted Asynq's keys,
// and with them tasks whose changes are checkpointed and do not come again.
func published(ctx context.Context, rdb *redis.Client) error {
	switch n, err := rdb.Exists(ctx, allQueues).Result(); {
	case err != nil:
		return fmt.Errorf("look for the queues: %w", err)
	case n == 0:
		return fmt.Errorf("the queues are gone: %w", grapevine.ErrTailLost)
	}
	return nil
}
