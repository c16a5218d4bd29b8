package cache_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
)

// tail is the file that Redis appends to, and its size.
func (r *ownRedis) tail(t *testing.T) (file string, size int64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir, "appendonlydir", "*.incr.aof"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	info, err := os.Stat(files[0])
	require.NoError(t, err)
	return files[0], info.Size()
}

// loseTail stops Redis, truncates its file to the size, and starts it.
func (r *ownRedis) loseTail(t *testing.T, file string, size int64) {
	t.Helper()
	r.server.Kill()
	_, now := r.tail(t)
	require.Greater(t, now, size)
	require.NoError(t, os.Truncate(file, size))
	r.start(t)
}

// An invalidated value is back. A process that saw the invalidation does not serve it. The watcher's checkpoint
// fell back too, so the watcher repeats the invalidation, and then the cache serves reads again.
func TestAScopeThatCameBackIsNotServed(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	var log logBuffer
	c := open(t, r.url, cache.Config{Logger: log.logger()})
	apply(t, c, updated("0", "w", at(1)))
	want(t, c, "contact:1", "x", always("old"), "old", grapevine.CacheStored)
	file, size := r.tail(t)
	lost := updated("1", "w", at(2))
	apply(t, c, lost)
	want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheStored)

	r.loseTail(t, file, size)
	newcomer := open(t, r.url, cache.Config{})
	want(t, newcomer, "contact:1", "x", never, "old", grapevine.CacheHit) // the value is really back
	require.Eventually(t, func() bool {
		value, status, err := c.Fetch(context.Background(), "contact:1", "x", always("new"))
		require.NoError(t, err)
		require.Equal(t, "new", string(value))
		require.Equal(t, grapevine.CacheBypass, status)
		return c.Stats().RolledBack == 1
	}, patience, poll)
	want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheBypass)
	require.Equal(t, 1, log.count("Redis lost recent writes"))

	apply(t, c, lost)
	want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheStored)
	want(t, newcomer, "contact:1", "x", never, "new", grapevine.CacheHit)
	require.Equal(t, 1, log.count("the lost invalidations are repeated; the cache"))
}

// The same for a lost purge, and for the lost beginning of another event log.
func TestALostPurgeIsNoticed(t *testing.T) {
	t.Parallel()
	for name, purge := range map[string]grapevine.Change{
		"at a new position":          {Op: grapevine.Resync, Position: at(9)},
		"at the position it was":     {Op: grapevine.Resync, Position: at(1)},
		"restart, backwards in time": {Op: grapevine.Resync, Position: grapevine.Position{Time: 1}, Restart: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startRedis(t)
			c := open(t, r.url, cache.Config{})
			apply(t, c, updated("0", "w", at(1)))
			want(t, c, "contact:1", "x", always("old"), "old", grapevine.CacheStored)
			file, size := r.tail(t)
			apply(t, c, purge)
			want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheStored)
			r.loseTail(t, file, size)
			require.Eventually(t, func() bool {
				want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheBypass)
				return c.Stats().RolledBack == 1
			}, patience, poll)
			apply(t, c, purge)
			want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheStored)
			want(t, c, "contact:1", "x", never, "new", grapevine.CacheHit)
		})
	}
}

// A lease is back with its scope. Its holder read before the lost change.
func TestAValueStoredUnderALeaseThatCameBackIsInvalidatedAgain(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	c := open(t, r.url, cache.Config{})
	apply(t, c, updated("0", "w", at(1)))
	reader := readSlowly(t, c, "contact:1", "x", "old")
	<-reader.loading
	file, size := r.tail(t)
	lost := updated("1", "w", at(2))
	apply(t, c, lost)
	want(t, c, "contact:2", "x", always(""), "", grapevine.CacheStored)
	r.loseTail(t, file, size)
	reader.finish()
	require.Eventually(t, func() bool {
		want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheBypass)
		return c.Stats().RolledBack == 1
	}, patience, poll)
	apply(t, c, lost)
	want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheStored)
}
