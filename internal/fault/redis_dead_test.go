//go:build fault

package fault

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
)

// Redis is down for a while and comes back with its data. Reads and writes of contacts continue.
func TestRedisDead(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		l.waitForWrites(200)
		usual := percentile(l.latencies(2*time.Second), 99) // on a machine that may have other work to do
		c.redis.Kill()
		c.logf("redis is killed")
		watch := realtest.StartStopwatch(t)
		took := l.latencies(5 * time.Second)
		watch.Stop()
		require.Less(t, percentile(took, 99), usual+watch.Allow(300*time.Millisecond))
		l.waitForWrites(200)
		for _, i := range c.instances {
			status, parts := i.ready()
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, "unreachable", parts["redis"].State)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		require.NoError(t, c.redis.Restart(ctx))
		c.logf("redis is back; streaming after %s", c.waitForStreaming(30*time.Second).Round(time.Millisecond))
		l.waitForWrites(50)
		// A task whose end could not be reported to Redis stays active until Asynq's recoverer runs.
		l.endAndCheck(allowances{drainTime: asynqRecovery})
		require.Empty(t, c.gaps())
	})
}
