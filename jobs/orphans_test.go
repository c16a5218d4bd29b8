package jobs

import (
	"fmt"
	"testing"
	"time"

	"grapevine/jobs/asynqx"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// The janitor brings a task back whose hash is gone, also where the set of leases has another type.
func TestJanitorDoesWithoutTheLeases(t *testing.T) {
	r := newRig(t, QueueConfig{})
	id := WelcomeTaskID(bson.NewObjectID().Hex())
	queue := r.queue.names.welcome
	require.NoError(t, r.rdb.LPush(t.Context(), asynqx.QueueKey(queue, "active"), id).Err())
	require.NoError(t, r.rdb.Set(t.Context(), asynqx.QueueKey(queue, "lease"), "x", 0).Err())
	requeued, err := r.queue.requeueOrphans(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, requeued)
	require.Equal(t, map[string]bool{id: true}, r.pendingIDs(t))
}

// A task's hash is evicted before a worker takes it. Asynq's dequeue then makes a hash that holds only the state,
// so the task stays active for ever and its id stays taken.
func TestOrphanedTaskRunsInTheEnd(t *testing.T) {
	for name, repair := range map[string]func(r *rig, batch []grapevine.Change) error{
		"by the janitor": func(r *rig, _ []grapevine.Change) error {
			requeued, err := r.queue.requeueOrphans(t.Context())
			if requeued != 1 {
				return fmt.Errorf("requeued %d tasks", requeued)
			}
			return err
		},
		"by a replay": func(r *rig, batch []grapevine.Change) error {
			return r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, QueueConfig{})
			id := bson.NewObjectID()
			batch := []grapevine.Change{created(id, now())}
			r.apply(t, batch...)
			key := asynqx.TaskKey(r.queue.names.welcome, "welcome:"+id.Hex())
			require.EqualValues(t, 1, r.rdb.Del(t.Context(), key).Val())

			var outgoing outbox
			r.start(t, r.workerConfig(&outgoing))
			require.Eventually(t, func() bool { return r.rdb.HGet(t.Context(), key, "state").Val() == "active" },
				10*time.Second, 10*time.Millisecond)
			require.False(t, r.rdb.HExists(t.Context(), key, "msg").Val())

			require.NoError(t, repair(r, batch))
			r.eventually(t, 1, "completed", completed)
			require.Equal(t, []string{"welcome:" + id.Hex()}, outgoing.ids())
			require.Zero(t, r.size(t, func(s QueueSize) int64 { return s.Active }), "every copy of the id is gone")
			require.InDelta(t, 1, value(t, r.queue.metrics.requeued), 0)
		})
	}
}
