package jobs

import (
	"errors"
	"sync/atomic"
	"testing"

	"grapevine/ledger"
	"grapevine/mail"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// A task that used up its retries is archived and counted when a replay meets it. It can be run again.
func TestArchivedTaskIsCountedAndCanRunAgain(t *testing.T) {
	r := newRig(t, QueueConfig{MaxRetry: 1})
	var broken atomic.Bool
	broken.Store(true)
	outgoing := outbox{fail: func(m mail.Message) error {
		if broken.Load() {
			return errors.New("no route to the host of " + m.To)
		}
		return nil
	}}
	w := r.start(t, r.workerConfig(&outgoing))
	id := bson.NewObjectID()
	batch := []grapevine.Change{created(id, now())}
	r.apply(t, batch...)
	r.eventually(t, 1, "archived", archived)

	info, err := r.inspector.GetTaskInfo(r.queue.names.welcome, "welcome:"+id.Hex())
	require.NoError(t, err)
	require.Contains(t, info.LastErr, "no route")
	require.NotContains(t, info.LastErr, "ada@example.org", "the dashboard shows this text")
	require.InDelta(t, 2, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")), 0)
	require.InDelta(t, 1, value(t, w.metrics.archived.WithLabelValues(TypeWelcome)), 0)

	r.apply(t, batch...)
	require.InDelta(t, 1, value(t, r.queue.metrics.archived), 0)

	broken.Store(false)
	require.NoError(t, r.inspector.RunTask(r.queue.names.welcome, "welcome:"+id.Hex()))
	r.eventually(t, 1, "completed", completed)
	require.Len(t, outgoing.ids(), 1)
	require.Equal(t, ledger.Done, r.effect(t, id).State)
	require.Equal(t, 3, r.effect(t, id).Attempt)
}

func TestPermanentFailureIsArchivedAtOnce(t *testing.T) {
	r := newRig(t, QueueConfig{})
	outgoing := outbox{fail: func(mail.Message) error { return mail.ErrPermanent }}
	w := r.start(t, r.workerConfig(&outgoing))
	r.apply(t, created(bson.NewObjectID(), now()))
	r.eventually(t, 1, "archived", archived)
	require.InDelta(t, 1, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")), 0)
}

// A bad task that somebody enqueues by hand is archived without a retry.
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
		_, err := client.Enqueue(bad, asynq.Queue(r.queue.names.welcome))
		require.NoError(t, err)
	}
	r.eventually(t, 4, "archived", archived)
	require.InDelta(t, 2, value(t, w.metrics.handled.WithLabelValues(TypeWelcome, "failed")), 0)
	require.InDelta(t, 1, value(t, w.metrics.handled.WithLabelValues("other", "failed")), 0)
}

// A handler that panics is a failed attempt and releases its claim.
func TestPanicIsAFailedAttempt(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var once atomic.Bool
	outgoing := outbox{fail: func(mail.Message) error {
		if once.CompareAndSwap(false, true) {
			panic("mailer")
		}
		return nil
	}}
	r.start(t, r.workerConfig(&outgoing))
	r.apply(t, created(bson.NewObjectID(), now()))
	r.eventually(t, 1, "completed", completed)
	require.Len(t, outgoing.ids(), 1)
}
