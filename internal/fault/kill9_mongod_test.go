//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Under load mongod is killed and started again, twice.
func TestKill9Mongod(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		for range 2 {
			l.waitForWrites(150)
			c.mongod.Kill()
			c.sleep(time.Duration(c.rng.IntN(2000)) * time.Millisecond)
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			require.NoError(t, c.mongod.Restart(ctx))
			cancel()
			c.logf("mongod is back; streaming after %s", c.waitForStreaming(60*time.Second).Round(time.Millisecond))
		}
		l.waitForWrites(100)
		// Both workers lose MongoDB, perhaps after sending. The retry of such a task waits until its claim
		// in the ledger expires.
		l.endAndCheck(allowances{drainTime: 120 * time.Second, repeatedMessages: 2 * runningTasks})
		require.Empty(t, c.gaps())
	})
}
