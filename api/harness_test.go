package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

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

// harness is a server on a real MongoDB and Redis, with a follower of the change stream.
type harness struct {
	t         testing.TB
	url       string
	addr      string
	db        *mongo.Database
	store     *store.Store
	cache     *cache.Cache
	clock     *grapevine.Clock
	watermark *follower
	log       *logBuffer
}

// newHarness starts a server. change edits its configuration first.
func newHarness(t testing.TB, change ...func(*api.Config)) *harness {
	t.Helper()
	env := realtest.New(t)
	h := &harness{t: t, clock: &grapevine.Clock{}, log: &logBuffer{}}
	client, err := mongo.Connect(options.Client().ApplyURI(env.MongoURI).SetMonitor(mongox.ClusterTimeMonitor(h.clock.Observe)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	h.db = client.Database(env.Database)
	h.store = store.New(h.db, store.Config{Clock: h.clock})
	require.NoError(t, h.store.Prepare(t.Context()))

	server, err := redisx.Parse(env.RedisURL)
	require.NoError(t, err)
	rdb := server.CacheClient()
	t.Cleanup(func() { _ = rdb.Close() })
	h.cache, err = cache.New(rdb, cache.Config{Prefix: grapevine.KeyPrefix("test"), Timeout: 5 * time.Second}) // on a busy machine a slow Redis is not a failed one
	require.NoError(t, err)
	h.watermark = follow(t, h.db, h.cache)

	cfg := api.Config{
		Contacts: h.store, Imports: newInlineImports(h.db, h.store), Cache: h.cache, Watermark: h.watermark, Clock: h.clock,
		Logger: h.logger(),
	}
	for _, c := range change {
		c(&cfg)
	}
	h.serve(api.New(cfg))
	return h
}

func (h *harness) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (h *harness) serve(s *api.Server) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(h.t, err)
	h.addr = listener.Addr().String()
	h.url = "http://" + h.addr
	done := make(chan error, 1)
	go func() { done <- s.Serve(listener) }()
	h.t.Cleanup(func() {
		require.NoError(h.t, s.App().ShutdownWithTimeout(5*time.Second))
		require.NoError(h.t, <-done)
	})
}

// header is the headers of one request.
type header map[string]string

// do sends one request over TCP and checks the exchange against openapi.json.
func (h *harness) do(method, path string, headers header, body string) *answer {
	h.t.Helper()
	var header []string
	if body != "" {
		header = []string{"Content-Type", "application/json"}
	}
	for name, value := range headers {
		header = append(header, name, value)
	}
	got, err := httpclient.New(h.url, 0).Do(context.Background(), method, path, body, header...)
	require.NoError(h.t, err)
	a := &answer{status: got.Status, header: got.Header, body: string(got.Body)}
	openAPI(h.t).Check(h.t, body, got, mounts)
	return a
}

func (h *harness) get(path string, headers header) *answer {
	h.t.Helper()
	return h.do("GET", path, headers, "")
}

// create posts a contact and returns the answer.
func (h *harness) create(body string) *answer {
	h.t.Helper()
	a := h.do("POST", "/contacts", nil, body)
	require.Equal(h.t, 201, a.status, a.body)
	return a
}

// logBuffer keeps the log for assertions.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
