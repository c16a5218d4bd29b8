//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest"
)

// waitForTakeover waits until an instance other than old holds the lease and follows the change stream.
func (c *cluster) waitForTakeover(old *instance, within time.Duration) time.Duration {
	c.t.Helper()
	return c.eventually(within, "another instance streams", func() bool {
		now := c.holder()
		if now == nil || now == old {
			return false
		}
		_, parts := now.ready()
		return parts["watcher"].State == "streaming"
	})
}

// The lease of a killed instance expires. An instance that stops gives its lease back.
func TestTakeover(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 2, env: map[string]string{"ROLES": "api,watcher"}})
	c.startInstance("ROLES=worker")
	l := c.startLoad()
	for range 2 {
		l.waitForWrites(50)
		old := c.holder()
		require.NotNil(t, old)
		old.Kill()
		watch := realtest.StartStopwatch(t)
		took := c.waitForTakeover(old, 20*time.Second)
		c.logf("taken over %s after kill -9", took.Round(time.Millisecond))
		require.Less(t, took, watch.Allow(12*time.Second))
		watch.Stop()
		old.boot()
	}
	quickest, watch := time.Minute, realtest.StartStopwatch(t)
	for range 3 {
		l.waitForWrites(50)
		old := c.holder()
		require.NotNil(t, old)
		go func() { _ = old.Stop(t.Context()) }() // Done reports the end
		took := c.waitForTakeover(old, 5*time.Second)
		c.logf("taken over %s after SIGTERM", took.Round(time.Millisecond))
		quickest = min(quickest, took)
		<-old.Done()
		old.boot()
	}
	require.Less(t, quickest, watch.Allow(2*time.Second))
	watch.Stop()
	l.waitForWrites(50)
	l.endAndCheck(allowances{})
	require.Empty(t, c.gaps())
}
