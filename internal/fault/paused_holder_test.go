//go:build fault

package fault

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// countRegressions watches the checkpoint and the end of the event log until the returned function is
// called. That function returns how often either of them moved back.
func (c *cluster) countRegressions() (stop func() int) {
	ctx, cancel := context.WithCancel(c.t.Context())
	var watching sync.WaitGroup
	back := 0
	watching.Go(func() {
		var token, end grapevine.Position
		for ctx.Err() == nil {
			if at := c.checkpoint(); at.Before(token) && ctx.Err() == nil {
				back++
			} else {
				token = at
			}
			info, err := c.rdb.XInfoStream(ctx, key(grapevine.KeyEvents)).Result()
			if err == nil {
				at, _ := grapevine.ParsePosition(info.LastGeneratedID)
				if at.Before(end) {
					back++
				}
				end = at
			}
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	return func() int { cancel(); watching.Wait(); return back }
}

// The lease holder hangs under load for longer than its lease, and wakes up with the belief that it still
// holds the lease. It must neither move the resume token back nor repeat a visible effect.
func TestPausedHolder(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{instances: 2, env: map[string]string{"ROLES": "api,watcher"}})
		c.startInstance("ROLES=worker")
		back := c.countRegressions()
		l := c.startLoad()
		l.waitForWrites(200)
		old := c.holder()
		require.NotNil(t, old)
		old.freeze()
		took := c.waitForTakeover(old, 14*time.Second)
		c.logf("taken over %s after the holder was stopped", took.Round(time.Millisecond))
		c.sleep(15*time.Second - took)
		old.thaw()
		c.eventually(15*time.Second, "the old holder notices that it lost the lease", func() bool { return old.metrics()["grapevine_watcher_fenced_total"] >= 1 })
		l.waitForWrites(100)
		l.endAndCheck(allowances{})
		require.Zero(t, back(), "neither the checkpoint nor the event log moved back")
		require.Empty(t, c.gaps())
	})
}
