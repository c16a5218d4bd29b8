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

// tail is the file Redis appends to, and how long it is now: what a failover keeps of it.
func (r *ownRedis) tail(t *testing.T) (file string, size int64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir, "appendonlydir", "*.incr.aof"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	info, err := os.Stat(files[0])
	require.NoError(t, err)
	return files[0], info.Size()
}

// loseTail ends Redis and starts it with what it had written up to size.
func (r *ownRedis) loseTail(t *testing.T, file string, size int64) {
	t.Helper()
	r.server.Kill()
	_, now := r.tail(t)
	require.Greater(t, now, size)
	require.NoError(t, os.Truncate(file, size))
	r.start(t)
}

// What was forgotten has come back. A process that knew better serves none of it; the watcher, whose
// checkpoint fell back with it, replays; then all is as it was.
func TestAScopeThatCameBackIsNotServed(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	var log journal
	c := open(t, r.url, cache.Config{Logger: log.logger()})
	apply(t, c, updated("0", "w", at(1)))
	want(t, c, "contact:1", "x", always("old"), "old", "fwd=miss; stored")
	file, size := r.tail(t)
	lost := updated("1", "w", at(2))
	apply(t, c, lost)
	want(t, c, "contact:1", "x", always("new"), "new", "fwd=miss; stored")

	r.loseTail(t, file, size)
	newcomer := open(t, r.url, cache.Config{})
	want(t, newcomer, "contact:1", "x", never, "old", "hit") // it has really come back
	require.Eventually(t, func() bool {
		value, status, err := c.Fetch(context.Background(), "contact:1", "x", always("new"))
		require.NoError(t, err)
		require.Equal(t, "new", string(value))
		require.Equal(t, "fwd=bypass", status)
		return c.Stats().FellBack == 1
	}, settle, poll)
	want(t, c, "contact:1", "x", always("new"), "new", "fwd=bypass")
	require.Equal(t, 1, log.count("redis lost the end"))

	apply(t, c, lost)
	want(t, c, "contact:1", "x", always("new"), "new", "fwd=miss; stored")
	want(t, newcomer, "contact:1", "x", never, "new", "hit")
	require.Equal(t, 1, log.count("redis has caught up"))
}

// The same where what was lost is a purge, or the beginning of another history.
func TestAPurgeThatIsLostIsNoticed(t *testing.T) {
	t.Parallel()
	for name, purge := range map[string]grapevine.Change{
		"at a new position":       {Op: grapevine.Resync, Position: at(9)},
		"at the position it was":  {Op: grapevine.Resync, Position: at(1)},
		"anew, backwards in time": {Op: grapevine.Resync, Position: grapevine.Position{Time: 1}, Restart: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startRedis(t)
			c := open(t, r.url, cache.Config{})
			apply(t, c, updated("0", "w", at(1)))
			want(t, c, "contact:1", "x", always("old"), "old", "fwd=miss; stored")
			file, size := r.tail(t)
			apply(t, c, purge)
			want(t, c, "contact:1", "x", always("new"), "new", "fwd=miss; stored")
			r.loseTail(t, file, size)
			require.Eventually(t, func() bool {
				want(t, c, "contact:1", "x", always("new"), "new", "fwd=bypass")
				return c.Stats().FellBack == 1
			}, settle, poll)
			apply(t, c, purge)
			want(t, c, "contact:1", "x", always("new"), "new", "fwd=miss; stored")
			want(t, c, "contact:1", "x", never, "new", "hit")
		})
	}
}

// A lease that came back with its scope: its holder read before the change that was lost.
func TestAFillIntoALeaseThatCameBackIsGoneAfterTheReplay(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	c := open(t, r.url, cache.Config{})
	apply(t, c, updated("0", "w", at(1)))
	reader := readSlowly(t, c, "contact:1", "x", "old")
	<-reader.loading
	file, size := r.tail(t)
	lost := updated("1", "w", at(2))
	apply(t, c, lost)
	want(t, c, "contact:2", "x", always(""), "", "fwd=miss; stored")
	r.loseTail(t, file, size)
	reader.finish()
	require.Eventually(t, func() bool {
		want(t, c, "contact:1", "x", always("new"), "new", "fwd=bypass")
		return c.Stats().FellBack == 1
	}, settle, poll)
	apply(t, c, lost)
	want(t, c, "contact:1", "x", always("new"), "new", "fwd=miss; stored")
}
