//go:build fault

package fault

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// The resume token has the right time but is invalid, so MongoDB always refuses it. The watcher tries it a
// few times, not in a hot loop, and then treats it as lost history.
func TestTokenRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{instances: 1})
	l := c.startLoad()
	l.waitForWrites(150)
	i := c.instances[0]
	i.shutdown()
	token := c.rdb.HGet(t.Context(), key(grapevine.KeyCheckpoint), "token").Val()
	require.Greater(t, len(token), 40)
	require.NoError(t, c.rdb.HSet(t.Context(), key(grapevine.KeyCheckpoint), "token", token[:18]+"FFFFFFFFFFFF").Err())
	before, err := os.Stat(i.log)
	require.NoError(t, err)
	l.writeDirectly(50)
	i.boot()
	g := c.waitForHealedGap(1, 60*time.Second)
	c.logf("%s", g.Reason)
	require.LessOrEqual(t, c.sum("grapevine_watcher_stream_reopened_total"), 6.0)
	after, err := os.Stat(i.log)
	require.NoError(t, err)
	require.Less(t, after.Size()-before.Size(), int64(100<<10), "the log stays small")
	l.waitForWrites(100)
	l.endAndCheck(allowances{drainTime: 60 * time.Second})
}
