package asynqx

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// TaskRef names a task.
type TaskRef struct{ Queue, ID string }

// Placement is where a task stands in Redis.
type Placement struct {
	// State is such as [Pending]. It is empty if there is no task of this id.
	State string
	// Lost says that the task's message, or its entry in the list of its state, is gone. Asynq never runs such a
	// task, and refuses to enqueue its id. Of a pending task, only [PendingTasks] can tell.
	Lost bool
	// PendingSince is Asynq's text of when a pending task entered its list; empty if it was put back there.
	PendingSince string
}

// EnteredAfter reports whether a pending task entered its list after a time. It is false for one that was put back.
func (p Placement) EnteredAfter(t time.Time) bool {
	nanoseconds, err := strconv.ParseInt(p.PendingSince, 10, 64)
	return err == nil && nanoseconds > t.UnixNano()
}

// place is the part of the scripts that looks at one task. A key of another type holds nothing.
const place = `
local active, lease = KEYS[1], KEYS[2]
local sets = {scheduled = KEYS[3], retry = KEYS[4], archived = KEYS[5], completed = KEYS[6]}
local pending, prefix = KEYS[7], ARGV[1]
local function read(...)
	local reply = redis.pcall(...)
	if type(reply) == "table" and reply.err then
		if not string.find(reply.err, "WRONGTYPE", 1, true) then error(reply.err) end
		return false
	end
	return reply
end
local function place(id)
	local hash = read("HMGET", prefix .. id, "state", "msg", "pending_since")
	if not hash then return "unknown", 1, "" end
	local state, message, since = hash[1], hash[2], hash[3] or ""
	if not state and not message then
		return redis.call("EXISTS", prefix .. id) == 1 and "unknown" or "", redis.call("EXISTS", prefix .. id), ""
	end
	local lost = not state or not message
	if state == "active" then
		lost = lost or not read("LPOS", active, id) or not read("ZSCORE", lease, id)
	elseif sets[state] then
		lost = lost or not read("ZSCORE", sets[state], id)
	end
	return state or "unknown", lost and 1 or 0, since
end
`

var placeAll = redis.NewScript(place + `
local found = {}
for i = 2, #ARGV do
	local state, lost, since = place(ARGV[i])
	found[i - 1] = {state, lost, since}
end
return found
`)

// free deletes tasks that are lost, and pending ones that the caller missed in their list. Of a task that does not exist
// it deletes the lease. The id stays in the active list: if the enqueue that follows fails, a later search finds it there. When the new task ends, Asynq removes
// every copy.
var free = redis.NewScript(place + `
local freed = {}
for i = 2, #ARGV, 2 do
	local id = ARGV[i]
	local state, lost, since = place(id)
	if state == "" then
		read("ZREM", lease, id)
		freed[#freed + 1] = id
	elseif lost == 1 or state == "pending" and since == ARGV[i + 1] then
		local queued = not read("HEXISTS", prefix .. id, "msg") or redis.call("HEXISTS", prefix .. id, "msg") == 0
		redis.call("DEL", prefix .. id)
		if queued then read("LREM", pending, 0, id) end
		read("ZREM", lease, id)
		for _, set in pairs(sets) do read("ZREM", set, id) end
		freed[#freed + 1] = id
	end
end
return freed
`)

// placeChunk is the number of tasks that one script looks at. It bounds how long Redis is busy with it.
const placeChunk = 500

func placeKeys(queue string) []string {
	keys := []string{}
	for _, part := range []string{Active, lease, Scheduled, Retry, Archived, Completed, Pending} {
		keys = append(keys, QueueKey(queue, part))
	}
	return keys
}

// Placements looks at tasks of a queue.
func Placements(ctx context.Context, rdb *redis.Client, queue string, ids []string) ([]Placement, error) {
	found := make([]Placement, 0, len(ids))
	for chunk := range slices.Chunk(ids, placeChunk) {
		args := []any{TaskKey(queue, "")}
		for _, id := range chunk {
			args = append(args, id)
		}
		replies, err := placeAll.Run(ctx, rdb, placeKeys(queue), args...).Slice()
		if err != nil {
			return nil, fmt.Errorf("look for %d tasks in Redis: %w", len(ids), err)
		}
		for _, reply := range replies {
			fields, _ := reply.([]any) // the script returns nothing else
			p := Placement{}
			p.State, _ = fields[0].(string)
			lost, _ := fields[1].(int64)
			p.Lost = lost == 1
			p.PendingSince, _ = fields[2].(string)
			found = append(found, p)
		}
	}
	return found, nil
}

// Free deletes what is left of the tasks that are lost or do not exist, so that they can be enqueued again, and returns
// their ids. A pending task counts as lost if it is still pending since the given time. Tasks that have moved on stay.
//
// A lease must not stay: Asynq's recoverer takes a new task with an old lease for one whose worker died, and retries it
// while it also runs.
func Free(ctx context.Context, rdb *redis.Client, queue string, tasks map[string]Placement) (freed []string, err error) {
	const moved = "-" // no pending task has this time
	args := []any{}
	for id, p := range tasks {
		since := moved
		if p.State == Pending && !p.Lost {
			since = p.PendingSince
		}
		args = append(args, id, since)
	}
	for chunk := range slices.Chunk(args, 2*placeChunk) {
		ids, err := free.Run(ctx, rdb, placeKeys(queue), append([]any{TaskKey(queue, "")}, chunk...)...).StringSlice()
		if err != nil {
			return freed, fmt.Errorf("delete %d lost tasks: %w", len(tasks), err)
		}
		freed = append(freed, ids...)
	}
	return freed, nil
}
