//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A second fault happens during the reconcile that heals the first one: the tasks that it enqueued are
// gone, or its scan is cut off. The reconcile starts again if that is necessary.
func TestFaultMidReconcile(t *testing.T) {
	for name, fault := range map[string]func(ctx context.Context, c *cluster) error{
		"flushed again": func(ctx context.Context, c *cluster) error { return c.rdb.FlushAll(ctx).Err() },
		"queue deleted": func(ctx context.Context, c *cluster) error {
			_, err := c.deleteQueues(ctx)
			return err
		},
		"redis comes back empty": func(ctx context.Context, c *cluster) error {
			c.redis.Kill()
			return c.redis.Restart(ctx)
		},
		"mongod is killed": func(ctx context.Context, c *cluster) error {
			c.mongod.Kill()
			return c.mongod.Restart(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan{instances: 1, env: map[string]string{"ROLES": "api,watcher"}}
			if name == "redis comes back empty" {
				p.redis = []string{"--appendonly", "no"}
			}
			c := newCluster(t, number("SEED", 1), p)
			holder := c.instances[0]
			c.startInstance("ROLES=worker")
			l := c.startLoad()
			l.waitForWrites(150)
			holder.shutdown()
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			require.NoError(t, c.rdb.FlushAll(ctx).Err())
			holder.boot("CRASH_AT=mid-reconcile:stop")
			c.eventually(20*time.Second, "the reconcile is in the middle of its scan", holder.stopped)
			require.NoError(t, fault(ctx, c))
			c.logf("%s", name)
			holder.thaw()
			c.waitForHealedGap(1, 60*time.Second)
			l.waitForWrites(50)
			l.endAndCheck(allowances{drainTime: 90 * time.Second})
		})
	}
}
