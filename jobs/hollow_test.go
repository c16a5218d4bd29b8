package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A task whose hash is evicted before a worker takes it is active forever and its id taken: Asynq's
// dequeue makes a hash of the state alone.
func TestTaskThatLostItsMessageRunsAfterAll(t *testing.T) {
	for name, heal := range map[string]func(r *rig, batch []grapevine.Change) error{
		"by the sweep": func(r *rig, _ []grapevine.Change) error {
			rebuilt, err := r.queue.rebuild(t.Context())
			if rebuilt != 1 {
				return fmt.Errorf("rebuilt %d tasks", rebuilt)
			}
			return err
		},
		"by its replay": func(r *rig, batch []grapevine.Change) error {
			return r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, QueueConfig{})
			id := bson.NewObjectID()
			batch := []grapevine.Change{created(id, uint32(time.Now().Unix()))}
			require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
			key := taskKey(queueWelcome, "welcome:"+id.Hex())
			require.EqualValues(t, 1, r.rdb.Del(t.Context(), key).Val())

			var mail outbox
			r.start(t, r.workerConfig(&mail))
			require.Eventually(t, func() bool { return r.rdb.HGet(t.Context(), key, "state").Val() == "active" },
				10*time.Second, 10*time.Millisecond)
			require.False(t, r.rdb.HExists(t.Context(), key, "msg").Val())

			require.NoError(t, heal(r, batch))
			r.eventually(t, 1, "completed", completed)
			require.Equal(t, []string{"welcome:" + id.Hex()}, mail.ids())
			require.Zero(t, r.size(t, func(s QueueSize) int64 { return s.Active }), "every copy of its id is gone")
			require.InDelta(t, 1, value(t, r.queue.metrics.rebuilt), 0)
		})
	}
}
