package cache_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

func TestAMissIsStoredAndThenHit(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	want(t, c, "contact:1", "default", always("ada"), "ada", grapevine.CacheStored)
	want(t, c, "contact:1", "default", never, "ada", grapevine.CacheHit)
	want(t, c, "contact:1", "other", always("nobody"), "nobody", grapevine.CacheStored)
	want(t, c, "contact:2", "default", always("bob"), "bob", grapevine.CacheStored)
	require.Equal(t, cache.Stats{Hits: 1, Misses: 3, Stored: 3}, c.Stats())
}

func TestAnEmptyValueIsAValue(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	nothing := func(context.Context, grapevine.Position) ([]byte, error) { return nil, nil }
	want(t, c, "contact:1", "", nothing, "", grapevine.CacheStored)
	want(t, c, "contact:1", "", never, "", grapevine.CacheHit)
}

// Clients choose names and values. None may be mistaken for the scope's lease and size.
func TestFieldNamesDoNotCollideWithLeaseAndSize(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	binary := "\x00\xff\r\n$-1"
	for _, field := range []string{"lease", "size", "=lease", "", "a\x00b", "ä"} {
		want(t, c, "contact:1", field, always(binary+field), binary+field, grapevine.CacheStored)
	}
	for _, field := range []string{"lease", "size", "=lease", "", "a\x00b", "ä"} {
		want(t, c, "contact:1", field, never, binary+field, grapevine.CacheHit)
	}
}

func TestALoadThatFailsIsNotCached(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	unavailable := errors.New("mongodb is unavailable")
	_, _, err := c.Fetch(context.Background(), "contact:1", "x", func(context.Context, grapevine.Position) ([]byte, error) {
		return []byte("half"), unavailable
	})
	require.Same(t, unavailable, err)
	want(t, c, "contact:1", "x", always("whole"), "whole", grapevine.CacheStored)
}

func TestValuesBeyondTheLimitsAreNotStored(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{MaxFields: 2, MaxValue: 10, MaxScope: 15})
	large := strings.Repeat("x", 11)
	want(t, c, "workspace:a", "1", always(large), large, grapevine.CacheMiss)
	want(t, c, "workspace:a", "1", always("0123456789"), "0123456789", grapevine.CacheStored)
	want(t, c, "workspace:a", "2", always("012345"), "012345", grapevine.CacheMiss) // 16 bytes in the scope
	want(t, c, "workspace:a", "2", always("01234"), "01234", grapevine.CacheStored)
	want(t, c, "workspace:a", "3", always(""), "", grapevine.CacheMiss) // 3 fields
	want(t, c, "workspace:b", "3", always(""), "", grapevine.CacheStored)
	stats := c.Stats()
	require.EqualValues(t, 1, stats.TooLarge)
	require.EqualValues(t, 2, stats.Full)

	apply(t, c, updated("1", "a", at(1)))
	want(t, c, "workspace:a", "3", always(""), "", grapevine.CacheStored) // room again
}

func TestAScopeExpires(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	c := open(t, env.RedisURL, cache.Config{TTL: 150 * time.Millisecond})
	rdb := connect(t, env.RedisURL)
	want(t, c, "contact:1", "x", always("old"), "old", grapevine.CacheStored)
	ttl := rdb.PTTL(t.Context(), prefix+"cache:contact:1").Val()
	require.LessOrEqual(t, ttl, 150*time.Millisecond)
	require.Positive(t, ttl)
	require.Eventually(t, func() bool {
		value, status, err := c.Fetch(context.Background(), "contact:1", "x", always("new"))
		return err == nil && string(value) == "new" && status == grapevine.CacheStored
	}, patience, 10*time.Millisecond)
}

// A lease expires with its scope. A reader with the old lease cannot store into the scope that follows.
func TestALeaseExpiresWithItsScope(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	c := open(t, env.RedisURL, cache.Config{TTL: 50 * time.Millisecond})
	rdb := connect(t, env.RedisURL)
	value, status, err := c.Fetch(context.Background(), "contact:1", "x", func(ctx context.Context, _ grapevine.Position) ([]byte, error) {
		require.Eventually(t, func() bool { return rdb.Exists(ctx, prefix+"cache:contact:1").Val() == 0 }, patience, 5*time.Millisecond)
		return []byte("slow"), nil
	})
	require.NoError(t, err)
	require.Equal(t, "slow", string(value))
	require.Equal(t, grapevine.CacheMiss, status)
	require.EqualValues(t, 1, c.Stats().Refused)
}

func TestTwoPrefixesAreSeparate(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	a := open(t, env.RedisURL, cache.Config{Prefix: "a:"})
	b := open(t, env.RedisURL, cache.Config{Prefix: "b:"})
	want(t, a, "contact:1", "x", always("of a"), "of a", grapevine.CacheStored)
	want(t, b, "contact:1", "x", always("of b"), "of b", grapevine.CacheStored)
	apply(t, b, updated("1", "w", at(1)))
	want(t, a, "contact:1", "x", never, "of a", grapevine.CacheHit)
}
