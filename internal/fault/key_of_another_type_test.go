//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
			key = "grapevine:" + key
			require.NoError(t, c.rdb.Del(ctx, key).Err())
			if c.rng.IntN(2) == 0 {
				require.NoError(t, c.rdb.Set(ctx, key, "7-x", 0).Err())
			} else {
				require.NoError(t, c.rdb.RPush(ctx, key, "x").Err())
			}
			c.logf("%s is a %s", key, c.rdb.Type(ctx, key).Val())
			l.more(20)
			at := c.checkpoint()
			c.eventually(30*time.Second, "the checkpoint moves", func() bool { return at.Before(c.checkpoint()) })
		}
		l.settle(mercy{within: 60 * time.Second})
		require.Zero(t, c.sum("grapevine_watcher_dead_changes_total"))
	})
}
