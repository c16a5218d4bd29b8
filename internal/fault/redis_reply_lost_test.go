//go:build fault

package fault

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/servers"
)

// Redis executes commands and its answers are lost, again and again, under load. The client library then
// repeats the command by itself. An entry that was appended twice, a task that was enqueued twice or a
// checkpoint that moved twice would be found.
func TestRedisReplyLost(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{instances: -1})
		proxy, err := servers.NewProxy(fmt.Sprintf("127.0.0.1:%d", c.redis.Port))
		require.NoError(t, err)
		t.Cleanup(proxy.Close)
		for range 2 {
			c.startInstance("ROLES=api,watcher", "REDIS_URL=redis://"+proxy.Addr())
		}
		// The worker has no proxy: a task whose dequeue was not answered stays active until Asynq's recoverer
		// runs, minutes later. TestKill9Worker is the test of that.
		c.startInstance("ROLES=worker")
		c.waitForStreaming(30 * time.Second)
		back := c.countRegressions()
		l := c.startLoad()
		for range 20 {
			l.waitForWrites(20 + c.rng.IntN(30))
			proxy.DropReplies()
			c.sleep(time.Duration(c.rng.IntN(300)) * time.Millisecond)
			proxy.Cut()
			c.sleep(time.Duration(c.rng.IntN(100)) * time.Millisecond) // the repeated command may be lost too
			proxy.Cut()
			proxy.Forward()
		}
		l.waitForWrites(100)
		l.endAndCheck(allowances{drainTime: 60 * time.Second})
		require.Zero(t, back(), "neither the checkpoint nor the event log moved back")
		require.Empty(t, c.gaps())
		require.Zero(t, c.sum("grapevine_ws_holes_total"))
		c.logf("%.0f entries had been appended already, and %.0f tasks were there",
			c.sum("grapevine_history_repeated_total"), c.sum("grapevine_jobs_conflicts_total"))
	})
}
