//go:build fault

package fault

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sleep waits while a fault lasts.
func (c *cluster) sleep(d time.Duration) {
	select {
	case <-c.t.Context().Done():
	case <-time.After(d):
	}
}

// The lease holder is killed, or hangs for 15 s, at each step of a batch under load. Another instance
// takes over. It repeats the steps that the first one did not record, and no repeat is visible.
func TestCrashPoints(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"after-read", "after-cache", "after-enqueue", "after-broadcast", "before-checkpoint"} {
		for _, how := range []string{"kill", "stop"} {
			t.Run(point+"/"+how, func(t *testing.T) {
				t.Parallel()
				c := newCluster(t, number("SEED", 1), plan{instances: -1, env: map[string]string{"ROLES": "api,watcher"}})
				victim := c.newInstance()
				at := "CRASH_AT=" + point
				if how == "stop" {
					at += ":stop"
				}
				victim.boot(at, fmt.Sprintf("CRASH_SKIP=%d", 30+c.rng.IntN(60)))
				c.waitForStreaming(20 * time.Second)
				c.startInstance()
				c.startInstance("ROLES=worker")
				before := c.checkpoint()
				l := c.startLoad()
				c.eventually(30*time.Second, "the crash point is reached", func() bool { return !victim.running() || victim.stopped() })
				c.logf("%s: %s", point, how)
				if how == "stop" {
					c.sleep(15 * time.Second)
					require.NotEqual(t, victim, c.holder(), "another instance has taken over")
					victim.thaw()
					c.eventually(20*time.Second, "the old holder notices that it lost the lease", func() bool {
						m := victim.metrics()
						return len(m) > 0 && m["grapevine_watcher_holder"] == 0
					})
				} else {
					c.logf("streaming again after %s", c.waitForStreaming(20*time.Second).Round(time.Millisecond))
					victim.boot()
				}
				l.waitForWrites(100)
				l.endAndCheck(allowances{})
				require.True(t, before.Before(c.checkpoint()))
				require.Empty(t, c.gaps(), "a crash is not a gap")
			})
		}
	}
}

// The lease holder is killed, or hangs, in the middle of a reconcile. MongoDB has a record of the
// reconcile, so the next lease holder continues it with the same T0.
func TestCrashMidReconcile(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"kill", "stop"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, number("SEED", 1), plan{instances: 1, env: map[string]string{"ROLES": "api,watcher"}})
			victim := c.instances[0]
			c.startInstance("ROLES=worker")
			l := c.startLoad()
			l.waitForWrites(300)
			victim.shutdown()
			require.NoError(t, c.rdb.FlushAll(t.Context()).Err())
			at := "CRASH_AT=mid-reconcile"
			if how == "stop" {
				at += ":stop"
			}
			victim.boot(at)
			c.eventually(20*time.Second, "the crash point is reached", func() bool { return !victim.running() || victim.stopped() })
			open := c.gaps()
			require.Len(t, open, 1)
			require.Equal(t, "open", open[0].State)
			c.startInstance()
			g := c.waitForHealedGap(1, 30*time.Second)
			require.Equal(t, open[0].To, g.To, "a gap keeps its T0")
			if how == "stop" {
				victim.thaw()
			} else {
				victim.boot()
			}
			l.waitForWrites(100)
			l.endAndCheck(allowances{drainTime: 60 * time.Second})
			require.Len(t, c.gaps(), 1)
		})
	}
}
