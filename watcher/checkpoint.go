package watcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// checkpoint is how far everything has been applied. Token is empty where streaming starts at a time
// and not after an event: just after a reconcile.
type checkpoint struct {
	Token      string             // _data of the resume token
	Position   grapevine.Position // of the last applied change; its N counts on inside a transaction
	ReplicaSet string             // the checkpoint belongs to this replica set
	Pipeline   string             // hash of the pipeline the token was made with
}

// errUndecodable says that there is a checkpoint nobody can read: its history is lost. A Redis that
// does not answer is another error, and only a reason to try again.
var errUndecodable = errors.New("checkpoint is undecodable")

// checkpoints keeps the checkpoint beside the job queue and the history in the same Redis: one that
// loses its tail rolls all of them back together, and the replay heals it.
type checkpoints struct {
	rdb      *redis.Client
	key      string
	leaseKey string
}

// load returns nil where there is none.
func (c *checkpoints) load(ctx context.Context) (*checkpoint, error) {
	fields, err := c.rdb.HGetAll(ctx, c.key).Result()
	switch {
	case err != nil && redis.HasErrorPrefix(err, "WRONGTYPE"):
		return nil, fmt.Errorf("%w: %s is not a hash", errUndecodable, c.key)
	case err != nil:
		return nil, fmt.Errorf("read the checkpoint: %w", err)
	case len(fields) == 0:
		return nil, nil
	}
	return decodeCheckpoint(fields)
}

func decodeCheckpoint(fields map[string]string) (*checkpoint, error) {
	position, err := grapevine.ParsePosition(fields["position"])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUndecodable, err)
	}
	cp := &checkpoint{
		Token: fields["token"], Position: position, ReplicaSet: fields["replicaSetId"], Pipeline: fields["pipeline"],
	}
	if cp.Token == "" {
		return cp, nil
	}
	at, err := tokenTime(cp.Token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUndecodable, err)
	}
	// A token of another time than its position was put there by hand or belongs to something else;
	// one from the future opens cleanly and then stays silent for ever.
	if at.Time != position.Time {
		return nil, fmt.Errorf("%w: its token is of %s, its position %s", errUndecodable, at, position)
	}
	return cp, nil
}

// saveScript moves the checkpoint if the lease still holds our nonce and the checkpoint is still the
// one we know (or already the new one, when the answer to a first try was lost). ARGV[2] "*" takes
// whatever is there.
var saveScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'FENCED' end
if ARGV[2] == '*' then
  redis.call('DEL', KEYS[2])
else
  local have = redis.call('HGET', KEYS[2], 'position')
  if have ~= ARGV[2] and have ~= ARGV[4] then return 'TAIL' end
end
redis.call('HSET', KEYS[2], 'token', ARGV[3], 'position', ARGV[4], 'replicaSetId', ARGV[5], 'pipeline', ARGV[6], 'savedAt', ARGV[7])
return 'OK'`)

// save moves the checkpoint from known to cp; a nil known replaces whatever is there. Its errors are
// [grapevine.ErrFenced], [grapevine.ErrTailLost] (Redis holds an older checkpoint than we wrote), or
// Redis being away.
func (c *checkpoints) save(ctx context.Context, nonce string, known *checkpoint, cp checkpoint) error {
	from := "*"
	if known != nil {
		from = known.Position.String()
	}
	said, err := saveScript.Run(ctx, c.rdb, []string{c.leaseKey, c.key}, nonce, from,
		cp.Token, cp.Position.String(), cp.ReplicaSet, cp.Pipeline, time.Now().UTC().Format(time.RFC3339Nano)).Text()
	switch {
	case err != nil:
		return fmt.Errorf("move the checkpoint: %w", err)
	case said == "FENCED":
		return fmt.Errorf("move the checkpoint: %w", grapevine.ErrFenced)
	case said == "TAIL":
		return fmt.Errorf("move the checkpoint: %w", grapevine.ErrTailLost)
	}
	return nil
}
