//go:build fault

package fault

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/servers"
)

// loseTail kills redis-server, cuts the last n bytes off its file, and starts it again. A failover to a
// replica that lags, or a crash of the machine, has the same result.
func (c *cluster) loseTail(n int64) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	c.redis.Kill()
	files, err := filepath.Glob(filepath.Join(c.dir, "redis", "appendonlydir", "*.incr.aof"))
	require.NoError(c.t, err)
	require.NotEmpty(c.t, files)
	aof := files[len(files)-1]
	info, err := os.Stat(aof)
	require.NoError(c.t, err)
	require.Greater(c.t, info.Size(), n)
	require.NoError(c.t, os.Truncate(aof, info.Size()-n))
	server, err := servers.FindRedis(ctx)
	require.NoError(c.t, err)
	fix := exec.CommandContext(ctx, server.Path)
	fix.Args = []string{"redis-check-aof", "--fix", aof} // it is the same program under another name
	fix.Stdin = bytes.NewBufferString("y\n")
	said, err := fix.CombinedOutput()
	require.NoError(c.t, err, "%s", said)
	require.NoError(c.t, c.redis.Restart(ctx))
	c.logf("redis lost its last %d bytes", n)
}

// Redis loses its last writes, twice and by different lengths. The resume token is in the same Redis as
// the queue and the event log, so all three fall back together, and the replay heals them.
func TestRedisTailLost(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		for range 2 {
			l.waitForWrites(300)
			c.loseTail(2_000 + c.rng.Int64N(60_000))
			c.waitForStreaming(30 * time.Second)
		}
		l.waitForWrites(100)
		// A task that a worker had finished is active again, and no worker runs it: it waits for Asynq's
		// recoverer.
		l.endAndCheck(allowances{drainTime: asynqRecovery})
		require.Positive(t, c.sum("grapevine_watcher_tail_lost_total")+c.sum("grapevine_watcher_fenced_total"), "somebody noticed")
	})
}
