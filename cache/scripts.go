package cache

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/cache/rollback"
)

// A scope is one hash in Redis:
//
//	lease   <epoch>/<random>: the reader that got it at a miss may store values while the scope has it
//	size    bytes of all values
//	=<name> a value
//
// The key cache:epoch is "<generation>:<purges>", the number of times that everything was invalidated. Values
// of another epoch are not served. The key cache:at is the position of the newest invalidation.
var (
	//go:embed get.lua
	getLua string
	//go:embed fill.lua
	fillLua string
	//go:embed raise.lua
	raiseLua string
	//go:embed invalidate.lua
	invalidateLua string
	//go:embed invalidate_all.lua
	invalidateAllLua string
)

// allowOOM lets a script run while Redis is out of memory. Jobs may then wait, but the cache must not become
// stale.
const allowOOM = "#!lua flags=allow-oom\n"

var (
	getScript           = redis.NewScript(getLua)
	fillScript          = redis.NewScript(fillLua)
	invalidateScript    = redis.NewScript(allowOOM + grapevine.PositionLua + raiseLua + invalidateLua)
	invalidateAllScript = redis.NewScript(allowOOM + grapevine.PositionLua + raiseLua + invalidateAllLua)
)

// What the fill script returns.
const (
	outcomeStored = "stored"
	outcomeFull   = "full"
)

// getReply is Redis' answer to a read.
type getReply struct {
	version rollback.Version
	hit     bool
	value   []byte // of a hit
	lease   string // of a miss
}

func (c *Cache) get(ctx context.Context, scope, field string) (getReply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	items, err := getScript.Run(ctx, c.rdb, []string{c.scopeKey(scope), c.epochKey, c.positionKey},
		fieldName(field), rand.Text(), c.cfg.TTL.Milliseconds()).Slice()
	if err != nil {
		return getReply{}, err
	}
	return parseGetReply(items)
}

func parseGetReply(items []any) (getReply, error) {
	if len(items) != 4 {
		return getReply{}, fmt.Errorf("the get script returned %d items instead of 4", len(items))
	}
	epoch, _ := items[0].(string)
	position, _ := items[1].(string)
	hit, _ := items[2].(int64)
	text, ok := items[3].(string)
	if !ok {
		return getReply{}, fmt.Errorf("the get script returned a %T instead of text", items[3])
	}
	version, err := parseVersion(epoch, position)
	if err != nil {
		return getReply{}, err
	}
	if hit == 1 {
		return getReply{version: version, hit: true, value: []byte(text)}, nil
	}
	return getReply{version: version, lease: text}, nil
}

func parseVersion(epoch, position string) (v rollback.Version, err error) {
	generation, purges, _ := strings.Cut(epoch, ":")
	v.Generation = generation
	if v.PurgeCount, err = strconv.ParseUint(purges, 10, 64); err != nil {
		return v, fmt.Errorf("the cache's epoch %.64q is not <generation>:<purges>", epoch)
	}
	if position != "" {
		v.Position, err = grapevine.ParsePosition(position)
	}
	return v, err
}

func (c *Cache) runFill(ctx context.Context, scope, field, lease string, value []byte) (outcome string, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	return fillScript.Run(ctx, c.rdb, []string{c.scopeKey(scope)},
		lease, fieldName(field), value, c.cfg.MaxFields, c.cfg.MaxScope).Text()
}

func (c *Cache) scopeKey(scope string) string { return c.prefix + scope }

// fieldName keeps the callers' names apart from lease and size.
func fieldName(field string) string { return "=" + field }
