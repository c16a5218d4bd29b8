package jobs

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"grapevine/jobs/asynqx"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A digest waits for the watermark, which is not a failure, and counts its own minute.
func TestDigestWaitsForTheEventLog(t *testing.T) {
	r := newRig(t, QueueConfig{})
	minute := time.Now().UTC().Truncate(time.Minute).Add(-2 * time.Minute)
	var watermark atomic.Uint32
	watermark.Store(uint32(minute.Add(59 * time.Second).Unix()))
	cfg := r.workerConfig(&outbox{})
	cfg.Watermark = func() grapevine.Position { return grapevine.NewPosition(watermark.Load(), 0, 0) }
	type counted struct {
		workspace string
		from, to  time.Time
	}
	counts := make(chan counted, 10)
	cfg.Count = func(_ context.Context, workspace string, from, to time.Time) (int64, int64, int64, error) {
		counts <- counted{workspace, from, to}
		return 3, 2, 1, nil
	}
	w := r.start(t, cfg)
	at := uint32(minute.Add(30 * time.Second).Unix())
	batch := []grapevine.Change{{Op: grapevine.Updated, Position: grapevine.NewPosition(at, 1, 0), ID: bson.NewObjectID().Hex(), After: &grapevine.Contact{Workspace: "sales"}}}
	for range 3 {
		r.apply(t, batch...)
	}
	notYet := w.metrics.handled.WithLabelValues(TypeDigest, "not-yet")
	require.Eventually(t, func() bool { return value(t, notYet) >= 1 }, 10*time.Second, 10*time.Millisecond)
	require.Empty(t, counts)

	watermark.Store(uint32(minute.Add(time.Minute).Unix()))
	select {
	case got := <-counts:
		require.Equal(t, counted{"sales", minute, minute.Add(time.Minute)}, got)
	case <-time.After(15 * time.Second):
		t.Fatal("the digest did not run")
	}
	var info *asynq.TaskInfo
	require.Eventually(t, func() (ok bool) {
		var err error
		info, err = r.inspector.GetTaskInfo(r.queue.names.low, digestTask("sales", minute).id)
		return err == nil && info.State == asynq.TaskStateCompleted
	}, 10*time.Second, 10*time.Millisecond)
	require.Zero(t, info.Retried)
	require.Equal(t, "3 created, 2 updated, 1 deleted", string(info.Result))
	require.Greater(t, info.Retention, time.Hour, "the id stays taken for longer than the event log reaches back")
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeDigest, "failed")))
}

// The event log holds only a part of its first minute, and of the minute in which a gap ended. The digests of
// such minutes once failed until they were archived.
func TestDigestOfAPartialMinute(t *testing.T) {
	r := newRig(t, QueueConfig{})
	minute := time.Now().UTC().Truncate(time.Minute).Add(-2 * time.Minute)
	cfg := r.workerConfig(&outbox{})
	cfg.Watermark = func() grapevine.Position { return grapevine.NewPosition(now(), 0, 0) }
	cfg.Count = func(context.Context, string, time.Time, time.Time) (int64, int64, int64, error) {
		return 3, 2, 1, fmt.Errorf("count: %w", grapevine.ErrPartial)
	}
	w := r.start(t, cfg)
	at := uint32(minute.Add(30 * time.Second).Unix())
	batch := []grapevine.Change{{Op: grapevine.Updated, Position: grapevine.NewPosition(at, 1, 0), ID: bson.NewObjectID().Hex(), After: &grapevine.Contact{Workspace: "sales"}}}
	r.apply(t, batch...)
	require.Eventually(t, func() bool {
		info, err := r.inspector.GetTaskInfo(r.queue.names.low, digestTask("sales", minute).id)
		return err == nil && string(info.Result) == "at least 3 created, 2 updated, 1 deleted"
	}, 15*time.Second, 10*time.Millisecond)
	require.Zero(t, value(t, w.metrics.handled.WithLabelValues(TypeDigest, "failed")))
}

func TestDigestOfAnOldMinuteIsNotEnqueued(t *testing.T) {
	now := time.Now()
	r := newRig(t, QueueConfig{Now: func() (time.Time, bool) { return now, true }})
	c := created(bson.NewObjectID(), uint32(now.Add(-2*time.Hour).Unix()))
	for range 3 {
		r.apply(t, c)
	}
	digests, err := r.rdb.ZCard(t.Context(), asynqx.QueueKey(r.queue.names.low, "scheduled")).Result()
	require.NoError(t, err)
	require.Zero(t, digests)
	require.EqualValues(t, 1, r.size(t, pending), "a welcome is never too old")
	require.InDelta(t, 3, value(t, r.queue.metrics.oldDigests), 0)
}
