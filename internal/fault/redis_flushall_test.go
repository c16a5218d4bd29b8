//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Somebody runs FLUSHALL under load: checkpoint, lease, queue, event log and cache are gone at once.
func TestRedisFlushallUnderLoad(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		l.waitForWrites(300)
		require.NoError(t, c.rdb.FlushAll(t.Context()).Err())
		c.logf("flushed")
		g := c.waitForHealedGap(1, 30*time.Second)
		require.NotEmpty(t, g.From)
		l.waitForWrites(200)
		// A worker finishes its running tasks although their queue is gone, and the reconcile enqueues them
		// again. The ledger lets only one of the two runs send. The drain time is Asynq's: see asynqRecovery.
		l.endAndCheck(allowances{drainTime: asynqRecovery})
		require.Positive(t, c.sum("grapevine_watcher_reconciles_total"))
		require.Positive(t, c.sum("grapevine_ws_resyncs_total"))
	})
}

// Somebody runs FLUSHALL while no instance runs. An empty Redis must not look like a first start.
func TestRedisFlushallAtRest(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{})
	l := c.startLoad()
	l.waitForWrites(200)
	for _, i := range c.instances {
		i.shutdown()
	}
	l.writeDirectly(50)
	require.NoError(t, c.rdb.FlushAll(t.Context()).Err())
	for _, i := range c.instances {
		i.boot()
	}
	g := c.waitForHealedGap(1, 30*time.Second)
	require.Contains(t, g.Reason, "the checkpoint is gone although the pipeline has run before")
	require.False(t, g.Preexisting)
	l.waitForWrites(100)
	l.endAndCheck(allowances{drainTime: asynqRecovery})
}
