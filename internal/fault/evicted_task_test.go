//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The data of a task is gone from Redis, evicted or deleted by hand, while its id is still queued. Asynq
// moves such an id to the active tasks, where it stays, and refuses to enqueue it again. The janitor finds
// these orphaned tasks and enqueues them anew.
func TestEvictedTask(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1, env: map[string]string{"ROLES": "api,watcher"}})
	l := c.startLoad()
	l.waitForWrites(200)
	l.end()
	ctx := t.Context()
	c.eventually(10*time.Second, "tasks wait for a worker", func() bool { return c.tasks()["pending"] > 20 })
	ids := c.rdb.LRange(ctx, asynqKey("pending"), 0, 9).Val()
	require.Len(t, ids, 10)
	for _, id := range ids {
		require.EqualValues(t, 1, c.rdb.Del(ctx, asynqKey("t:")+id).Val())
	}
	c.startInstance("ROLES=worker")
	l.endAndCheck(allowances{drainTime: 120 * time.Second})
	require.InDelta(t, 10, c.sum("grapevine_jobs_rebuilt_total"), 0)
}
