package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/api"
	"grapevine/cache"
	"grapevine/internal/mongox"
	"grapevine/internal/realtest"
	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/redisx"
	"grapevine/store"
)

// world is a server on a real MongoDB and Redis, followed as the product follows them.
type world struct {
	t     testing.TB
	url   string
	addr  string
	db    *mongo.Database
	store *store.Store
	cache *cache.Cache
	clock *grapevine.Clock
	mark  *follower
	log   *journal
}

// newWorld starts a server. change may alter its configuration before that.
func newWorld(t testing.TB, change ...func(*api.Config)) *world {
	t.Helper()
	env := realtest.New(t)
	w := &world{t: t, clock: &grapevine.Clock{}, log: &journal{}}
	client, err := mongo.Connect(options.Client().ApplyURI(env.MongoURI).SetMonitor(mongox.ClusterTimeMonitor(w.clock.Observe)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	w.db = client.Database(env.Database)
	w.store = store.New(w.db, store.Config{Clock: w.clock})
	require.NoError(t, w.store.Prepare(t.Context()))

	opt, err := redisx.ForCache(env.RedisURL)
	require.NoError(t, err)
	rdb := redis.NewClient(opt)
	t.Cleanup(func() { _ = rdb.Close() })
	w.cache = cache.New(rdb, cache.Config{Timeout: 5 * time.Second}) // a busy machine is not a Redis that is away
	w.mark = follow(t, w.db, w.cache)

	cfg := api.Config{
		Contacts: w.store, Cache: w.cache, Watermark: w.mark, Clock: w.clock,
		Logger: w.logger(),
	}
	for _, c := range change {
		c(&cfg)
	}
	w.serve(api.New(cfg))
	return w
}

func (w *world) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (w *world) serve(s *api.Server) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(w.t, err)
	w.addr = listener.Addr().String()
	w.url = "http://" + w.addr
	done := make(chan error, 1)
	go func() { done <- s.App().Listener(listener) }()
	w.t.Cleanup(func() {
		require.NoError(w.t, s.App().ShutdownWithTimeout(5*time.Second))
		require.NoError(w.t, <-done)
	})
}

// as is one request's headers.
type as map[string]string

// do makes one request over TCP, and checks request and answer against openapi.json.
func (w *world) do(method, path string, headers as, body string) *answer {
	w.t.Helper()
	var header []string
	if body != "" {
		header = []string{"Content-Type", "application/json"}
	}
	for name, value := range headers {
		header = append(header, name, value)
	}
	got, err := httpclient.New(w.url, 0).Do(context.Background(), method, path, body, header...)
	require.NoError(w.t, err)
	a := &answer{status: got.Status, header: got.Header, body: string(got.Body)}
	openAPI(w.t).Check(w.t, body, got, mounts)
	return a
}

func (w *world) get(path string, headers as) *answer {
	w.t.Helper()
	return w.do("GET", path, headers, "")
}

// create posts a contact and returns it as answered.
func (w *world) create(body string) *answer {
	w.t.Helper()
	a := w.do("POST", "/contacts", nil, body)
	require.Equal(w.t, 201, a.status, a.body)
	return a
}

// journal is a log to look into.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}
