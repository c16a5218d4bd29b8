package cache

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// A scope is one hash:
//
//	lease   <epoch>/<random>: who got it at a miss may fill, for as long as it stands here
//	size    bytes filled in so far
//	=<name> a value
//
// cache:epoch is "<lineage>:<purges>". A purge raises the number and so disowns every scope at once,
// without a SCAN; a lineage ends when the history it belongs to does (FLUSHALL, or Restart).
// cache:at is the position of the newest invalidation.
//
// Positions are compared as the decimal texts they are: Lua's numbers are doubles, and round them.
//
// An epoch that somebody overwrote with something else is made anew; a position is replaced by the next
// change, and until then nobody can say what a load has to be after.

// getScript answers a read: {epoch, at, 1, value} or {epoch, at, 0, lease}.
//
// It removes a scope only where there is one: Redis lets a script that has written go on although it
// is out of memory, and a new lease must then be refused.
var getScript = redis.NewScript(`
local epoch = redis.pcall('GET', KEYS[2])
if type(epoch) ~= 'string' or not string.match(epoch, '^.+:%d+$') then
  epoch = ARGV[2] .. ':0'
  redis.call('SET', KEYS[2], epoch)
end
local at = redis.pcall('GET', KEYS[3]) or ''
if type(at) ~= 'string' then at = 'of another type' end
local scope = redis.call('HMGET', KEYS[1], 'lease', ARGV[1])
local lease = scope[1]
if lease and string.sub(lease, 1, #epoch + 1) == epoch .. '/' then
  if scope[2] then return {epoch, at, 1, scope[2]} end
  return {epoch, at, 0, lease}
end
if lease then redis.call('UNLINK', KEYS[1]) end
lease = epoch .. '/' .. ARGV[2]
redis.call('HSET', KEYS[1], 'lease', lease)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {epoch, at, 0, lease}
`)

// fillScript keeps a value if the scope has not been forgotten since the miss: then its lease is
// another one, or gone with it.
var fillScript = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'lease') ~= ARGV[1] then return 'refused' end
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) + 2 then return 'full' end
if redis.call('HINCRBY', KEYS[1], 'size', #ARGV[3]) > tonumber(ARGV[5]) then
  redis.call('HINCRBY', KEYS[1], 'size', -#ARGV[3])
  return 'full'
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 'stored'
`)

var raiseLua = grapevine.PositionLua + `
local function raise(key, position)
  local have = redis.pcall('GET', key)
  if type(have) ~= 'string' or not string.match(have, '^%d+%-%d+$') or position_before(have, position) then
    redis.call('SET', key, position)
  end
end
`

// forgetScript drops scopes and then raises cache:at, in one step: a reader who misses must not be
// told an older position than that of the change that made it miss.
//
// It may run in a Redis that is out of memory: the jobs then stall, the cache does not go stale.
var forgetScript = redis.NewScript("#!lua flags=allow-oom\n" + raiseLua + `
for i = 2, #KEYS, 5000 do
  redis.call('UNLINK', unpack(KEYS, i, math.min(i + 4999, #KEYS)))
end
raise(KEYS[1], ARGV[1])
return 'done'
`)

// purgeScript disowns every scope. With Restart the history starts again: a new lineage, and cache:at
// is set even where that is backwards.
var purgeScript = redis.NewScript("#!lua flags=allow-oom\n" + raiseLua + `
local epoch = redis.pcall('GET', KEYS[2])
local lineage, purges = string.match(type(epoch) == 'string' and epoch or '', '^(.+):(%d+)$')
if ARGV[2] == 'anew' or not lineage then
  redis.call('SET', KEYS[2], ARGV[3] .. ':0')
else
  redis.call('SET', KEYS[2], lineage .. ':' .. string.format('%d', tonumber(purges) + 1))
end
if ARGV[2] == 'anew' then
  redis.call('SET', KEYS[1], ARGV[1])
else
  raise(KEYS[1], ARGV[1])
end
return 'done'
`)

// answer is what Redis said to a read.
type answer struct {
	standing
	hit   bool
	value []byte // of a hit
	lease string // of a miss
}

func (c *Cache) get(ctx context.Context, scope, field string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	reply, err := getScript.Run(ctx, c.rdb, []string{c.scopeKey(scope), c.epochKey, c.atKey},
		fieldName(field), rand.Text(), c.cfg.TTL.Milliseconds()).Slice()
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(reply)
}

func parseAnswer(reply []any) (answer, error) {
	if len(reply) != 4 {
		return answer{}, fmt.Errorf("the get script answered %d items instead of 4", len(reply))
	}
	epoch, _ := reply[0].(string)
	at, _ := reply[1].(string)
	hit, _ := reply[2].(int64)
	text, ok := reply[3].(string)
	if !ok {
		return answer{}, fmt.Errorf("the get script answered a %T instead of text", reply[3])
	}
	s, err := parseStanding(epoch, at)
	if err != nil {
		return answer{}, err
	}
	if hit == 1 {
		return answer{standing: s, hit: true, value: []byte(text)}, nil
	}
	return answer{standing: s, lease: text}, nil
}

func parseStanding(epoch, at string) (s standing, err error) {
	lineage, purges, _ := strings.Cut(epoch, ":")
	s.lineage = lineage
	if s.purges, err = strconv.ParseUint(purges, 10, 64); err != nil {
		return s, fmt.Errorf("the cache's epoch %.64q is not <lineage>:<purges>", epoch)
	}
	if at != "" {
		s.at, err = grapevine.ParsePosition(at)
	}
	return s, err
}

func (c *Cache) fill(ctx context.Context, scope, field, lease string, value []byte) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	return fillScript.Run(ctx, c.rdb, []string{c.scopeKey(scope)},
		lease, fieldName(field), value, c.cfg.MaxFields, c.cfg.MaxScope).Text()
}

func (c *Cache) scopeKey(scope string) string { return c.prefix + scope }

// fieldName keeps the askers' names apart from lease and size.
func fieldName(field string) string { return "=" + field }
