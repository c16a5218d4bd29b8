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
	Database   string             // and to this database of it
	Pipeline   string             // hash of the pipeline the token was made with
}

// Fields of the checkpoint's hash in Redis.
const (
	fieldToken      = "token"
	fieldPosition   = "position"
	fieldReplicaSet = "replicaSetId"
	fieldPipeline   = "pipeline"
	fieldSavedAt    = "savedAt"
)

// of reports whether the checkpoint is of this database of this replica set.
func (c *checkpoint) of(replicaSet, database string) bool {
	return c.ReplicaSet == replicaSet && (c.Database == database || c.Database == "") // "": written by an older version
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
	position, err := grapevine.ParsePosition(fields[fieldPosition])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUndecodable, err)
	}
	cp := &checkpoint{
		Token: fields[fieldToken], Position: position, ReplicaSet: fields[fieldReplicaSet],
		Database: fields["database"], Pipeline: fields[fieldPipeline],
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

// errRestarted says that the effects may have been lost after they were had: see [checkpoints.server].
var errRestarted = errors.New("redis was restarted, or failed over, since the effects")

// serverLua is the run id of this redis-server; ” where our user may not ask.
const serverLua = `
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
`

var serverScript = redis.NewScript(serverLua + `return server`)

// server names the running redis-server. One that is restarted, or a replica that takes over, has
// another name. It may have lost the effects of the batch in hand and still have the checkpoint before
// them; moving that would lose them for good. So the checkpoint moves only on the server that had
// the effects, and else they are had again.
func (c *checkpoints) server(ctx context.Context) (string, error) {
	server, err := serverScript.Run(ctx, c.rdb, nil).Text()
	if err != nil {
		return "", fmt.Errorf("ask which redis-server this is: %w", err)
	}
	return server, nil
}

// saveScript moves the checkpoint if the lease still holds our nonce and the checkpoint is still the
// one we know (or already the new one, when the answer to a first try was lost). ARGV[2] "*" takes
// whatever is there. A key that somebody gave another type counts as gone, here and in every script.
var saveScript = redis.NewScript(serverLua + `
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 'FENCED' end
if ARGV[2] ~= '*' then
  local have = redis.pcall('HGET', KEYS[2], 'position')
  if have ~= ARGV[2] and have ~= ARGV[4] then return 'TAIL' end
end
if server ~= ARGV[8] then return 'RESTARTED' end
if ARGV[2] == '*' then redis.call('DEL', KEYS[2]) end
redis.call('HSET', KEYS[2], 'token', ARGV[3], 'position', ARGV[4], 'replicaSetId', ARGV[5], 'pipeline', ARGV[6], 'savedAt', ARGV[7], 'database', ARGV[9])
return 'OK'`)

// save moves the checkpoint from known to cp; a nil known replaces whatever is there. Its errors are
// [grapevine.ErrFenced], [grapevine.ErrTailLost] (Redis holds an older checkpoint than we wrote),
// errRestarted (it is not the server that had the effects), or Redis being away.
func (c *checkpoints) save(ctx context.Context, nonce, server string, known *checkpoint, cp checkpoint) error {
	from := "*"
	if known != nil {
		from = known.Position.String()
	}
	said, err := saveScript.Run(ctx, c.rdb, []string{c.leaseKey, c.key}, nonce, from,
		cp.Token, cp.Position.String(), cp.ReplicaSet, cp.Pipeline, time.Now().UTC().Format(time.RFC3339Nano), server, cp.Database).Text()
	switch {
	case err != nil:
		return fmt.Errorf("move the checkpoint: %w", err)
	case said == "FENCED":
		return fmt.Errorf("move the checkpoint: %w", grapevine.ErrFenced)
	case said == "RESTARTED":
		return fmt.Errorf("move the checkpoint: %w", errRestarted)
	case said == "TAIL":
		return fmt.Errorf("move the checkpoint: %w", grapevine.ErrTailLost)
	}
	return nil
}
