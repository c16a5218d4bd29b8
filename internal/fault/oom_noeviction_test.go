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

// Redis is full and refuses to take more. The pipeline stalls and skips nothing; reads and writes go
// on; with room again, everything follows.
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
		c.eventually(20*time.Second, "batches are tried again", func() bool { return c.sum("grapevine_watcher_batch_retries_total") >= 2 })
		stuck := c.checkpoint()
		for _, i := range c.instances {
			status, _, _ := i.get("/contacts?limit=10", "Workspace", "one")
			require.Equal(t, http.StatusOK, status)
		}
		c.sleep(6 * time.Second) // longer than bounded staleness: reads bypass, clients are told
		require.Equal(t, stuck, c.checkpoint(), "it stands where it stood")
		require.NoError(t, c.rdb.ConfigSet(ctx, "maxmemory", "0").Err())
		c.logf("redis has room again")
		l.waitForWrites(50)
		l.endAndCheck(allowances{drainTime: 150 * time.Second})
		require.True(t, before.Before(c.checkpoint()))
		require.Empty(t, c.gaps())
	})
}
