//go:build fault

package fault

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine"
)

// The event log is trimmed, by hand or by a short EVENT_RETENTION, past the position of an instance that
// hung. XREAD continues behind the hole without an error. The instance's clients are told to re-read.
func TestEventLogTrimmed(t *testing.T) {
	t.Parallel()
	c := newCluster(t, number("SEED", 1), plan{})
	l := c.startLoad()
	l.waitForWrites(100)
	l.end()
	c.waitForDrain(l.clients, allowances{})
	ctx := t.Context()
	victim := c.standby()
	victim.freeze()
	for range 3 { // the read under way returns the first batch; the hole comes after it
		before := c.rdb.XLen(ctx, key(grapevine.KeyEvents)).Val()
		l.writeDirectly(20)
		c.eventually(20*time.Second, "the changes are in the event log", func() bool { return c.rdb.XLen(ctx, key(grapevine.KeyEvents)).Val() >= before+15 })
	}
	require.NoError(t, c.rdb.XTrimMaxLen(ctx, key(grapevine.KeyEvents), 0).Err())
	victim.thaw()
	l.writeDirectly(20)
	l.endAndCheck(allowances{})
	require.Positive(t, victim.metrics()["grapevine_ws_resyncs_total"])
	require.Empty(t, c.gaps())
}
