package jobs

import (
	"testing"
	"time"

	"grapevine/jobs/asynqx"
	"grapevine/ledger"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A batch is replayed before, while and after its tasks run. Each effect is applied once.
func TestReplayedBatchWelcomesOnce(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var batch []grapevine.Change
	want := map[string]bool{}
	for range 50 {
		id := bson.NewObjectID()
		batch = append(batch, created(id, now()))
		want["welcome:"+id.Hex()] = true
	}
	r.apply(t, batch...)
	r.apply(t, batch...)
	require.EqualValues(t, 50, r.size(t, pending))

	var outgoing outbox
	r.start(t, r.workerConfig(&outgoing))
	r.apply(t, batch...)
	r.eventually(t, 50, "completed", completed)
	r.apply(t, batch...)

	got := map[string]bool{}
	for _, id := range outgoing.ids() {
		got[id] = true
	}
	require.Len(t, outgoing.ids(), 50)
	require.Equal(t, want, got)
	require.InDelta(t, 50, value(t, r.queue.metrics.enqueued.WithLabelValues(TypeWelcome)), 0)
	require.InDelta(t, 3*50, value(t, r.queue.metrics.conflicts.WithLabelValues(TypeWelcome)), 0)
	require.InDelta(t, 3, value(t, r.queue.metrics.conflicts.WithLabelValues(TypeDigest)), 0)
}

// After the retention Asynq accepts the same id again. Then the ledger prevents a second mail.
func TestReplayAfterRetentionSendsNoSecondMail(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var outgoing outbox
	r.start(t, r.workerConfig(&outgoing))
	id := bson.NewObjectID()
	batch := []grapevine.Change{created(id, now())}
	for range 3 {
		r.apply(t, batch...)
		r.eventually(t, 1, "completed", completed)
		require.NoError(t, r.inspector.DeleteTask(r.queue.names.welcome, "welcome:"+id.Hex()))
	}
	require.Equal(t, []string{"welcome:" + id.Hex()}, outgoing.ids())
	require.Equal(t, ledger.Done, r.effect(t, id).State)
	require.Equal(t, 1, r.effect(t, id).Attempt)
}

// Asynq's client registers its queues once in its life. If they are gone, their tasks are gone too, and the
// changes behind those do not come again: Apply reports a lost tail instead of starting afresh.
func TestQueuesAreRegisteredAgainAfterFlushAll(t *testing.T) {
	r := newRig(t, QueueConfig{})
	for range 2 {
		r.apply(t, created(bson.NewObjectID(), now()))
		queues, err := r.inspector.Queues()
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"contacts", "contacts-low"}, queues)

		require.NoError(t, r.rdb.FlushDB(t.Context()).Err())
		heartbeat := []grapevine.Change{{Op: grapevine.Heartbeat, Position: grapevine.NewPosition(1, 1, 0)}}
		for range 2 {
			require.ErrorIs(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: heartbeat}), grapevine.ErrTailLost)
		}
		require.NoError(t, r.backfiller.EnqueueMissing(t.Context(), "", noProgress))
	}
}

// Two databases share a Redis. Each has its own queues, and the tail is lost only for the one whose queue is
// gone.
func TestTwoDatabasesShareARedis(t *testing.T) {
	r := newRig(t, QueueConfig{})
	other, err := NewQueue(r.rdb, QueueConfig{Database: "other"})
	require.NoError(t, err)
	id := bson.NewObjectID()
	batch := grapevine.Batch{Changes: []grapevine.Change{created(id, now())}}
	require.ErrorIs(t, other.Apply(t.Context(), batch), grapevine.ErrTailLost, "the queues of the first database do not count")
	require.NoError(t, other.register(t.Context()))
	require.NoError(t, other.Apply(t.Context(), batch))
	require.Zero(t, r.size(t, pending))
	r.apply(t, batch.Changes...)
	require.EqualValues(t, 1, r.size(t, pending), "the same task id in another queue is another task")

	require.NoError(t, r.inspector.DeleteQueue("other-low", true))
	require.ErrorIs(t, other.Apply(t.Context(), batch), grapevine.ErrTailLost)
	require.ErrorContains(t, other.Apply(t.Context(), batch), "other-low")
	r.apply(t, batch.Changes...)
}

