package cache_test

import (
	"bytes"
	"cmp"
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

// prefix is that of the tests' keys, unless a test chooses another one.
var prefix = grapevine.KeyPrefix("test")

// open makes a cache on the Redis at url, with its own client, as app does. By default it waits long for Redis,
// so that a busy machine does not look like an unavailable Redis.
func open(t testing.TB, url string, cfg cache.Config) *cache.Cache {
	t.Helper()
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
		url += "?dial_timeout=5s&pool_timeout=5s"
	}
	cfg.Prefix = cmp.Or(cfg.Prefix, prefix)
	c, err := cache.New(connect(t, url), cfg)
	require.NoError(t, err)
	return c
}

func connect(t testing.TB, url string) *redis.Client {
	t.Helper()
	server, err := redisx.Parse(url)
	require.NoError(t, err)
	rdb := server.CacheClient()
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

// want fetches and checks the value and the status.
func want(t testing.TB, c *cache.Cache, scope, field string, load cache.Load, value string, status grapevine.CacheStatus) {
	t.Helper()
	got, gotStatus, err := c.Fetch(context.Background(), scope, field, load)
	require.NoError(t, err)
	require.Equal(t, value, string(got))
	require.Equal(t, status, gotStatus)
}

// logBuffer is a log that tests read.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) count(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.buf.String(), text)
}

func (b *logBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// How long a test waits for a condition, and how often it checks.
const (
	patience = 10 * time.Second
	poll     = 10 * time.Millisecond
)
