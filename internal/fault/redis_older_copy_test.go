//go:build fault

package fault

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// Redis is restored from a copy of its files from before a gap was healed. So it has an older checkpoint,
// an older event log, tasks that have run since, and a cache of another generation, all at once. The
// replay from that checkpoint heals it, and the ledger prevents a second welcome.
func TestRedisOlderCopy(t *testing.T) {
	t.Parallel()
	// Instances use the cache again only when its restored entries have expired.
	c := newCluster(t, number("SEED", 1), plan{env: map[string]string{"CACHE_TTL": "2s"}})
	l := c.startLoad()
	l.waitForWrites(150)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	l.end()
	c.waitForDrain(l.clients, allowances{}) // a task that runs now would wait for Asynq's recoverer
	files, kept := filepath.Join(c.dir, "redis", "appendonlydir"), filepath.Join(c.dir, "kept")
	c.redis.Kill()
	require.NoError(t, os.CopyFS(kept, os.DirFS(files)))
	require.NoError(t, c.redis.Restart(ctx))
	l.writeDirectly(50)
	require.NoError(t, c.rdb.Del(ctx, key(grapevine.KeyCheckpoint)).Err())
	c.waitForHealedGap(1, 30*time.Second)
	l.writeDirectly(50)
	c.waitForDrain(l.clients, allowances{})

	c.redis.Kill()
	require.NoError(t, os.RemoveAll(files))
	require.NoError(t, os.Rename(kept, files))
	require.NoError(t, c.redis.Restart(ctx))
	c.logf("redis has its state from before the gap")
	l.writeDirectly(50)
	l.endAndCheck(allowances{drainTime: 90 * time.Second})
	require.Positive(t, c.sum("grapevine_watcher_tail_lost_total")+c.sum("grapevine_watcher_fenced_total"), "somebody noticed")
}