// A person pauses a queue in the dashboard and then deletes it. The queue that takes its place runs.
func TestDeletedQueueLosesItsPause(t *testing.T) {
	r := newRig(t, QueueConfig{})
	for _, queue := range r.queue.names.list() {
		require.NoError(t, r.inspector.PauseQueue(queue))
		require.NoError(t, r.queue.register(t.Context()))
		info, err := r.inspector.GetQueueInfo(queue)
		require.NoError(t, err)
		require.True(t, info.Paused, "a queue that is there keeps its pause")
		require.NoError(t, r.inspector.DeleteQueue(queue, false))
		require.ErrorIs(t, r.queue.Apply(t.Context(), grapevine.Batch{}), grapevine.ErrTailLost)
		require.NoError(t, r.backfiller.EnqueueMissing(t.Context(), "", noProgress))
		info, err = r.inspector.GetQueueInfo(queue)
		require.NoError(t, err, "it is listed again")
		require.False(t, info.Paused)
	}
}

func TestKeysAreAsynqs(t *testing.T) {
	r := newRig(t, QueueConfig{})
	id := bson.NewObjectID()
	r.apply(t, created(id, now()))
	welcome := welcomeTask(id.Hex())
	info, err := r.inspector.GetTaskInfo(r.queue.names.welcome, welcome.id)
	require.NoError(t, err)
	require.Equal(t, asynq.TaskStatePending, info.State)
	require.Equal(t, welcome.payload, info.Payload)
	require.Equal(t, 10, info.MaxRetry)
	require.Equal(t, time.Hour, info.Retention)
	require.Equal(t, "pending", r.rdb.HGet(t.Context(), asynqx.TaskKey(r.queue.names.welcome, welcome.id), "state").Val())
	require.True(t, r.rdb.HExists(t.Context(), asynqx.TaskKey(r.queue.names.welcome, welcome.id), "msg").Val())

	require.NoError(t, r.inspector.ArchiveTask(r.queue.names.welcome, welcome.id))
	for _, q := range []string{r.queue.names.welcome, r.queue.names.low} {
		want, err := r.inspector.GetQueueInfo(q)
		require.NoError(t, err)
		sizes, err := NewQueueSizeReader(r.rdb, database).Read(t.Context())
		require.NoError(t, err)
		require.Contains(t, sizes, QueueSize{
			Queue: q, Pending: int64(want.Pending), Active: int64(want.Active), Scheduled: int64(want.Scheduled),
			Retry: int64(want.Retry), Archived: int64(want.Archived), Completed: int64(want.Completed),
		})
	}
	require.EqualValues(t, 1, r.size(t, archived))
}

func TestConfigsNameTheField(t *testing.T) {
	for want, cfg := range map[string]QueueConfig{
		"MaxRetry":       {MaxRetry: 4},
		"Timeout":        {Timeout: 1500 * time.Millisecond},
		"Retention":      {Retention: time.Millisecond},
		"EventRetention": {EventRetention: -1},
		"Concurrency":    {Concurrency: -1},
	} {
		cfg.Database = database
		_, err := NewQueue(nil, cfg)
		require.ErrorContains(t, err, want)
	}
	_, err := NewQueue(nil, QueueConfig{})
	require.ErrorContains(t, err, "Database")
	_, err = NewQueue(nil, QueueConfig{Database: database})
	require.NoError(t, err)
	_, err = NewWorker(nil, nil, WorkerConfig{})
	require.ErrorContains(t, err, "Contacts")
	r := newRig(t, QueueConfig{Timeout: time.Minute})
	_, err = NewWorker(nil, nil, r.workerConfig(nil))
	require.ErrorContains(t, err, "ShutdownTimeout")
}
