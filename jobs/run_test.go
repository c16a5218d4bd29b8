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
)

// syncBuffer takes log lines of many goroutines.
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

// A worker that is told to stop lets the task it is at end, and leaves nothing behind.
func TestStopLetsARunningTaskEnd(t *testing.T) {
	r := newRig(t, QueueConfig{})
	require.NoError(t, r.db.Client().Ping(t.Context(), nil))
	before := goleak.IgnoreCurrent()
	sending, goOn := make(chan struct{}), make(chan struct{})
	mail := outbox{fail: func(Mail) error {
		close(sending)
		<-goOn
		return nil
	}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error)
	w := NewWorker(r.rdb, r.ledger, r.workerConfig(&mail))
	go func() { ended <- w.Run(ctx) }()
	id := bson.NewObjectID()
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(id, uint32(time.Now().Unix()))}}))
	<-sending
	cancel()
	close(goOn)
	require.NoError(t, <-ended)
	require.Equal(t, done, r.row(t, id).State)
	require.EqualValues(t, 1, r.size(t, completed))
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology.(*pool).createConnections"))
}

// Redis may come up after the worker, and go away under it.
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
	r := &rig{rdb: rdb, db: env.DB(t), look: asynq.NewInspectorFromRedisClient(rdb)}
	r.ledger = NewLedger(r.db)
	r.queue = NewQueue(rdb, r.ledger, QueueConfig{})
	var mail outbox
	var log syncBuffer
	cfg := r.workerConfig(&mail)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	r.start(t, cfg)
	batch := []grapevine.Change{created(bson.NewObjectID(), uint32(time.Now().Unix()))}
	require.Error(t, r.queue.Apply(within(t, time.Second), grapevine.Batch{Changes: batch}))

	dir := t.TempDir()
	for i := range 2 {
		server, err := servers.StartRedis(t.Context(), path, dir, port)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return publish(context.Background(), rdb) == nil }, 20*time.Second, 50*time.Millisecond)
		batch = []grapevine.Change{created(bson.NewObjectID(), uint32(time.Now().Unix()))}
		require.Eventually(t, func() bool { return r.queue.Apply(context.Background(), grapevine.Batch{Changes: batch}) == nil }, 20*time.Second, 50*time.Millisecond)
		require.Eventually(t, func() bool { return len(mail.ids()) == i+1 }, 20*time.Second, 10*time.Millisecond)
		server.Kill()
	}
	require.Less(t, len(log.String()), 20_000, "no flood of log lines while Redis is away")
}

// For tasks that the recoverer archives no handler hears of it: the sweep does.
func TestSweepSpeaksOfTheArchive(t *testing.T) {
	r := newRig(t, QueueConfig{})
	var log syncBuffer
	cfg := r.workerConfig(&outbox{})
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	w := r.asWorker(t, cfg)
	n, err := w.sweepOnce(t.Context(), -1)
	require.NoError(t, err)
	require.Zero(t, n)

	id := bson.NewObjectID()
	require.NoError(t, r.queue.Apply(t.Context(), grapevine.Batch{Changes: []grapevine.Change{created(id, uint32(time.Now().Unix()))}}))
	require.NoError(t, r.look.ArchiveTask(queueWelcome, "welcome:"+id.Hex()))
	n, err = w.sweepOnce(t.Context(), n)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Contains(t, log.String(), "tasks were given up and archived")
	require.Contains(t, log.String(), "new=1")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.sweepOnce(ctx, n)
	require.ErrorIs(t, err, context.Canceled)
}
