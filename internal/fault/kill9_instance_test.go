//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Any instance is killed in the middle of its work, the holder of the lease too, and comes back.
func TestKill9Instance(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		// The worker is another process here: what becomes of a killed worker's tasks takes Asynq minutes,
		// and has a test of its own.
		c := newCluster(t, seed, plan{instances: 2, env: map[string]string{"ROLES": "api,watcher"}})
		c.startInstance("ROLES=worker")
		l := c.startLoad()
		for range 3 {
			l.waitForWrites(100 + c.rng.IntN(200))
			victim := c.instances[c.rng.IntN(2)]
			held := victim == c.holder()
			victim.Kill()
			c.logf("killed; it held the lease: %t", held)
			l.waitForWrites(50 + c.rng.IntN(100))
			victim.boot()
			if held {
				c.logf("streaming again after %s", c.waitForStreaming(15*time.Second).Round(time.Millisecond))
			}
		}
		l.waitForWrites(100)
		l.endAndCheck(allowances{})
		require.Empty(t, c.gaps(), "a crash is no gap")
	})
}
