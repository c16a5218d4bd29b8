package forms

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
)

// named are the contacts that have to be formed: a sorted set of their ids, each by the time of the newest change that
// named it. A contact that is named again while it is being formed keeps its name, because the time differs.
type named struct {
	rdb *redis.Client
	key string
}

// incrementBits are the bits of a score that number the changes of one second.
const incrementBits = 21

// nameOf is the entry of a contact. Its score is the change's time, which a float64 holds exactly.
func nameOf(id string, at grapevine.Position) redis.Z {
	return redis.Z{Member: id, Score: float64(uint64(at.T())<<incrementBits | min(uint64(at.I()), 1<<incrementBits-1))}
}

// add names contacts.
func (n *named) add(ctx context.Context, names []redis.Z) error {
	if len(names) == 0 {
		return nil
	}
	if err := n.rdb.ZAdd(ctx, n.key, names...).Err(); err != nil {
		return fmt.Errorf("name the contacts to form: %w", redisx.NameKeys(err, n.key))
	}
	return nil
}

// some returns the named contacts of the oldest changes, the first one first, and of the newest.
func (n *named) some(ctx context.Context, oldest, newest int64) ([]redis.Z, error) {
	pipe := n.rdb.Pipeline()
	first, last := pipe.ZRangeWithScores(ctx, n.key, 0, oldest-1), pipe.ZRevRangeWithScores(ctx, n.key, 0, newest-1)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read the contacts to form: %w", redisx.NameKeys(err, n.key))
	}
	found := first.Val()
	for _, name := range last.Val() {
		if !slices.ContainsFunc(found, func(other redis.Z) bool { return other.Member == name.Member }) {
			found = append(found, name)
		}
	}
	return found, nil
}

// count is the number of named contacts.
func (n *named) count(ctx context.Context) (int64, error) {
	count, err := n.rdb.ZCard(ctx, n.key).Result()
	if err != nil {
		return 0, fmt.Errorf("count the contacts to form: %w", redisx.NameKeys(err, n.key))
	}
	return count, nil
}

var removeScript = redis.NewScript(`
for i = 1, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) == tonumber(ARGV[i + 1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
return 0`)

// remove takes away the names that no later change has given again.
func (n *named) remove(ctx context.Context, names []redis.Z) error {
	args := make([]any, 0, 2*len(names))
	for _, name := range names {
		args = append(args, name.Member, name.Score)
	}
	if err := removeScript.Run(ctx, n.rdb, []string{n.key}, args...).Err(); err != nil {
		return fmt.Errorf("take away the names of formed contacts: %w", redisx.NameKeys(err, n.key))
	}
	return nil
}
