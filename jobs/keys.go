package jobs

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Asynq's keys, where its API has no call that takes a whole batch. TestKeysAreAsynqs holds them
// against its Inspector, so that an upgrade which moves them fails there.
const allQueues = "asynq:queues"

func queueKey(queue, part string) string { return "asynq:{" + queue + "}:" + part }
func taskKey(queue, id string) string    { return queueKey(queue, "t:"+id) }

// publish makes the queues known to whoever lists them. Asynq's client does so once in its life, so
// after a FLUSHALL its queues would hold tasks that no dashboard shows.
func publish(ctx context.Context, rdb *redis.Client) error {
	if err := rdb.SAdd(ctx, allQueues, queueWelcome, queueDigest).Err(); err != nil {
		return fmt.Errorf("publish the queues: %w", err)
	}
	return nil
}

// clearHollow makes way for a task whose hash has no message: evicted, deleted by hand, or made anew
// by Asynq's own HSET of a state. Such a task never runs, and its id conflicts forever. It leaves a
// task that has its message alone, and answers 0 for it and for one there is no trace of.
//
// The id stays in the active list: if the enqueue that follows fails, [Queue.Rebuild] finds it there
// again, and when the new task ends Asynq removes every copy.
const clearHollow = `
if redis.call("HEXISTS", KEYS[1], "msg") == 1 then return 0 end
local found = redis.call("DEL", KEYS[1])
if redis.call("LPOS", KEYS[2], ARGV[1]) then found = 1 end
found = found + redis.call("LREM", KEYS[3], 0, ARGV[1])
redis.call("ZREM", KEYS[4], ARGV[1])
return found
`

func makeWay(ctx context.Context, rdb *redis.Client, t task) (cleared bool, err error) {
	q := t.queue()
	keys := []string{taskKey(q, t.id), queueKey(q, "active"), queueKey(q, "pending"), queueKey(q, "lease")}
	n, err := rdb.Eval(ctx, clearHollow, keys, t.id).Int()
	if err != nil {
		return false, fmt.Errorf("clear away task %s, which lost its message: %w", t.id, err)
	}
	return n > 0, nil
}
