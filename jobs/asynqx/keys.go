// Package asynqx works on Asynq's keys in Redis where Asynq's API is not enough: it has no call for a whole
// batch, none that takes a context, and none for a task without a message. It knows nothing of the product.
//
// The keys are private to Asynq. TestKeysAreAsynqs in jobs compares them with asynq.Inspector. It fails if an upgrade
// of Asynq renames a key.
package asynqx

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"
)

const allQueues = "asynq:queues"

// Lists and sorted sets of a queue, by the state of their tasks.
const (
	Pending   = "pending"   // list
	Active    = "active"    // list
	Scheduled = "scheduled" // sorted set
	Retry     = "retry"     // sorted set
	Archived  = "archived"  // sorted set
	Completed = "completed" // sorted set
)

const (
	lease  = "lease"  // sorted set of the active tasks by the expiry of their lease
	paused = "paused" // string, while workers must not take tasks of the queue
)

// QueueKey is the key of one part of a queue, such as [Pending].
func QueueKey(queue, part string) string { return "asynq:{" + queue + "}:" + part }

// TaskKey is the key of a task's hash.
func TaskKey(queue, id string) string { return QueueKey(queue, "t:"+id) }

// Register lists the queues in Redis, for dashboards and for [Missing]. Asynq's client does so only once
// in its life, so after a FLUSHALL its queues would hold tasks that no dashboard shows. A queue that was deleted
// loses its pause, which Asynq leaves behind: nobody could see why its tasks do not run.
func Register(ctx context.Context, rdb *redis.Client, queues ...string) error {
	missing, err := Missing(ctx, rdb, queues...)
	if err != nil {
		return err
	}
	_, err = rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		for _, queue := range missing {
			p.Del(ctx, QueueKey(queue, paused))
		}
		p.SAdd(ctx, allQueues, queues)
		return nil
	})
	if err != nil {
		return fmt.Errorf("register the queues %q: %w", queues, err)
	}
	return nil
}

// Missing lists those of the queues that are not registered. A registered queue goes missing only if
// somebody deletes Asynq's keys or the queue.
func Missing(ctx context.Context, rdb *redis.Client, queues ...string) ([]string, error) {
	registered, err := rdb.SMembers(ctx, allQueues).Result()
	if err != nil {
		return nil, fmt.Errorf("list the registered queues: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(queues), func(q string) bool { return slices.Contains(registered, q) }), nil
}
