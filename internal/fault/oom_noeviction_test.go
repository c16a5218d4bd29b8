//go:build fault

package fault

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Redis is full and refuses writes. The pipeline waits and skips nothing. Reads and writes of contacts
// continue. When Redis has room again, everything follows.
func TestOutOfMemory(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{})
		l := c.startLoad()
		l.waitForWrites(150)
		ctx := t.Context()
		used := func() int64 {
			var n int64
			for line := range strings.Lines(c.rdb.Info(ctx, "memory").Val()) {
				if _, err := fmt.Sscanf(line, "used_memory:%d", &n); err == nil {
					break
				}
			}
			return n
		}
		before := c.checkpoint()
		require.NoError(t, c.rdb.ConfigSet(ctx, "maxmemory", fmt.Sprint(max(1, used()/2))).Err())
		c.logf("redis is full")
		l.waitForWrites(300)
		c.eventually(20*time.Second, "the batch is retried", func() bool { return c.sum("grapevine_watcher_batch_retries_total") >= 2 })
		stuck := c.checkpoint()
		for _, i := range c.instances {
			status, _, _ := i.get("/contacts?limit=10", "Workspace", "one")
			require.Equal(t, http.StatusOK, status)
		}
		c.sleep(6 * time.Second) // longer than MAX_STALENESS: reads bypass the cache, clients are told
		require.Equal(t, stuck, c.checkpoint(), "the checkpoint does not move")
		require.NoError(t, c.rdb.ConfigSet(ctx, "maxmemory", "0").Err())
		c.logf("redis has room again")
		l.waitForWrites(50)
		// The end of a task could not be reported while Redis was full.
		l.endAndCheck(allowances{drainTime: asynqRecovery})
		require.True(t, before.Before(c.checkpoint()))
		require.Empty(t, c.gaps())
	})
}
