package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A batch that is replayed before, while and after its tasks run has each effect once.
func TestReplayedBatchWelcomesOnce(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var batch []grapevine.Change
	want := map[string]bool{}
	for range 50 {
		id := bson.NewObjectID()
		batch = append(batch, created(id, uint32(time.Now().Unix())))
		want["welcome:"+id.Hex()] = true
	}
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	require.EqualValues(t, 50, r.size(t, pending))

	var mail outbox
	r.start(t, r.workerConfig(&mail))
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	r.eventually(t, 50, "completed", completed)
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))

	got := map[string]bool{}
	for _, id := range mail.ids() {
		got[id] = true
	}
	require.Len(t, mail.ids(), 50)
	require.Equal(t, want, got)
	require.InDelta(t, 50, value(t, r.queue.metrics.enqueued.WithLabelValues(TypeWelcome)), 0)
	require.InDelta(t, 3*50, value(t, r.queue.metrics.conflicts.WithLabelValues(TypeWelcome)), 0)
	require.InDelta(t, 3, value(t, r.queue.metrics.conflicts.WithLabelValues(TypeDigest)), 0)
}

// When retention is over Asynq takes the same id again: then the ledger stops it.
func TestReplayAfterRetentionMeetsTheLedger(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var mail outbox
	r.start(t, r.workerConfig(&mail))
	id := bson.NewObjectID()
	batch := []grapevine.Change{created(id, uint32(time.Now().Unix()))}
	for range 3 {
		require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
		r.eventually(t, 1, "completed", completed)
		require.NoError(t, r.look.DeleteTask(queueWelcome, "welcome:"+id.Hex()))
	}
	require.Equal(t, []string{"welcome:" + id.Hex()}, mail.ids())
	require.Equal(t, done, r.row(t, id).State)
	require.Equal(t, 1, r.row(t, id).Attempt)
}

// Asynq's client makes its queues known once in its life. Where they are gone, so are their tasks, of
// changes that do not come again: that is lost history, never a silent new beginning.
func TestQueuesAreListedAfterFlushAll(t *testing.T) {
	r := newRig(t, QueueConfig{})
	for range 2 {
		require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(bson.NewObjectID(), uint32(time.Now().Unix()))}}))
		queues, err := r.look.Queues()
		require.NoError(t, err)
		require.ElementsMatch(t, []string{queueWelcome, queueDigest}, queues)

		require.NoError(t, r.rdb.FlushDB(t.Context()).Err())
		beat := []grapevine.Change{{Op: grapevine.Heartbeat, Position: grapevine.At(1, 1, 0)}}
		for range 2 {
			require.ErrorIs(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: beat}), grapevine.ErrTailLost)
		}
		require.NoError(t, r.queue.Reconcile(t.Context(), "", func(context.Context, string, int64, int64) error { return nil }))
	}
}

func TestKeysAreAsynqs(t *testing.T) {
	r := newRig(t, QueueConfig{})
	id := bson.NewObjectID()
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(id, uint32(time.Now().Unix()))}}))
	welcome := welcomeTask(id.Hex())
	info, err := r.look.GetTaskInfo(queueWelcome, welcome.id)
	require.NoError(t, err)
	require.Equal(t, asynq.TaskStatePending, info.State)
	require.Equal(t, welcome.payload, info.Payload)
	require.Equal(t, 10, info.MaxRetry)
	require.Equal(t, time.Hour, info.Retention)
	require.Equal(t, "pending", r.rdb.HGet(t.Context(), taskKey(queueWelcome, welcome.id), "state").Val())
	require.True(t, r.rdb.HExists(t.Context(), taskKey(queueWelcome, welcome.id), "msg").Val())

	require.NoError(t, r.look.ArchiveTask(queueWelcome, welcome.id))
	for _, q := range []string{queueWelcome, queueDigest} {
		want, err := r.look.GetQueueInfo(q)
		require.NoError(t, err)
		sizes, err := NewStats(r.rdb).Sizes(t.Context())
		require.NoError(t, err)
		require.Contains(t, sizes, QueueSize{
			Queue: q, Pending: int64(want.Pending), Active: int64(want.Active), Scheduled: int64(want.Scheduled),
			Retry: int64(want.Retry), Archived: int64(want.Archived), Completed: int64(want.Completed),
		})
	}
	require.EqualValues(t, 1, r.size(t, archived))
}

func TestConfigsNameTheField(t *testing.T) {
	require.NoError(t, QueueConfig{}.Validate())
	for want, cfg := range map[string]QueueConfig{
		"MaxRetry":    {MaxRetry: 4},
		"Timeout":     {Timeout: 1500 * time.Millisecond},
		"Retention":   {Retention: time.Millisecond},
		"History":     {History: -1},
		"Concurrency": {Concurrency: -1},
	} {
		require.ErrorContains(t, cfg.Validate(), want)
	}
	require.ErrorContains(t, WorkerConfig{}.Validate(), "Contacts")
	r := newRig(t, QueueConfig{Timeout: time.Minute})
	require.ErrorContains(t, r.workerConfig(nil).Validate(), "ShutdownTimeout")
}
