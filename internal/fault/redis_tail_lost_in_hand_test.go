//go:build fault

package fault

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Redis loses exactly the writes of the current batch, just before the lease holder moves the checkpoint.
// The previous checkpoint is still there. Moving it now would lose the batch's jobs for good and silently.
func TestRedisTailLostInHand(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		c := newCluster(t, seed, plan{instances: -1, env: map[string]string{"ROLES": "api,watcher"}})
		victim := c.newInstance()
		victim.boot("CRASH_AT=before-checkpoint:stop", fmt.Sprintf("CRASH_SKIP=%d", 40+c.rng.IntN(40)))
		c.waitForStreaming(20 * time.Second)
		other := c.newInstance() // serves requests and takes no part in the pipeline
		other.env["ROLES"] = "api"
		other.boot()
		l := c.startLoad()
		c.eventually(30*time.Second, "the crash point is reached", victim.stopped)
		at := c.checkpoint()
		c.loseTail(c.sinceCheckpoint())
		require.Equal(t, at, c.checkpoint(), "the previous checkpoint is still there")
		victim.thaw()
		c.waitForStreaming(20 * time.Second)
		c.startInstance("ROLES=worker")
		l.waitForWrites(100)
		l.endAndCheck(allowances{drainTime: 60 * time.Second})
		require.Positive(t, c.sum("grapevine_watcher_batch_retries_total"), "the batch was applied again")
		require.Empty(t, c.gaps(), "no gap was necessary")
	})
}

// sinceCheckpoint is the number of bytes that Redis has written since the checkpoint last moved.
func (c *cluster) sinceCheckpoint() int64 {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.dir, "redis", "appendonlydir", "*.incr.aof"))
	require.NoError(c.t, err)
	require.NotEmpty(c.t, files)
	var aof []byte
	var moved, end int
	// Redis delays writes while the file is being synced.
	c.eventually(5*time.Second, "the batch's writes are in the file", func() bool {
		aof, err = os.ReadFile(files[len(files)-1])
		if err != nil {
			return false
		}
		moved = bytes.LastIndex(aof, []byte("savedAt"))
		// The file ends with a complete command, or with EXEC after several writes of a script.
		end = bytes.IndexByte(aof[max(0, moved):], '*')
		return moved > 0 && end > 0
	})
	if rest := aof[moved+end:]; bytes.HasPrefix(rest, []byte("*1\r\n$4\r\nEXEC\r\n")) {
		end += len("*1\r\n$4\r\nEXEC\r\n")
	}
	return int64(len(aof) - moved - end)
}
