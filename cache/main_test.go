package cache_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
	"grapevine/internal/redisx"
)

func TestMain(m *testing.M) { realtest.Main(m) }

// open makes a cache on the Redis at url, with a client of its own, as app does. Unless the test says
// otherwise it is patient, so that a busy machine is not taken for a Redis that is away.
func open(t testing.TB, url string, cfg cache.Config) *cache.Cache {
	t.Helper()
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
		url += "?dial_timeout=5s&pool_timeout=5s"
	}
	require.NoError(t, cfg.Validate())
	return cache.New(connect(t, url), cfg)
}

func connect(t testing.TB, url string) *redis.Client {
	t.Helper()
	opt, err := redisx.ForCache(url)
	require.NoError(t, err)
	rdb := redis.NewClient(opt)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// at is a position far above 2^53, where a number of Lua or JavaScript would be rounded.
func at(n uint64) grapevine.Position { return grapevine.Position{Time: 7571873042433146880 + n} }

func updated(id, workspace string, position grapevine.Position) grapevine.Change {
	c := &grapevine.Contact{ID: id, Workspace: workspace}
	return grapevine.Change{Op: grapevine.Updated, ID: id, Position: position, Before: c, After: c}
}

func apply(t testing.TB, c *cache.Cache, changes ...grapevine.Change) {
	t.Helper()
	require.NoError(t, c.Apply(context.Background(), grapevine.Batch{Changes: changes}))
}

// always is a load that returns the same value.
func always(value string) cache.Load {
	return func(context.Context, grapevine.Position) ([]byte, error) { return []byte(value), nil }
}

var errLoaded = errors.New("load was called")

func never(context.Context, grapevine.Position) ([]byte, error) { return nil, errLoaded }

// want fetches and checks both what came and how.
func want(t testing.TB, c *cache.Cache, scope, field string, load cache.Load, value, status string) {
	t.Helper()
	got, how, err := c.Fetch(context.Background(), scope, field, load)
	require.NoError(t, err)
	require.Equal(t, value, string(got))
	require.Equal(t, status, how)
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

func (j *journal) count(text string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.buf.String(), text)
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// How long a test waits for what must come, and how often it looks.
const (
	settle = 10 * time.Second
	poll   = 10 * time.Millisecond
)
