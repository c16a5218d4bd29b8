package jobs

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// A hollow task is one whose hash has no message: it was evicted or deleted by hand, and Asynq's own
// HSET of a state made the hash anew. It never runs, its id conflicts forever, and Asynq's recoverer
// passes it over. Its id tells what it was.

// rebuild enqueues the hollow tasks that workers took, and answers how many there were.
func (q *Queue) rebuild(ctx context.Context) (rebuilt int, err error) {
	for _, queue := range []string{queueWelcome, queueDigest} {
		hollow, err := q.hollow(ctx, queue)
		if err != nil {
			return rebuilt, err
		}
		for _, t := range hollow {
			switch cleared, err := makeWay(ctx, q.rdb, t); {
			case err != nil:
				return rebuilt, err
			case !cleared:
				continue // it finished while we looked
			}
			if _, err := q.enqueue(ctx, []task{t}); err != nil {
				return rebuilt, err
			}
			rebuilt++
			q.metrics.rebuilt.Inc()
		}
	}
	return rebuilt, nil
}

// hollow lists the hollow tasks among the active ones of a queue.
func (q *Queue) hollow(ctx context.Context, queue string) (tasks []task, err error) {
	ids, err := q.rdb.LRange(ctx, queueKey(queue, "active"), 0, 9_999).Result()
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	whole := make([]*redis.BoolCmd, len(ids))
	_, err = q.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			whole[i] = p.HExists(ctx, taskKey(queue, id), "msg")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look at active tasks: %w", err)
	}
	for i, id := range ids {
		if t, ours := parseTaskID(id); ours && t.queue() == queue && !whole[i].Val() {
			tasks = append(tasks, t)
		}
	}
	return tasks, nil
}

// clearHollow makes way for a hollow task's successor. It leaves a task that has its message alone,
// and answers 0 for it and for one there is no trace of.
//
// The id stays in the active list: if the enqueue that follows fails, [Queue.rebuild] finds it there
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
