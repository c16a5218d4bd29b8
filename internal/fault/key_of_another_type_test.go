//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine"
)

// Somebody writes a string or a list over each of our keys, one after another in an order of the seed's,
// under load. What stands there counts as gone, and is made anew; nobody stands before it for ever.
func TestKeyOfAnotherType(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.under()
		l.more(100)
		ctx := t.Context()
		keys := []string{"checkpoint", "events", "lease", "signals", "cache:epoch", "cache:at"}
		c.rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		for _, key := range keys {
			key = grapevine.KeyPrefix(database) + key
			list := c.rng.IntN(2) == 0
			_, err := c.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error { // else ours is back between the two
				p.Del(ctx, key)
				if list {
					p.RPush(ctx, key, "x")
				} else {
					p.Set(ctx, key, "7-x", 0)
				}
				return nil
			})
			require.NoError(t, err)
			c.logf("%s is overwritten (a list: %t)", key, list)
			l.more(20)
			at := c.checkpoint()
			c.eventually(30*time.Second, "the checkpoint moves", func() bool { return at.Before(c.checkpoint()) })
		}
		l.settle(mercy{within: 60 * time.Second})
		require.Zero(t, c.sum("grapevine_watcher_dead_changes_total"))
	})
}
