//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Somebody deletes one of Asynq's keys, or overwrites it with another type, while the load creates contacts and tasks
// wait in every state. A sweep brings the tasks back within two minutes, and nobody gets two mails.
func TestAsynqKeysDeleted(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{env: map[string]string{"CONCURRENCY": "4"}})
	ctx := t.Context()
	queues := []string{"asynq:{" + database + "}:", "asynq:{" + database + "-low}:"}
	l := c.startLoad()
	for _, part := range []string{"pending", "active", "lease", "scheduled", "retry", "archived", "completed", "paused", "processed"} {
		l.waitForWrites(40)
		release := c.mail.hold()
		c.eventually(30*time.Second, "tasks wait", func() bool { return c.tasks()["pending"] >= 5 && c.tasks()["active"] >= 4 })
		for _, queue := range queues {
			require.NoError(t, c.rdb.Del(ctx, queue+part).Err())
			if part != "paused" {
				require.NoError(t, c.rdb.Set(ctx, queue+part, "x", 0).Err())
				require.NoError(t, c.rdb.Del(ctx, queue+part).Err())
			}
		}
		c.logf("deleted %s", part)
		release()
	}
	// Each third task's hash, in whichever state it is.
	release := c.mail.hold()
	c.eventually(30*time.Second, "tasks wait", func() bool { return c.tasks()["pending"] >= 15 })
	keys, err := c.rdb.Keys(ctx, queues[0]+"t:*").Result()
	require.NoError(t, err)
	for n, key := range keys {
		switch n % 9 {
		case 0:
			require.NoError(t, c.rdb.Del(ctx, key).Err())
		case 3:
			require.NoError(t, c.rdb.HDel(ctx, key, "msg").Err())
		case 6:
			require.NoError(t, c.rdb.Set(ctx, key, "x", 0).Err())
		}
	}
	require.NoError(t, c.rdb.Set(ctx, queues[0]+"retry", "x", 0).Err())
	release()
	l.end()
	// The queue is empty before the sweep, so the drain alone would not wait for it.
	c.eventually(3*time.Minute, "every contact has its effect", l.haveEffects)
	c.logf("%.0f tasks were lost and enqueued again", c.sum("grapevine_jobs_rebuilt_total"))
	l.endAndCheck(allowances{drainTime: asynqRecovery + 2*time.Minute, repeatedMessages: runningTasks})
	c.eventually(3*time.Minute, "no task is left behind", func() bool {
		return c.tasks()["pending"]+c.tasks()["active"]+c.tasks()["retry"] == 0 && c.rdb.ZCard(context.Background(), queues[0]+"lease").Val() == 0
	})
	require.Positive(t, c.sum("grapevine_jobs_rebuilt_total"))
	require.Empty(t, c.gaps(), "it is no lost history")
}
