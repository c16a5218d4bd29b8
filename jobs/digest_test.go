package jobs

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A digest waits for the watermark, without that counting as failure, and counts its own minute.
func TestDigestWaitsForTheHistory(t *testing.T) {
	r := newRig(t, QueueConfig{})
	minute := time.Now().UTC().Truncate(time.Minute).Add(-2 * time.Minute)
	var watermark atomic.Uint32
	watermark.Store(uint32(minute.Add(59 * time.Second).Unix()))
	cfg := r.workerConfig(&outbox{})
	cfg.Watermark = func() grapevine.Position { return grapevine.At(watermark.Load(), 0, 0) }
	type asked struct {
		workspace string
		from, to  time.Time
	}
	counted := make(chan asked, 10)
	cfg.Count = func(_ context.Context, workspace string, from, to time.Time) (int64, int64, int64, error) {
		counted <- asked{workspace, from, to}
		return 3, 2, 1, nil
	}
	w := r.start(t, cfg)
	at := uint32(minute.Add(30 * time.Second).Unix())
	batch := []grapevine.Change{{Op: grapevine.Updated, Position: grapevine.At(at, 1, 0), ID: bson.NewObjectID().Hex(), After: &grapevine.Contact{Workspace: "sales"}}}
	for range 3 {
		require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	}
	notYet := w.metrics.handled.WithLabelValues(TypeDigest, "not-yet")
	require.Eventually(t, func() bool { return value(t, notYet) >= 1 }, 10*time.Second, 10*time.Millisecond)
	require.Empty(t, counted)

	watermark.Store(uint32(minute.Add(time.Minute).Unix()))
	select {
	case got := <-counted:
		require.Equal(t, asked{"sales", minute, minute.Add(time.Minute)}, got)
	case <-time.After(15 * time.Second):
		t.Fatal("the digest did not run")
	}
	var info *asynq.TaskInfo
	require.Eventually(t, func() (ok bool) {
		var err error
		info, err = r.look.GetTaskInfo(queueDigest, digestTask("sales", minute).id)
		return err == nil && info.State == asynq.TaskStateCompleted
	}, 10*time.Second, 10*time.Millisecond)
	require.Zero(t, info.Retried)
	require.Equal(t, "3 created, 2 updated, 1 deleted", string(info.Result))
	require.Greater(t, info.Retention, time.Hour, "its id outlasts the history")
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeDigest, "failed")))
}

// The first minute of a history, and the one in which a gap was healed, are never whole. Their digests
// once failed until they were archived.
func TestDigestOfAMinuteThatIsNotWhole(t *testing.T) {
	r := newRig(t, QueueConfig{})
	minute := time.Now().UTC().Truncate(time.Minute).Add(-2 * time.Minute)
	cfg := r.workerConfig(&outbox{})
	cfg.Watermark = func() grapevine.Position { return grapevine.At(uint32(time.Now().Unix()), 0, 0) }
	cfg.Count = func(context.Context, string, time.Time, time.Time) (int64, int64, int64, error) {
		return 3, 2, 1, fmt.Errorf("count: %w", ErrPartly)
	}
	w := r.start(t, cfg)
	at := uint32(minute.Add(30 * time.Second).Unix())
	batch := []grapevine.Change{{Op: grapevine.Updated, Position: grapevine.At(at, 1, 0), ID: bson.NewObjectID().Hex(), After: &grapevine.Contact{Workspace: "sales"}}}
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	require.Eventually(t, func() bool {
		info, err := r.look.GetTaskInfo(queueDigest, digestTask("sales", minute).id)
		return err == nil && string(info.Result) == "at least 3 created, 2 updated, 1 deleted"
	}, 15*time.Second, 10*time.Millisecond)
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeDigest, "failed")))
}

func TestDigestOfAMinuteLongPastIsNotEnqueued(t *testing.T) {
	now := time.Now()
	r := newRig(t, QueueConfig{Now: func() (time.Time, bool) { return now, true }})
	c := created(bson.NewObjectID(), uint32(now.Add(-2*time.Hour).Unix()))
	for range 3 {
		require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{c}}))
	}
	digests, err := r.rdb.ZCard(t.Context(), queueKey(queueDigest, "scheduled")).Result()
	require.NoError(t, err)
	require.Zero(t, digests)
	require.EqualValues(t, 1, r.size(t, pending), "a welcome is never too late")
	require.InDelta(t, 3, value(t, r.queue.metrics.late), 0)
}
