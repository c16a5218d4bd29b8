package watcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
)

// checkpoint is the point in the change stream up to which everything has been applied.
type checkpoint struct {
	Token      string             // _data of the resume token of the last event; empty: start at Position
	Position   grapevine.Position // of the last applied change of contacts or heartbeat; its N is counted on
	ReplicaSet string             // the checkpoint belongs to this replica set
	Pipeline   string             // hash of the pipeline that made the token

	// Inclusive, without a token: the changes at Position's time are still to be applied. It is not stored.
	Inclusive bool
}

// Fields of the checkpoint's hash in Redis.
const (
	fieldToken      = "token"
	fieldPosition   = "position"
	fieldReplicaSet = "replicaSetId"
	fieldPipeline   = "pipeline"
	fieldSavedAt    = "savedAt"
)

// time is the newest cluster time that the checkpoint knows of.
func (c *checkpoint) time() uint64 {
	at, err := tokenTime(c.Token)
	if err != nil {
		return c.Position.Time
	}
	return max(at.Time, c.Position.Time)
}

// Errors of checkpoints. If Redis does not answer, the error is another one and only a reason to retry.
var (
	errUndecodable     = errors.New("the checkpoint is undecodable")                                 // the history is lost
	errServerRestarted = errors.New("redis restarted or failed over since the effects were applied") // see [serverID]
)

// checkpoints keeps the checkpoint in the same Redis as the job queue and the event log. A Redis that loses
// its last writes rolls all of them back together, and applying the changes again repairs them.
type checkpoints struct {
	rdb      *redis.Client
	key      string
	leaseKey string
}

// load returns nil if there is no checkpoint.
func (c *checkpoints) load(ctx context.Context) (*checkpoint, error) {
	fields, err := c.rdb.HGetAll(ctx, c.key).Result()
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the checkpoint: %w", redisx.NameKeys(err, c.key))
	case len(fields) == 0:
		return nil, nil
	}
	return decodeCheckpoint(fields)
}

func decodeCheckpoint(fields map[string]string) (*checkpoint, error) {
	position, err := grapevine.ParsePosition(fields[fieldPosition])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUndecodable, err)
	}
	cp := &checkpoint{
		Token: fields[fieldToken], Position: position, ReplicaSet: fields[fieldReplicaSet], Pipeline: fields[fieldPipeline],
	}
	if cp.Token == "" {
		return cp, nil
	}
	at, err := tokenTime(cp.Token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUndecodable, err)
	}
	if at.Time < position.Time {
		return nil, fmt.Errorf("%w: its token is of %s, before its position %s", errUndecodable, at, position)
	}
	return cp, nil
}

// saveScript moves the checkpoint if the lease holds our nonce and the checkpoint is the one we know. It may
// already be the new one, if the reply to a first try was lost. ARGV[2] "*" replaces any checkpoint.
var saveScript = redis.NewScript(serverIDLua + `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'FENCED' end
if ARGV[2] ~= '*' then
  local position = redis.call('HGET', KEYS[2], 'position')
  if position ~= ARGV[2] and position ~= ARGV[4] then return 'TAIL' end
end
if server_id ~= ARGV[8] then return 'RESTARTED' end
if ARGV[2] == '*' then redis.call('DEL', KEYS[2]) end
redis.call('HSET', KEYS[2], 'token', ARGV[3], 'position', ARGV[4], 'replicaSetId', ARGV[5], 'pipeline', ARGV[6], 'savedAt', ARGV[7])
return 'OK'`)

// save moves the checkpoint from known to next; a nil known replaces any checkpoint. Its errors are
// [grapevine.ErrFenced], [grapevine.ErrTailLost] (Redis holds an older checkpoint than we wrote),
// errServerRestarted, or that of an unreachable Redis.
func (c *checkpoints) save(ctx context.Context, nonce string, server serverID, known *checkpoint, next checkpoint) error {
	from := "*"
	if known != nil {
		from = known.Position.String()
	}
	keys := []string{c.leaseKey, c.key}
	reply, err := saveScript.Run(ctx, c.rdb, keys, nonce, from,
		next.Token, next.Position.String(), next.ReplicaSet, next.Pipeline, time.Now().UTC().Format(time.RFC3339Nano), string(server)).Text()
	switch {
	case err != nil:
		err = redisx.NameKeys(err, keys...)
	case reply == "FENCED":
		err = grapevine.ErrFenced
	case reply == "RESTARTED":
		err = errServerRestarted
	case reply == "TAIL":
		err = grapevine.ErrTailLost
	default:
		return nil
	}
	return fmt.Errorf("move the checkpoint: %w", err)
}
