package attempts

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed counters.lua
	countersLua string
	//go:embed take.lua
	takeLua string
	//go:embed give_back.lua
	giveBackLua string
	//go:embed known.lua
	knownLua string
)

var (
	takeScript     = redis.NewScript(countersLua + takeLua)
	giveBackScript = redis.NewScript(countersLua + giveBackLua)
	knownScript    = redis.NewScript(knownLua)
)

// errAsleep says that Redis was not asked, because there is none, or because it did not answer a moment ago.
var errAsleep = errors.New("redis was not asked")

func (c *Counters) takeShared(ctx context.Context, k keys) (in lane, wait int64, err error) {
	reply, err := c.run(ctx, takeScript, k.strangers(), c.strangerArgs()...)
	if err != nil {
		return refused, 0, err
	}
	numbers, ok := reply.([]any)
	if !ok || len(numbers) != 2 {
		return refused, 0, fmt.Errorf("the take script returned %v instead of two numbers", reply)
	}
	number, _ := numbers[0].(int64)
	wait, _ = numbers[1].(int64)
	return lane(number), wait, nil
}

func (c *Counters) giveBackShared(ctx context.Context, k keys, in lane, turn int64) error {
	_, err := c.run(ctx, giveBackScript, k.strangers(), append(c.strangerArgs(), int64(in), turn)...)
	return err
}

func (c *Counters) knownShared(ctx context.Context, k keys, tries int) (wait int64, err error) {
	l := c.cfg.Limits
	reply, err := c.run(ctx, knownScript, []string{k.known}, c.time(), l.Known.Burst, l.Known.Every.Milliseconds(), tries)
	if err != nil {
		return 0, err
	}
	wait, _ = reply.(int64)
	return wait, nil
}

func (k keys) strangers() []string { return []string{k.address, k.pair, k.fresh, k.account} }

func (c *Counters) strangerArgs() []any {
	l := c.cfg.Limits
	args := []any{c.time()}
	for _, r := range []Rate{l.Address, l.Pair, l.New, l.Account} {
		args = append(args, r.Burst, r.Every.Milliseconds())
	}
	return append(args, l.Seen.Milliseconds(), l.Keep.Milliseconds(), l.Wait.Milliseconds())
}

// time is the first argument of a script: empty for Redis's own time, which all instances share.
func (c *Counters) time() any {
	if c.cfg.now != nil {
		return c.cfg.now()
	}
	return ""
}

// run runs a script. After an error nobody asks Redis for a moment, so that a Redis that hangs delays few sign-ins.
func (c *Counters) run(ctx context.Context, script *redis.Script, keys []string, args ...any) (any, error) {
	if c.cfg.Redis == nil || monotonic() < c.awake.Load() {
		return nil, errAsleep
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Timeout)
	defer cancel()
	reply, err := script.Run(within, c.cfg.Redis, keys, args...).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		c.awake.Store(monotonic() + pause.Milliseconds())
		c.log.Failure(err)
		return nil, err
	}
	c.log.Success()
	return reply, nil
}
