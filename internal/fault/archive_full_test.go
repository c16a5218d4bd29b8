//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
)

// Tasks that can never succeed fill Asynq's archive. Asynq keeps 10,000 of them and deletes older ones
// silently. /metrics shows their number, new tasks run, and archived tasks can be run again.
func TestArchiveFull(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1})
	client := asynq.NewClientFromRedisClient(c.rdb)
	const bad = 300
	for range bad {
		_, err := client.Enqueue(asynq.NewTask("contact:welcome", []byte(`{"contact":"nobody"}`)), asynq.Queue(database))
		require.NoError(t, err)
	}
	c.eventually(30*time.Second, "all tasks are archived", func() bool { return c.tasks()["archived"] == bad })
	key := `grapevine_jobs_tasks{queue="` + database + `",state="archived"}`
	require.InDelta(t, bad, c.instances[0].metrics()[key], 0)
	require.InDelta(t, bad, c.sum("grapevine_jobs_archived_total"), 0)
	l := c.startLoad()
	l.waitForWrites(100)
	l.endAndCheck(allowances{})
	require.EqualValues(t, bad, c.tasks()["archived"])

	inspector := asynq.NewInspectorFromRedisClient(c.rdb)
	n, err := inspector.RunAllArchivedTasks(database)
	require.NoError(t, err)
	require.Equal(t, bad, n)
	c.eventually(30*time.Second, "all archived tasks ran and failed again", func() bool {
		return c.sum("grapevine_jobs_archived_total") == 2*bad && c.rdb.ZCard(context.Background(), asynqKey("archived")).Val() == bad
	})
}
