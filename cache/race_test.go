package cache_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

// slowReader holds a load open after it has read its value, so that a test decides what happens before the
// value is stored.
type slowReader struct {
	loading chan grapevine.Position // the position that the load must be after; sent once it has read its value
	release chan struct{}
	done    chan grapevine.CacheStatus
}

func readSlowly(t *testing.T, c *cache.Cache, scope, field, value string) *slowReader {
	t.Helper()
	r := &slowReader{make(chan grapevine.Position, 1), make(chan struct{}), make(chan grapevine.CacheStatus, 1)}
	go func() {
		got, status, err := c.Fetch(context.Background(), scope, field, func(_ context.Context, after grapevine.Position) ([]byte, error) {
			r.loading <- after
			<-r.release
			return []byte(value), nil
		})
		if err != nil || string(got) != value {
			status = "unexpected " + grapevine.CacheStatus(got)
		}
		r.done <- status
	}()
	return r
}

func (r *slowReader) finish() grapevine.CacheStatus {
	close(r.release)
	return <-r.done
}

// The race that plain deletion loses, step by step: read the old value, change, invalidate, store the old value.
func TestAValueFromBeforeTheChangeIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	for _, scope := range []string{"contact:1", "workspace:w"} {
		reader := readSlowly(t, c, scope, "x", "old")
		<-reader.loading
		apply(t, c, updated("1", "w", at(1)))
		require.Equal(t, grapevine.CacheMiss, reader.finish())
		want(t, c, scope, "x", always("new"), "new", grapevine.CacheStored)
	}
	require.EqualValues(t, 2, c.Stats().Refused)
}

// As above, but another reader has missed in between, so the scope exists with another lease.
func TestAValueUnderAnotherLeaseIsRefused(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	a, b := open(t, env.RedisURL, cache.Config{}), open(t, env.RedisURL, cache.Config{})
	reader := readSlowly(t, a, "contact:1", "x", "old")
	<-reader.loading
	apply(t, b, updated("1", "w", at(1)))
	want(t, b, "contact:1", "x", always("new"), "new", grapevine.CacheStored)
	require.Equal(t, grapevine.CacheMiss, reader.finish())
	want(t, a, "contact:1", "x", never, "new", grapevine.CacheHit)
}

// The same with a purge: the scope still exists, but its epoch has ended.
func TestAValueFromBeforeAPurgeIsNeverServed(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	reader := readSlowly(t, c, "contact:1", "x", "old")
	<-reader.loading
	apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(1)})
	reader.finish()
	want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheStored)
}

func TestALoadGetsThePositionOfTheNewestInvalidation(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	after := func(scope string) grapevine.Position {
		reader := readSlowly(t, c, scope, "x", "")
		defer reader.finish()
		return <-reader.loading
	}
	require.Zero(t, after("contact:1"))
	apply(t, c, updated("1", "w", at(9)))
	require.Equal(t, at(9), after("contact:2"))
	apply(t, c, updated("1", "w", at(5))) // a replay does not lower the position
	require.Equal(t, at(9), after("contact:3"))
	apply(t, c, updated("1", "w", grapevine.Position{Time: at(9).Time, N: 10}), updated("1", "w", grapevine.Position{Time: at(9).Time, N: 9}))
	require.Equal(t, grapevine.Position{Time: at(9).Time, N: 10}, after("contact:4"))
}

func TestAFlushDuringAReadLosesOnlyTheCache(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	c := open(t, env.RedisURL, cache.Config{})
	apply(t, c, updated("1", "w", at(9)))
	want(t, c, "contact:1", "x", always("old"), "old", grapevine.CacheStored)
	reader := readSlowly(t, c, "contact:2", "x", "old")
	<-reader.loading
	require.NoError(t, connect(t, env.RedisURL).FlushDB(t.Context()).Err())
	want(t, c, "contact:2", "x", always("new"), "new", grapevine.CacheStored)
	require.Equal(t, grapevine.CacheMiss, reader.finish())
	want(t, c, "contact:2", "x", never, "new", grapevine.CacheHit)
	want(t, c, "contact:1", "x", always("new"), "new", grapevine.CacheStored)

	// The watcher finds no checkpoint and starts a new event log.
	apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(20), Restart: true})
	want(t, c, "contact:1", "x", always("newer"), "newer", grapevine.CacheStored)
	require.Zero(t, c.Stats().Bypassed)
}
