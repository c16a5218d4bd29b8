//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Somebody deletes all of Asynq's keys while tasks wait, and leaves the other keys. The checkpoint is past
// the changes of these tasks. The pipeline notices that the queue is gone, and a reconcile enqueues the
// missing tasks.
func TestQueueDeleted(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{env: map[string]string{"CONCURRENCY": "4"}})
	l := c.startLoad()
	l.waitForWrites(50)
	release := c.mail.hold()
	c.eventually(30*time.Second, "tasks wait", func() bool { return c.tasks()["pending"] >= 30 })
	ctx := t.Context()
	deleted, err := c.deleteQueues(ctx)
	require.NoError(t, err)
	c.logf("deleted %d keys", deleted)
	release()
	g := c.waitForHealedGap(1, 30*time.Second)
	require.Contains(t, g.Reason, "the queue of jobs")
	require.GreaterOrEqual(t, g.Backfilled, int64(10))
	l.waitForWrites(50)
	l.endAndCheck(allowances{drainTime: 60 * time.Second})
	require.Len(t, c.gaps(), 1)
}

// deleteQueues deletes all of Asynq's keys in one step, and returns their number. In two steps, the hash of a task that is
// enqueued in between would stay, and only a sweep brings such a task back, after a minute.
func (c *cluster) deleteQueues(ctx context.Context) (int, error) {
	return c.rdb.Eval(ctx, `
local keys = redis.call("KEYS", "asynq:*")
for _, key in ipairs(keys) do redis.call("UNLINK", key) end
return #keys`, nil).Int()
}
