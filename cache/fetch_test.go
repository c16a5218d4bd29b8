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
	want(t, c, "contact:1", "default", always("ada"), "ada", "fwd=miss; stored")
	want(t, c, "contact:1", "default", never, "ada", "hit")
	want(t, c, "contact:1", "other", always("nobody"), "nobody", "fwd=miss; stored")
	want(t, c, "contact:2", "default", always("bob"), "bob", "fwd=miss; stored")
	require.Equal(t, cache.Stats{Hits: 1, Misses: 3, Stored: 3}, c.Stats())
}

func TestAnEmptyValueIsAValue(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	nothing := func(context.Context, grapevine.Position) ([]byte, error) { return nil, nil }
	want(t, c, "contact:1", "", nothing, "", "fwd=miss; stored")
	want(t, c, "contact:1", "", never, "", "hit")
}

// Names and values are the client's to choose; none may be taken for the scope's own bookkeeping.
func TestFieldsDoNotMeetTheBookkeeping(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	binary := "\x00\xff\r\n$-1"
	for _, field := range []string{"lease", "size", "=lease", "", "a\x00b", "ä"} {
		want(t, c, "contact:1", field, always(binary+field), binary+field, "fwd=miss; stored")
	}
	for _, field := range []string{"lease", "size", "=lease", "", "a\x00b", "ä"} {
		want(t, c, "contact:1", field, never, binary+field, "hit")
	}
}

func TestALoadThatFailsIsNotCached(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	away := errors.New("mongodb is away")
	_, _, err := c.Fetch(context.Background(), "contact:1", "x", func(context.Context, grapevine.Position) ([]byte, error) {
		return []byte("half"), away
	})
	require.Same(t, away, err)
	want(t, c, "contact:1", "x", always("whole"), "whole", "fwd=miss; stored")
}

func TestWhatIsTooLargeOrTooMuchIsAnsweredAndNotKept(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{MaxFields: 2, MaxValue: 10, MaxScope: 15})
	large := strings.Repeat("x", 11)
	want(t, c, "workspace:a", "1", always(large), large, "fwd=miss")
	want(t, c, "workspace:a", "1", always("0123456789"), "0123456789", "fwd=miss; stored")
	want(t, c, "workspace:a", "2", always("012345"), "012345", "fwd=miss") // 16 bytes in the scope
	want(t, c, "workspace:a", "2", always("01234"), "01234", "fwd=miss; stored")
	want(t, c, "workspace:a", "3", always(""), "", "fwd=miss") // 3 fields
	want(t, c, "workspace:b", "3", always(""), "", "fwd=miss; stored")
	stats := c.Stats()
	require.EqualValues(t, 1, stats.TooLarge)
	require.EqualValues(t, 2, stats.Full)

	apply(t, c, updated("1", "a", at(1)))
	want(t, c, "workspace:a", "3", always(""), "", "fwd=miss; stored") // room again
}

func TestAScopeExpires(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	c := open(t, env.RedisURL, cache.Config{TTL: 150 * time.Millisecond})
	rdb := connect(t, env.RedisURL)
	want(t, c, "contact:1", "x", always("old"), "old", "fwd=miss; stored")
	ttl := rdb.PTTL(t.Context(), "grapevine:cache:contact:1").Val()
	require.LessOrEqual(t, ttl, 150*time.Millisecond)
	require.Positive(t, ttl)
	require.Eventually(t, func() bool {
		value, status, err := c.Fetch(context.Background(), "contact:1", "x", always("new"))
		return err == nil && string(value) == "new" && status == "fwd=miss; stored"
	}, settle, 10*time.Millisecond)
}

// A lease expires with its scope: who got it before that cannot fill the scope that came after.
func TestALeaseExpiresWithItsScope(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	c := open(t, env.RedisURL, cache.Config{TTL: 50 * time.Millisecond})
	rdb := connect(t, env.RedisURL)
	value, status, err := c.Fetch(context.Background(), "contact:1", "x", func(ctx context.Context, _ grapevine.Position) ([]byte, error) {
		require.Eventually(t, func() bool { return rdb.Exists(ctx, "grapevine:cache:contact:1").Val() == 0 }, settle, 5*time.Millisecond)
		return []byte("slow"), nil
	})
	require.NoError(t, err)
	require.Equal(t, "slow", string(value))
	require.Equal(t, "fwd=miss", status)
	require.EqualValues(t, 1, c.Stats().Refused)
}

func TestTwoPrefixesDoNotMeet(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	a := open(t, env.RedisURL, cache.Config{Prefix: "a:"})
	b := open(t, env.RedisURL, cache.Config{Prefix: "b:"})
	want(t, a, "contact:1", "x", always("of a"), "of a", "fwd=miss; stored")
	want(t, b, "contact:1", "x", always("of b"), "of b", "fwd=miss; stored")
	apply(t, b, updated("1", "w", at(1)))
	want(t, a, "contact:1", "x", never, "of a", "hit")
}
