//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The pipeline cannot continue while the oplog grows. The lag grows with it. The rest of the oplog's window
// shrinks, which causes a warning; when nothing is left, there is a gap like any other. A standby has no
// lag, not a lag of 0.
func TestHonestLag(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{mongod: tiny})
	const lag, window = "grapevine_watcher_lag_seconds", "grapevine_watcher_oplog_window_left_ratio"
	c.eventually(15*time.Second, "the window is known", func() bool { _, known := c.holder().metrics()[window]; return known })
	_, known := c.standby().metrics()[lag]
	require.False(t, known, "a standby has no lag")
	l := c.startLoad()
	l.waitForWrites(100)
	c.eventually(20*time.Second, "the lag of a pipeline that keeps up is small", func() bool { return c.sum(lag) < 2 })
	before := c.sum(lag)
	require.NoError(t, c.rdb.ConfigSet(t.Context(), "maxmemory", "1").Err()) // the pipeline cannot continue
	began := time.Now()
	c.eventually(20*time.Second, "the lag grows", func() bool { return c.sum(lag) > 4 })
	require.Less(t, c.sum(lag), before+time.Since(began).Seconds()+3, "the lag does not grow faster than time")
	c.rollOplog()
	c.eventually(30*time.Second, "the window shrinks", func() bool {
		left, known := c.holder().metrics()[window]
		return known && left < 0.25
	})
	require.True(t, c.holder().logged("the oplog is about to overtake the watcher"))
	require.NoError(t, c.rdb.ConfigSet(t.Context(), "maxmemory", "0").Err())
	c.waitForHealedGap(1, 40*time.Second)
	l.waitForWrites(50)
	// The end of a task could not be reported while Redis was full.
	l.endAndCheck(allowances{drainTime: asynqRecovery})
}
