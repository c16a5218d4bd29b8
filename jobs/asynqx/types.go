package asynqx

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// keyTypes are the types of a queue's keys.
var keyTypes = map[string]string{
	Pending: "list", Active: "list", lease: "zset", Scheduled: "zset", Retry: "zset", Archived: "zset", Completed: "zset",
	paused: "string", "processed": "string", "failed": "string",
}

var deleteWrongTypes = redis.NewScript(`
local deleted = {}
for i, key in ipairs(KEYS) do
	local found = redis.call("TYPE", key).ok
	if found ~= "none" and found ~= ARGV[i] then
		redis.call("DEL", key)
		deleted[#deleted + 1] = key
	end
end
return deleted
`)

// DeleteWrongTypes deletes the keys of the queues that have another type than Asynq gives them, and returns their
// names. Every command of Asynq on such a key fails, and it holds nothing of Asynq's.
func DeleteWrongTypes(ctx context.Context, rdb *redis.Client, queues ...string) (deleted []string, err error) {
	keys, types := []string{allQueues}, []any{"set"}
	for _, queue := range queues {
		for part, name := range keyTypes {
			keys, types = append(keys, QueueKey(queue, part)), append(types, name)
		}
	}
	deleted, err = deleteWrongTypes.Run(ctx, rdb, keys, types...).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("check the types of Asynq's keys: %w", err)
	}
	return deleted, nil
}
