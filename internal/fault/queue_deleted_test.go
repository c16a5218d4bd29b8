//go:build fault

package fault

import (
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
	keys, err := c.rdb.Keys(ctx, "asynq:*").Result()
	require.NoError(t, err)
	require.NoError(t, c.rdb.Unlink(ctx, keys...).Err())
	c.logf("deleted %d keys", len(keys))
	release()
	g := c.waitForHealedGap(1, 30*time.Second)
	require.Contains(t, g.Reason, "the queue of jobs")
	require.GreaterOrEqual(t, g.Backfilled, int64(10))
	l.waitForWrites(50)
	l.endAndCheck(allowances{drainTime: 60 * time.Second})
	require.Len(t, c.gaps(), 1)
}
