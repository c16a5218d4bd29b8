package cache_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

type result struct {
	value  string
	status grapevine.CacheStatus
	err    error
}

func fetchLater(ctx context.Context, c *cache.Cache, scope, field string, load cache.Load) <-chan result {
	out := make(chan result, 1)
	go func() {
		value, status, err := c.Fetch(ctx, scope, field, load)
		out <- result{string(value), status, err}
	}()
	return out
}

func TestOneLoadServesAllWhoMissed(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	const readers = 50 // fewer than the connections of the pool
	var loads atomic.Int64
	release := make(chan struct{})
	load := func(context.Context, grapevine.Position) ([]byte, error) {
		<-release
		return fmt.Appendf(nil, "load %d", loads.Add(1)), nil
	}
	var all []<-chan result
	for range readers {
		all = append(all, fetchLater(t.Context(), c, "contact:1", "x", load))
	}
	require.Eventually(t, func() bool { return c.Stats().Misses == readers }, patience, time.Millisecond)
	close(release)
	for _, r := range all {
		require.Equal(t, result{"load 1", grapevine.CacheStored, nil}, <-r)
	}
	require.EqualValues(t, 1, loads.Load())
	require.EqualValues(t, 1, c.Stats().Stored)
}

// A reader that comes after the invalidation must not get a value that was loaded before it.
func TestALoadFromBeforeTheChangeIsNotShared(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	early := readSlowly(t, c, "contact:1", "x", "old")
	<-early.loading
	apply(t, c, updated("1", "w", at(1)))
	late := fetchLater(t.Context(), c, "contact:1", "x", always("new"))
	require.Equal(t, result{"new", grapevine.CacheStored, nil}, <-late)
	require.Equal(t, grapevine.CacheMiss, early.finish())
}

func TestAReaderThatLeavesDoesNotStopTheLoad(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	loading, release := make(chan struct{}), make(chan struct{})
	load := func(ctx context.Context, _ grapevine.Position) ([]byte, error) {
		close(loading)
		select {
		case <-release:
			return []byte("ada"), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	first := fetchLater(ctx, c, "contact:1", "x", load)
	<-loading
	second := fetchLater(t.Context(), c, "contact:1", "x", never)
	require.Eventually(t, func() bool { return c.Stats().Misses == 2 }, patience, time.Millisecond)
	leave()
	require.ErrorIs(t, (<-first).err, context.Canceled)
	close(release)
	require.Equal(t, result{"ada", grapevine.CacheStored, nil}, <-second)
}

func TestALoadIsBounded(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{LoadTimeout: 20 * time.Millisecond})
	_, _, err := c.Fetch(context.Background(), "contact:1", "x", func(ctx context.Context, _ grapevine.Position) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestAPanicInALoadIsAnError(t *testing.T) {
	t.Parallel()
	var log logBuffer
	c := open(t, realtest.New(t).RedisURL, cache.Config{Logger: log.logger()})
	_, _, err := c.Fetch(context.Background(), "contact:1", "x", func(context.Context, grapevine.Position) ([]byte, error) {
		panic("mongodb://user:secret@host")
	})
	require.EqualError(t, err, "the read of contact:1 for the cache ended in a panic")
	require.Equal(t, 1, log.count("a read for the cache ended in a panic; please report the stack as a bug"))
	want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheStored)
}

func TestACancelledReadIsNoFailureOfRedis(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for range 10 {
		_, _, err := c.Fetch(gone, "contact:1", "x", never)
		require.ErrorIs(t, err, context.Canceled)
	}
	want(t, c, "contact:1", "x", always("ada"), "ada", grapevine.CacheStored)
}

func TestNoGoroutineIsLeftAfterTheLastLoad(t *testing.T) {
	env := realtest.New(t)
	before := goleak.IgnoreCurrent()
	opened := connect(t, env.RedisURL)
	c, err := cache.New(opened, cache.Config{Prefix: prefix})
	require.NoError(t, err)
	ctx, leave := context.WithCancel(context.Background())
	release := make(chan struct{})
	loading := make(chan struct{})
	r := fetchLater(ctx, c, "contact:1", "x", func(context.Context, grapevine.Position) ([]byte, error) {
		close(loading)
		<-release
		return nil, nil
	})
	<-loading
	leave()
	<-r
	close(release)
	require.Eventually(t, func() bool { return c.Stats().Stored == 1 }, patience, time.Millisecond)
	require.NoError(t, opened.Close())
	goleak.VerifyNone(t, before)
}
