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

// Redis is put back to a copy of its files from before a gap was healed: an older checkpoint, an older
// history, tasks that have run since, and a cache of another lineage, all at once. The replay from there
// heals it, and the ledger keeps everybody from a second welcome.
func TestRedisOlderCopy(t *testing.T) {
	t.Parallel()
	// The cache is not trusted again before what came back of it has expired.
	c := newCluster(t, number("SEED", 1), plan{env: map[string]string{"CACHE_TTL": "2s"}})
	l := c.startLoad()
	l.waitForWrites(150)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	l.end()
	c.waitForDrain(l.clients, allowances{}) // a task in a worker's hand would wait for Asynq's recoverer
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
	c.logf("redis is as it was before the gap")
	l.writeDirectly(50)
	l.endAndCheck(allowances{drainTime: 90 * time.Second})
	require.Positive(t, c.sum("grapevine_watcher_tail_lost_total")+c.sum("grapevine_watcher_fenced_total"), "somebody noticed")
}
