package cache_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

// Lua compares positions as texts. Whatever pair it is given, it must end with the one Go calls later.
func TestLuaOrdersPositionsAsGoDoes(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	rdb := connect(t, env.RedisURL)
	c := open(t, env.RedisURL, cache.Config{})
	rng := rand.New(rand.NewPCG(1, 2))
	half := func() uint64 {
		switch rng.IntN(3) {
		case 0:
			return rng.Uint64() >> rng.IntN(64) // any length
		case 1:
			return 1<<53 + rng.Uint64N(4) // doubles cannot tell these apart
		default:
			return 1<<64 - 1 - rng.Uint64N(12)
		}
	}
	for range 1000 {
		old, next := grapevine.Position{Time: half(), N: half()}, grapevine.Position{Time: half(), N: half()}
		if rng.IntN(2) == 0 {
			next.Time = old.Time
		}
		require.NoError(t, rdb.Set(t.Context(), "grapevine:cache:at", old.String(), 0).Err())
		require.NoError(t, c.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{updated("1", "w", next)}}))
		later := old
		if old.Before(next) {
			later = next
		}
		require.Equal(t, later.String(), rdb.Get(t.Context(), "grapevine:cache:at").Val(), "%s then %s", old, next)
	}
}

// What somebody else wrote over our bookkeeping costs hits, never an answer.
func TestBookkeepingThatCannotBeReadIsABypassUntilItIsReplaced(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	rdb := connect(t, env.RedisURL)
	ctx := context.Background()
	c := open(t, env.RedisURL, cache.Config{Prefix: "p:"})
	for n, write := range []func(key string) error{
		func(key string) error { return rdb.Set(ctx, key, "1.5e3", 0).Err() },
		func(key string) error { return rdb.RPush(ctx, key, "a list").Err() },
	} {
		require.NoError(t, rdb.Del(ctx, "p:cache:at").Err())
		require.NoError(t, write("p:cache:at"))
		want(t, c, "contact:1", "x", always("ada"), "ada", "fwd=bypass")
		apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(uint64(2*n + 1))})
		want(t, c, "contact:1", "x", always("ada"), "ada", "fwd=miss; stored")

		// Of another epoch nothing is served, so a new one needs no waiting.
		require.NoError(t, rdb.Del(ctx, "p:cache:epoch").Err())
		require.NoError(t, write("p:cache:epoch"))
		want(t, c, "contact:1", "x", always("ben"), "ben", "fwd=miss; stored")
		require.NoError(t, rdb.Del(ctx, "p:cache:epoch").Err())
		require.NoError(t, write("p:cache:epoch"))
		apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(uint64(2*n + 2))})
		want(t, c, "contact:1", "x", always("ada"), "ada", "fwd=miss; stored")
	}
}
