package cache_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

// Lua compares positions as text. Of any pair it must keep the one that Go calls later.
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
		require.NoError(t, rdb.Set(t.Context(), prefix+"cache:at", old.String(), 0).Err())
		require.NoError(t, c.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{updated("1", "w", next)}}))
		later := old
		if old.Before(next) {
			later = next
		}
		require.Equal(t, later.String(), rdb.Get(t.Context(), prefix+"cache:at").Val(), "%s then %s", old, next)
	}
}

// A key holds a text that is not ours. Reads bypass the cache until the key is replaced, which happens by itself.
func TestUnreadableTextIsABypassUntilItIsReplaced(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	rdb := connect(t, env.RedisURL)
	c := open(t, env.RedisURL, cache.Config{Prefix: "p:"})
	write := func(key string) { require.NoError(t, rdb.Set(t.Context(), key, "1.5e3", 0).Err()) }

	write("p:cache:at")
	want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheBypass)
	apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(1)})
	want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheStored)

	// Values of another epoch are not served, so a new epoch needs no quarantine.
	write("p:cache:epoch")
	want(t, c, "contact:1", "x", always("ben"), "ben", grapevine.CacheStored)
	write("p:cache:epoch")
	apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(2)})
	want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheStored)
}

// A key holds another type. Reads bypass the cache and Apply fails until somebody deletes it. Both errors name the
// key.
func TestAKeyOfAnotherTypeIsAnErrorThatNamesTheKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"p:cache:at", "p:cache:epoch", "p:cache:contact:1"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			env := realtest.New(t)
			rdb := connect(t, env.RedisURL)
			var log logBuffer
			c := open(t, env.RedisURL, cache.Config{Prefix: "p:", Logger: log.logger()})
			require.NoError(t, rdb.RPush(t.Context(), key, "a list").Err())
			for range 3 {
				want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheBypass)
			}
			require.Equal(t, 1, log.count("cannot use one of its keys"))
			require.Equal(t, 1, log.count(key))
			if key != "p:cache:contact:1" { // an invalidation deletes scopes, whatever they hold
				err := c.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{{Op: grapevine.Resync, Position: at(1)}}})
				require.ErrorContains(t, err, key)
				require.ErrorContains(t, err, "overwritten with another type")
				require.NoError(t, rdb.Unlink(t.Context(), key).Err())
			}
			apply(t, c, updated("1", "w", at(2)))
			want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheStored)
		})
	}
}
