package forms

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
)

const keyUnformed = grapevine.KeyUnformed

// named are the contacts that have to be formed: a hash of their ids, each with the position of the newest change that
// named it. A contact that is named again while it is being formed keeps its name, because the position differs.
type named struct {
	rdb *redis.Client
	key string
}

// add names contacts. positions is a list of ids, each followed by its position.
func (n *named) add(ctx context.Context, positions []any) error {
	if len(positions) == 0 {
		return nil
	}
	if err := n.rdb.HSet(ctx, n.key, positions...).Err(); err != nil {
		return fmt.Errorf("name the contacts to form: %w", redisx.NameKeys(err, n.key))
	}
	return nil
}

// some returns up to n named contacts.
func (n *named) some(ctx context.Context, limit int) ([]redis.KeyValue, error) {
	found, err := n.rdb.HRandFieldWithValues(ctx, n.key, limit).Result()
	if err != nil {
		return nil, fmt.Errorf("read the contacts to form: %w", redisx.NameKeys(err, n.key))
	}
	return found, nil
}

// count is the number of named contacts.
func (n *named) count(ctx context.Context) (int64, error) {
	count, err := n.rdb.HLen(ctx, n.key).Result()
	if err != nil {
		return 0, fmt.Errorf("count the contacts to form: %w", redisx.NameKeys(err, n.key))
	}
	return count, nil
}

var removeScript = redis.NewScript(`
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 0`)

// remove takes away the names that no later change has given again.
func (n *named) remove(ctx context.Context, found []redis.KeyValue) error {
	args := make([]any, 0, 2*len(found))
	for _, one := range found {
		args = append(args, one.Key, one.Value)
	}
	if err := removeScript.Run(ctx, n.rdb, []string{n.key}, args...).Err(); err != nil {
		return fmt.Errorf("take away the names of formed contacts: %w", redisx.NameKeys(err, n.key))
	}
	return nil
}
