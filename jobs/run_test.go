package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/goleak"

	"grapevine"
	"grapevine/internal/realtest"
	"grapevine/internal/servers"
	"grapevine/ledger"
	"grapevine/mail"
)

// syncBuffer collects log lines of several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// A stopping worker finishes its running task and leaves no goroutine behind.
func TestStopWaitsForARunningTask(t *testing.T) {
	r := newRig(t, QueueConfig{})
	require.NoError(t, r.db.Client().Ping(t.Context(), nil))
	before := goleak.IgnoreCurrent()
	sending, proceed := make(chan struct{}), make(chan struct{})
	outgoing := outbox{fail: func(mail.Message) error {
		close(sending)
		<-proceed
		return nil
	}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error)
	w := r.newWorker(t, r.workerConfig(&outgoing))
	go func() { ended <- w.Run(ctx) }()
	id := bson.NewObjectID()
	r.apply(t, created(id, now()))
	<-sending
	cancel()
	close(proceed)
	require.NoError(t, <-ended)
	require.Equal(t, ledger.Done, r.effect(t, id).State)
	require.EqualValues(t, 1, r.size(t, completed))
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology.(*pool).createConnections"))
}

// Redis starts after the worker, and stops while the worker runs.
func TestWorkerOutlivesRedis(t *testing.T) {
	path, err := servers.FindRedis(t.Context())
	require.NoError(t, err)
	port, err := servers.FreePort()
	require.NoError(t, err)
	rdb := redis.NewClient(&redis.Options{
		Addr:                     "127.0.0.1:" + strconv.Itoa(port),
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = rdb.Close() })
	env := realtest.New(t)
	r := &rig{rdb: rdb, db: env.DB(t), inspector: asynq.NewInspectorFromRedisClient(rdb)}
	r.ledger = ledger.New(r.db)
	r.queue = newQueue(t, rdb, QueueConfig{})
	var outgoing outbox
	var log syncBuffer
	cfg := r.workerConfig(&outgoing)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	r.start(t, cfg)
	batch := []grapevine.Change{created(bson.NewObjectID(), now())}
	require.Error(t, r.queue.Apply(within(t, time.Second), grapevine.Batch{Changes: batch}))

	dir := t.TempDir()
	for i := range 2 {
		server, err := servers.StartRedis(t.Context(), path, dir, port)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return r.queue.register(context.Background()) == nil }, 20*time.Second, 50*time.Millisecond)
		batch = []grapevine.Change{created(bson.NewObjectID(), now())}
		require.Eventually(t, func() bool { return r.queue.Apply(context.Background(), grapevine.Batch{Changes: batch}) == nil }, 20*time.Second, 50*time.Millisecond)
		require.Eventually(t, func() bool { return len(outgoing.ids()) == i+1 }, 20*time.Second, 10*time.Millisecond)
		server.Kill()
	}
	require.Less(t, len(log.String()), 20_000, "few log lines while Redis is unavailable")
}

// Asynq calls no handler for a task that its recoverer archives. The janitor reports it.
func TestJanitorReportsArchivedTasks(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var log syncBuffer
	cfg := r.workerConfig(&outbox{})
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	w := r.newWorker(t, cfg)
	n, err := w.checkQueues(t.Context(), -1)
	require.NoError(t, err)
	require.Zero(t, n)

	id := bson.NewObjectID()
	r.apply(t, created(id, now()))
	require.NoError(t, r.inspector.ArchiveTask(r.queue.names.welcome, "welcome:"+id.Hex()))
	n, err = w.checkQueues(t.Context(), n)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Contains(t, log.String(), "tasks failed for good and are archived")
	require.Contains(t, log.String(), "new=1")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.checkQueues(ctx, n)
	require.ErrorIs(t, err, context.Canceled)
}
