package asynqx

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// TaskRef names a task.
type TaskRef struct{ Queue, ID string }

// TaskState is the state of a task in Redis. An orphaned task has a state and no message.
type TaskState struct {
	State      string // such as [Pending]; empty if the task does not exist
	HasMessage bool
}

// States reads the states of tasks in one round trip.
func States(ctx context.Context, rdb *redis.Client, tasks []TaskRef) ([]TaskState, error) {
	states := make([]*redis.StringCmd, len(tasks))
	messages := make([]*redis.BoolCmd, len(tasks))
	_, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, t := range tasks {
			key := TaskKey(t.Queue, t.ID)
			states[i] = p.HGet(ctx, key, fieldState)
			messages[i] = p.HExists(ctx, key, fieldMessage)
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("read the states of %d tasks: %w", len(tasks), err)
	}
	found := make([]TaskState, len(tasks))
	for i := range tasks {
		found[i] = TaskState{State: states[i].Val(), HasMessage: messages[i].Val()}
	}
	return found, nil
}

// maxActive is far above the number of tasks that all workers of a queue run at once.
const maxActive = 10_000

// ActiveTasks lists the tasks that workers have taken.
func ActiveTasks(ctx context.Context, rdb *redis.Client, queue string) ([]TaskRef, error) {
	ids, err := rdb.LRange(ctx, QueueKey(queue, Active), 0, maxActive-1).Result()
	if err != nil {
		return nil, fmt.Errorf("list the active tasks of %s: %w", queue, err)
	}
	tasks := make([]TaskRef, len(ids))
	for i, id := range ids {
		tasks[i] = TaskRef{Queue: queue, ID: id}
	}
	return tasks, nil
}

// deleteOrphan frees the id of an orphaned task. It returns 0 for a task that has its message, and for one
// that left no trace.
//
// The id stays in the active list. If the enqueue that follows fails, a later search for orphans finds it
// there again. When the new task ends, Asynq removes every copy.
var deleteOrphan = redis.NewScript(`
local task, active, pending, lease = unpack(KEYS)
local id = ARGV[1]
if redis.call("HEXISTS", task, "msg") == 1 then return 0 end
local found = redis.call("DEL", task)
if redis.call("LPOS", active, id) then found = 1 end
found = found + redis.call("LREM", pending, 0, id)
redis.call("ZREM", lease, id)
return found
`)

// DeleteOrphan frees the id of an orphaned task, so that it can be enqueued again. deleted is false if the
// task has its message, or left no trace.
func DeleteOrphan(ctx context.Context, rdb *redis.Client, t TaskRef) (deleted bool, err error) {
	keys := []string{TaskKey(t.Queue, t.ID), QueueKey(t.Queue, Active), QueueKey(t.Queue, Pending), QueueKey(t.Queue, lease)}
	n, err := deleteOrphan.Run(ctx, rdb, keys, t.ID).Int()
	if err != nil {
		return false, fmt.Errorf("delete the orphaned task %s: %w", t.ID, err)
	}
	return n > 0, nil
}
