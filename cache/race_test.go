package cache_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"grapevine"
	"grapevine/cache"
	"grapevine/internal/realtest"
)

// slowReader holds one load open at the value it read, so that a test decides what happens before
// the reader gets to fill.
type slowReader struct {
	loading chan grapevine.Position // the load has read its value; what it was told to be after
	release chan struct{}
	done    chan string // its status
}

func readSlowly(t *testing.T, c *cache.Cache, scope, field, value string) *slowReader {
	t.Helper()
	r := &slowReader{make(chan grapevine.Position, 1), make(chan struct{}), make(chan string, 1)}
	go func() {
		got, status, err := c.Fetch(context.Background(), scope, field, func(_ context.Context, after grapevine.Position) ([]byte, error) {
			r.loading <- after
			<-r.release
			return []byte(value), nil
		})
		if err != nil || string(got) != value {
			status = "unexpected " + string(got)
		}
		r.done <- status
	}()
	return r
}

func (r *slowReader) finish() string {
	close(r.release)
	return <-r.done
}

// The race that plain deletion loses, one step after the other: read old, change, invalidate, fill old.
func TestAFillFromBeforeTheChangeIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	for _, scope := range []string{"contact:1", "workspace:w"} {
		reader := readSlowly(t, c, scope, "x", "old")
		<-reader.loading
		apply(t, c, updated("1", "w", at(1)))
		require.Equal(t, "fwd=miss", reader.finish())
		want(t, c, scope, "x", always("new"), "new", "fwd=miss; stored")
	}
	require.EqualValues(t, 2, c.Stats().Refused)
}

// As above, but somebody has missed again in between: the scope is there, with another lease.
func TestAFillIntoAnotherLeaseIsRefused(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	a, b := open(t, env.RedisURL, cache.Config{}), open(t, env.RedisURL, cache.Config{})
	reader := readSlowly(t, a, "contact:1", "x", "old")
	<-reader.loading
	apply(t, b, updated("1", "w", at(1)))
	want(t, b, "contact:1", "x", always("new"), "new", "fwd=miss; stored")
	require.Equal(t, "fwd=miss", reader.finish())
	want(t, a, "contact:1", "x", never, "new", "hit")
}

// The same with everything purged: the scope is still there, of an epoch that has ended.
func TestAFillFromBeforeAPurgeIsNeverHit(t *testing.T) {
	t.Parallel()
	c := open(t, realtest.New(t).RedisURL, cache.Config{})
	reader := readSlowly(t, c, "contact:1", "x", "old")
	<-reader.loading
	apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(1)})
	reader.finish()
	want(t, c, "contact:1", "x", always("new"), "new", "fwd=miss; stored")
}

func TestALoadIsToldWhatItMustBeAfter(t *testing.T) {
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
	apply(t, c, updated("1", "w", at(5))) // a replay: time does not run back
	require.Equal(t, at(9), after("contact:3"))
	apply(t, c, updated("1", "w", grapevine.Position{Time: at(9).Time, N: 10}), updated("1", "w", grapevine.Position{Time: at(9).Time, N: 9}))
	require.Equal(t, grapevine.Position{Time: at(9).Time, N: 10}, after("contact:4"))
}

func TestAFlushInMidReadLosesNothingButTheCache(t *testing.T) {
	t.Parallel()
	env := realtest.New(t)
	c := open(t, env.RedisURL, cache.Config{})
	apply(t, c, updated("1", "w", at(9)))
	want(t, c, "contact:1", "x", always("old"), "old", "fwd=miss; stored")
	reader := readSlowly(t, c, "contact:2", "x", "old")
	<-reader.loading
	require.NoError(t, connect(t, env.RedisURL).FlushDB(t.Context()).Err())
	want(t, c, "contact:2", "x", always("new"), "new", "fwd=miss; stored")
	require.Equal(t, "fwd=miss", reader.finish())
	want(t, c, "contact:2", "x", never, "new", "hit")
	want(t, c, "contact:1", "x", always("new"), "new", "fwd=miss; stored")

	// The watcher finds its checkpoint gone and begins anew.
	apply(t, c, grapevine.Change{Op: grapevine.Resync, Position: at(20), Restart: true})
	want(t, c, "contact:1", "x", always("newer"), "newer", "fwd=miss; stored")
	require.Zero(t, c.Stats().Bypassed)
}
