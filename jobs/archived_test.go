package jobs

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A task that used up its retries is archived, seen when a replay meets it, and can be run again.
func TestArchivedTaskIsSeenAndRunAgain(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var broken atomic.Bool
	broken.Store(true)
	mail := outbox{fail: func(m Mail) error {
		if broken.Load() {
			return errors.New("no route to the host of " + m.To)
		}
		return nil
	}}
	w := r.start(t, r.workerConfig(&mail))
	id := bson.NewObjectID()
	batch := []grapevine.Change{created(id, uint32(time.Now().Unix()))}
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	r.eventually(t, 1, "archived", archived)

	info, err := r.look.GetTaskInfo(queueWelcome, "welcome:"+id.Hex())
	require.NoError(t, err)
	require.Contains(t, info.LastErr, "no route")
	require.NotContains(t, info.LastErr, "ada@example.org", "the dashboard shows this text")
	require.InDelta(t, 2, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")), 0)
	require.InDelta(t, 1, value(t, w.metrics.archived.WithLabelValues(TypeWelcome)), 0)

	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: batch}))
	require.InDelta(t, 1, value(t, r.queue.metrics.archived), 0)

	broken.Store(false)
	require.NoError(t, r.look.RunTask(queueWelcome, "welcome:"+id.Hex()))
	r.eventually(t, 1, "completed", completed)
	require.Len(t, mail.ids(), 1)
	require.Equal(t, done, r.row(t, id).State)
	require.Equal(t, 3, r.row(t, id).Attempt)
}

func TestPermanentFailureIsArchivedAtOnce(t *testing.T) {
	r := newRig(t, QueueConfig{})
	mail := outbox{fail: func(Mail) error { return ErrPermanent }}
	w := r.start(t, r.workerConfig(&mail))
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(bson.NewObjectID(), uint32(time.Now().Unix()))}}))
	r.eventually(t, 1, "archived", archived)
	require.InDelta(t, 1, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")), 0)
}

// What somebody puts into the queue by hand is archived without a retry.
func TestBadTasksAreNotRetried(t *testing.T) {
	r := newRig(t, QueueConfig{})
	w := r.start(t, r.workerConfig(&outbox{}))
	client := asynq.NewClientFromRedisClient(r.rdb)
	for _, bad := range []*asynq.Task{
		asynq.NewTask(TypeWelcome, []byte("{")),
		asynq.NewTask(TypeWelcome, []byte(`{"contact":"everyone"}`)),
		asynq.NewTask(TypeDigest, []byte(`{"workspace":"default"}`)),
		asynq.NewTask("contact:erase", nil),
	} {
		_, err := client.Enqueue(bad)
		require.NoError(t, err)
	}
	r.eventually(t, 4, "archived", archived)
	require.InDelta(t, 2, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")), 0)
	require.InDelta(t, 1, value(t, w.metrics.handled.WithLabelValues("other", "failed")), 0)
}

// A handler that panics is a failed attempt, and gives its claim up.
func TestPanicIsAFailedAttempt(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var once atomic.Bool
	mail := outbox{fail: func(Mail) error {
		if once.CompareAndSwap(false, true) {
			panic("mailer")
		}
		return nil
	}}
	r.start(t, r.workerConfig(&mail))
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(bson.NewObjectID(), uint32(time.Now().Unix()))}}))
	r.eventually(t, 1, "completed", completed)
	require.Len(t, mail.ids(), 1)
}
