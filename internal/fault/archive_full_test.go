//go:build fault

package fault

import (
	"context"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
)

// Tasks nobody could run fill the archive, which Asynq keeps at 10,000 by deleting the oldest without
// a word. It is a figure at /metrics before it comes to that, new work goes on, and what was archived
// can be run again.
func TestArchiveFull(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1})
	client := asynq.NewClientFromRedisClient(c.rdb)
	const bad = 300
	for range bad {
		_, err := client.Enqueue(asynq.NewTask("contact:welcome", []byte(`{"contact":"nobody"}`)))
		require.NoError(t, err)
	}
	c.eventually(30*time.Second, "they are archived", func() bool { return c.tasks()["archived"] == bad })
	key := `grapevine_jobs_tasks{queue="` + database + `",state="archived"}`
	require.InDelta(t, bad, c.instances[0].metrics()[key], 0)
	require.InDelta(t, bad, c.sum("grapevine_jobs_archived_total"), 0)
	l := c.startLoad()
	l.waitForWrites(100)
	l.endAndCheck(allowances{})
	require.EqualValues(t, bad, c.tasks()["archived"])

	look := asynq.NewInspectorFromRedisClient(c.rdb)
	n, err := look.RunAllArchivedTasks("default")
	require.NoError(t, err)
	require.Equal(t, bad, n)
	c.eventually(30*time.Second, "they ran again and failed again", func() bool {
		return c.sum("grapevine_jobs_archived_total") == 2*bad && c.rdb.ZCard(context.Background(), asynqKey("archived")).Val() == bad
	})
}
